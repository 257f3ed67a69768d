using System.Text.Json;
using Affekt.Models.Text;
using Affekt.Models.Tokenizers;

namespace Affekt.Tests.Published;

/// <summary>Tokenizers of published families, against the ids that Hugging Face's transformers gives.</summary>
public sealed class ZooTokenizerTests
{
    private const int Longest = 128;

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    [InlineData("roberta")]
    [InlineData("roberta-multilabel")]
    [InlineData("xlm-roberta")]
    [InlineData("electra")]
    public void Every_text_has_the_reference_ids(string name)
    {
        string folder = TestPaths.Shared($"data/fixtures/zoo/{name}");
        TextTokenizer tokenizer = TextTokenizer.Load(folder, Longest);

        AssertIds(tokenizer, folder);
    }

    [Fact]
    public void A_SentencePiece_model_alone_gives_the_same_ids()
    {
        string folder = TestPaths.Shared("data/fixtures/zoo/xlm-roberta");
        using TemporaryFolder older = new();
        File.Copy(Path.Combine(folder, "sentencepiece.bpe.model"), older.At("sentencepiece.bpe.model"));

        AssertIds(TextTokenizer.Load(older.Path, Longest), folder);
    }

    private static void AssertIds(TextTokenizer tokenizer, string folder)
    {
        using JsonDocument texts = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "texts.json")));
        Assert.NotEqual(0, texts.RootElement.GetArrayLength());
        foreach (JsonElement text in texts.RootElement.EnumerateArray())
        {
            long[] expected = [.. text.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64())];
            string written = text.GetProperty("text").GetString()!;
            TokenSequence found = tokenizer.Encode(written);
            Assert.True(expected.AsSpan().SequenceEqual(found.Ids.Span), $"{written}: {string.Join(' ', found.Ids.ToArray())} for {string.Join(' ', expected)}");
        }
    }
}
