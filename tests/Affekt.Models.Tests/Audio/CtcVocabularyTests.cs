using Affekt.Models;
using Affekt.Models.Audio;

namespace Affekt.Tests.Audio;

/// <summary>Decoding by the rules of connectionist temporal classification; the reference's transcripts are elsewhere.</summary>
public sealed class CtcVocabularyTests : IDisposable
{
    private const string Vocabulary = """{"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "|": 4, "A": 5, "B": 6}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(new long[] { }, "")]
    [InlineData(new long[] { 0, 0 }, "")]
    [InlineData(new long[] { 5, 5, 6, 6, 6 }, "AB")]
    [InlineData(new long[] { 5, 0, 5, 5, 0, 0, 6 }, "AAB")]
    [InlineData(new long[] { 4, 4, 5, 4, 4, 6, 0, 4 }, "A B")]
    [InlineData(new long[] { 5, 4, 0, 4, 6 }, "A  B")]
    [InlineData(new long[] { 1, 5, 2, 99 }, "<s>A</s><unk>")]
    public void Runs_join_blanks_go_and_delimiters_become_spaces(long[] ids, string expected) =>
        Assert.Equal(expected, Load(Vocabulary).Decode(ids));

    [Theory]
    [InlineData(new long[] { 1, 5, 2, 99, 6 }, "AB")]
    [InlineData(new long[] { 5, 2, 5 }, "A")]
    [InlineData(new long[] { 5, 0, 5, 4, 6 }, "AA B")]
    public void Special_tokens_can_be_left_out(long[] ids, string expected) =>
        Assert.Equal(expected, Load(Vocabulary).Decode(ids, skipSpecialTokens: true));

    [Fact]
    public void A_tokenizers_configuration_names_the_tokens_and_the_case()
    {
        CtcVocabulary vocabulary = Load(
            """{"[PAD]": 0, "_": 1, "A": 2}""",
            """
            {"pad_token": {"content": "[PAD]", "lstrip": true}, "word_delimiter_token": "_", "bos_token": null,
             "replace_word_delimiter_char": "-", "do_lower_case": true}
            """);
        Assert.Equal("a-aa", vocabulary.Decode([2, 1, 2, 0, 2]));
    }

    [Theory]
    [InlineData("[]", null, "vocab.json")]
    [InlineData("""{"eng": {"<pad>": 0}}""", null, "eng")]
    [InlineData("""{"<pad>": 0, "A": 1, "B": 1}""", null, "id 1")]
    [InlineData("{}", null, "<pad>")]
    [InlineData(Vocabulary, """{"pad_token": "[PAD]"}""", "[PAD]")]
    [InlineData(Vocabulary, """{"pad_token": null}""", "pad_token")]
    [InlineData(Vocabulary, """{"pad_token": 0}""", "tokenizer_config.json")]
    public void What_cannot_be_decoded_with_is_refused(string vocabulary, string? configuration, string place) =>
        Assert.Contains(
            place, Assert.Throws<ModelException>(() => Load(vocabulary, configuration)).Message, StringComparison.Ordinal);

    private CtcVocabulary Load(string vocabulary, string? configuration = null)
    {
        File.WriteAllText(_folder.At("vocab.json"), vocabulary);
        if (configuration is not null)
            File.WriteAllText(_folder.At("tokenizer_config.json"), configuration);
        return CtcVocabulary.Load(_folder.Path);
    }
}
