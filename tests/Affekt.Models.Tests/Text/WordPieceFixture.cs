using System.Text.Json;
using Affekt.Models.Text;

namespace Affekt.Tests.Text;

/// <summary>One row of texts with the ids that Hugging Face's tokenizers gave them.</summary>
internal sealed record WordPieceFixture(string Text, string? Pair, long[]? Uncased, long[]? Cased, long[]? Types)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    public static List<WordPieceFixture> Read(string path) =>
        [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<WordPieceFixture>(line, _json)!)];

    public TokenSequence Encode(WordPieceTokenizer tokenizer) =>
        Pair is null ? tokenizer.Encode(Text) : tokenizer.Encode(Text, Pair);
}
