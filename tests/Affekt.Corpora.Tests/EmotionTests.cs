namespace Affekt.Corpora.Tests;

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

    [Theory]
    [InlineData("17-20", new[] { 17, 18, 19, 20 })]
    [InlineData("3", new[] { 3 })]
    [InlineData("5-6, 1,5", new[] { 1, 5, 6 })]
    public void A_list_of_speakers_holds_numbers_and_ranges(string list, int[] expected) =>
        Assert.Equal(expected, SpeakerList.Parse(list).Numbers);

    [Theory]
    [InlineData("")]
    [InlineData("1,")]
    [InlineData("20-17")]
    [InlineData("1-2-3")]
    [InlineData("-3")]
    [InlineData("0")]
    [InlineData("1-99999999999")]
    [InlineData("actor 3")]
    public void A_list_of_speakers_that_makes_no_sense_is_an_error(string list) =>
        Assert.Equal("speakers", Assert.Throws<CorpusException>(() => SpeakerList.Parse(list)).Field);
}
