using System.Text.Json;
using Affekt.Recognition;

namespace Affekt.Tests;

public sealed class LabelSetTests
{
    [Fact]
    public void Labels_are_read_from_a_list_or_by_the_name_of_a_set()
    {
        Assert.Same(LabelSet.Emotions, LabelSet.Parse("emotions"));
        Assert.Equal(["neutral", "positive", "negative"], LabelSet.Parse("sentiments").Names);
        Assert.Equal(["calm", "bored"], LabelSet.Parse("calm, bored").Names);
        Assert.Equal(LabelSet.Of(["calm", "bored"]), LabelSet.Parse("calm,bored"));
    }

    [Theory]
    [InlineData("calm")]
    [InlineData("calm,")]
    [InlineData("calm,CALM")]
    public void One_label_a_blank_one_and_one_twice_are_no_set(string text) => Assert.Throws<ArgumentException>(() => LabelSet.Parse(text));

    // "excited" is not silently joy, and "glad" not silently happy.
    [Fact]
    public void A_label_is_found_by_its_name_or_by_the_emotion_that_both_name_and_by_nothing_else()
    {
        LabelSet set = LabelSet.Of(["Happy", "sad", "excited"]);

        Assert.True(set.TryFind("EXCITED", out int excited));
        Assert.True(set.TryFind("joy", out int joy));
        Assert.Equal(("excited", "Happy"), (set[excited], set[joy]));
        Assert.Equal((2, 0), (excited, joy));
        Assert.False(set.TryFind("anger", out int none));
        Assert.Equal(-1, none);
        Assert.False(set.TryFind("glad", out _));
        Assert.False(LabelSet.Of(["happy", "joy of others", "joyful", "joy", "happiness"]).TryFind("hap", out _));
    }

    [Fact]
    public void Probabilities_of_other_labels_go_through_JSON_by_their_names_and_are_no_emotion()
    {
        EmotionProbabilities said = new([0.2, 0.1, 0.7], LabelSet.Sentiments);

        string json = JsonSerializer.Serialize(said);
        EmotionProbabilities read = JsonSerializer.Deserialize<EmotionProbabilities>(json)!;

        Assert.Equal("""{"neutral":0.2,"positive":0.1,"negative":0.7}""", json);
        Assert.Equal((LabelSet.Sentiments, "negative", 0.7), (read.Labels, read.TopLabel, read.Confidence));
        Assert.Contains("positive", Assert.Throws<InvalidOperationException>(() => read.Top).Message);
        Assert.Throws<InvalidOperationException>(() => read[Emotion.Sadness]);
    }

    [Theory]
    [InlineData("""{"joy":1}""")]
    [InlineData("""{"calm":0.5,"bored":"much"}""")]
    [InlineData("[0.5,0.5]")]
    public void What_is_no_set_of_probabilities_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<EmotionProbabilities>(json));

    [Fact]
    public void The_seven_are_known_in_any_order()
    {
        EmotionProbabilities read = JsonSerializer.Deserialize<EmotionProbabilities>(
            """{"surprise":0.4,"neutral":0.1,"joy":0.1,"sadness":0.1,"anger":0.1,"fear":0.1,"disgust":0.1}""")!;

        Assert.Equal(Emotion.Surprise, read.Top);
    }
}
