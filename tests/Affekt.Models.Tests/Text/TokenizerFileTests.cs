using Affekt.Models.Text;

namespace Affekt.Tests.Text;

public sealed class TokenizerFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_needs_no_configuration_beside_its_vocabulary()
    {
        Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n");

        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(_folder);

        Assert.Equal(new WordPieceOptions(), tokenizer.Options);
        Assert.Equal(5, tokenizer.Vocabulary.Count);
        Assert.Equal([2L, 4, 3], tokenizer.Encode("HELLO").Ids.ToArray());
    }

    [Fact]
    public void A_folder_is_read_with_its_configuration()
    {
        Write("vocab.txt", "<p>\n<u>\n<c>\n<s>\nhello\n");
        Write("tokenizer_config.json", """
            {
              "do_lower_case": false, "strip_accents": null, "tokenize_chinese_chars": false, "model_max_length": 128,
              "unk_token": "<u>", "sep_token": {"content": "<s>", "lstrip": false}, "cls_token": "<c>", "pad_token": "<p>",
              "mask_token": "<m>", "tokenizer_class": "BertTokenizer"
            }
            """);

        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(_folder);

        Assert.Equal((false, null, false, 128), (tokenizer.Options.LowerCase, tokenizer.Options.StripAccents,
            tokenizer.Options.SeparateIdeographs, tokenizer.Options.MaxLength));
        Assert.Equal(0, tokenizer.PaddingId);
        Assert.Equal([2L, 4, 1, 3, 3], tokenizer.Encode("hello HELLO <s>").Ids.ToArray());
    }

    [Fact]
    public void A_length_without_limit_reads_as_the_default() =>
        Assert.Equal(512, WordPieceOptions.Read(Write("c.json", """{"model_max_length": 1000000000000000019884624838656}"""))
            .MaxLength);

    [Theory]
    [InlineData("""{"do_lower_case": "yes"}""", "do_lower_case")]
    [InlineData("""{"model_max_length": 2}""", "model_max_length")]
    [InlineData("""{"model_max_length": "long"}""", "model_max_length")]
    [InlineData("""{"unk_token": 7}""", "unk_token")]
    [InlineData("""{"unk_token": {"lstrip": false}}""", "unk_token")]
    [InlineData("""{"unk_token": "\ud800"}""", "c.json")]
    [InlineData("[]", "object")]
    [InlineData("{", "c.json")]
    public void A_configuration_that_cannot_be_used_is_refused_by_field(string json, string named)
    {
        string path = Write("c.json", json);

        TokenizerException error = Assert.Throws<TokenizerException>(() => WordPieceOptions.Read(path));

        Assert.Contains(named, error.Message);
        Assert.Contains(path, error.Message);
    }

    [Fact]
    public void A_vocabulary_that_is_absent_is_refused_by_path()
    {
        TokenizerException error = Assert.Throws<TokenizerException>(() => WordPieceTokenizer.Load(_folder));

        Assert.Contains(_folder.At("vocab.txt"), error.Message);
    }

    [Fact]
    public void A_vocabulary_that_is_empty_or_no_text_is_refused()
    {
        Assert.Throws<TokenizerException>(() => WordPieceVocabulary.Load(Write("empty.txt", "")));
        string binary = _folder.At("binary.txt");
        File.WriteAllBytes(binary, [0xC3, 0x28, 0x0A]);
        Assert.Throws<TokenizerException>(() => WordPieceVocabulary.Load(binary));
    }

    private string Write(string name, string content)
    {
        string path = _folder.At(name);
        File.WriteAllText(path, content);
        return path;
    }
}
