namespace Affekt.Tests;

public sealed class EmotionTests
{
    [Fact]
    public void Labels_stand_in_the_order_that_every_file_uses()
    {
        Assert.Equal(["neutral", "joy", "sadness", "anger", "fear", "disgust", "surprise"], Emotions.Labels);
        Assert.Equal(Emotions.Labels, Enum.GetValues<Emotion>().Select(emotion => emotion.Label()));
        Assert.Equal(Emotions.Count, Emotions.Labels.Count);
    }

    [Theory]
    [InlineData("Neutral", Emotion.Neutral)]
    [InlineData(" happy ", Emotion.Joy)]
    [InlineData("SAD", Emotion.Sadness)]
    [InlineData("angry", Emotion.Anger)]
    [InlineData("fearful", Emotion.Fear)]
    [InlineData("disgust", Emotion.Disgust)]
    [InlineData("ps", Emotion.Surprise)]
    public void Usual_synonyms_are_understood(string name, Emotion expected)
    {
        Assert.True(Emotions.TryParse(name, out Emotion emotion));
        Assert.Equal(expected, emotion);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("calm")]
    [InlineData("1")]
    public void Other_names_are_refused(string? name) => Assert.False(Emotions.TryParse(name, out _));
}
