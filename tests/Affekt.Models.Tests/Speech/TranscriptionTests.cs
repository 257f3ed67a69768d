using Affekt.Models.Speech;

namespace Affekt.Tests.Speech;

public sealed class TranscriptionTests
{
    [Theory]
    [InlineData("1411111111111111111111111111111")]
    [InlineData("Thank you. Thank you. Thank you. Thank you. Thank you. Thank you. Thank you. Thank you.")]
    [InlineData("So I said, the one the one the one the one the one the one the one the one the one the one")]
    public void Words_that_repeat_without_end_are_not_believed(string words) =>
        Assert.False(new Transcription(words, -0.1).IsUnderstood);

    [Theory]
    [InlineData("No, no, no, no, no!")]
    [InlineData("Ha ha ha ha ha ha ha!")]
    [InlineData("Kids are talking by the door.")]
    [InlineData("I said go. I said go now! Get out, get out, get out.")]
    public void Words_that_people_repeat_are_believed(string words) =>
        Assert.True(new Transcription(words, -0.3).IsUnderstood);

    [Fact]
    public void Words_that_the_network_is_unsure_of_are_not_believed()
    {
        Assert.False(new Transcription("Richiest, bounaneous, pajonic.", -1.017).IsUnderstood);
        Assert.True(new Transcription("Hey.", -0.548).IsUnderstood);
        Assert.False(new Transcription(null, 0).IsUnderstood);
    }
}
