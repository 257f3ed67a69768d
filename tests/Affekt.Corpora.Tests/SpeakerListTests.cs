namespace Affekt.Corpora.Tests;

public sealed class SpeakerListTests
{
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
