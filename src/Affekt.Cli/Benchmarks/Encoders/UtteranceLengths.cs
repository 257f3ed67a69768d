using System.Text.Json;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>How long utterances are that were drawn from MELD: bench/meld-lengths.json.</summary>
/// <param name="Tokens">WordPiece tokens with [CLS] and [SEP], one number for each utterance.</param>
/// <param name="Milliseconds">Their durations.</param>
internal sealed record UtteranceLengths(IReadOnlyList<int> Tokens, IReadOnlyList<int> Milliseconds)
{
    private const int LeastTokens = 3;
    private const int LeastMilliseconds = 100;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads the file.</summary>
    /// <exception cref="CommandException">It cannot be read, or is something else.</exception>
    public static UtteranceLengths Load(string file)
    {
        try
        {
            UtteranceLengths lengths = JsonSerializer.Deserialize<UtteranceLengths>(File.ReadAllBytes(file), _json)!;
            if (lengths.Tokens.Count > 0 && lengths.Tokens.Count == lengths.Milliseconds.Count
                && lengths.Tokens.All(n => n >= LeastTokens) && lengths.Milliseconds.All(n => n >= LeastMilliseconds))
            {
                return lengths;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CommandException($"{file}: found {e.Message}, expected lengths of utterances");
        }

        throw new CommandException(
            $"{file}: expected as many tokens (from {LeastTokens}) as milliseconds (from {LeastMilliseconds}), at least one");
    }

    /// <summary>The first utterances only.</summary>
    public UtteranceLengths Take(int count) => new([.. Tokens.Take(count)], [.. Milliseconds.Take(count)]);
}
