using System.Text.Json;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>
/// The branches' answers as a JSONL file: computed once, read by every training of the fusion, and open to inspection.
/// The first line holds the key of what they were computed from; another key is another computation.
/// </summary>
internal static class AnswerFile
{
    private const string Schema = "affekt.branch-answers/1";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The kept answers; null where there are none of this key.</summary>
    /// <exception cref="RecipeException">The file is damaged.</exception>
    public static IReadOnlyList<AnsweredPair>? TryRead(string file, string key) => File.Exists(file) ? Read(file, key) : null;

    /// <summary>The kept answers, whatever they were computed from.</summary>
    /// <exception cref="RecipeException">The file is missing, damaged, or holds something else.</exception>
    public static IReadOnlyList<AnsweredPair> Read(string file) => (File.Exists(file) ? Read(file, null) : null)
        ?? throw new RecipeException(file, null, "no answers of branches and experts", "what a run of the task fusion keeps");

    private static List<AnsweredPair>? Read(string file, string? key)
    {
        int line = 1;
        try
        {
            using IEnumerator<string> lines = File.ReadLines(file).GetEnumerator();
            if (!lines.MoveNext() || JsonSerializer.Deserialize<Header>(lines.Current, _json) is not { } header
                || header != new Header(Schema, key ?? header.Key))
            {
                return null;
            }

            List<AnsweredPair> pairs = [];
            while (lines.MoveNext())
            {
                line++;
                AnsweredPair pair = JsonSerializer.Deserialize<AnsweredPair>(lines.Current, _json)
                    ?? throw new JsonException("null");
                int labels = (pairs.Count > 0 ? pairs[0] : pair).Video.Count;
                if (labels < 2 || pair.AudioText.Count != labels || pair.Video.Count != labels || (pair.Text ?? pair.Video).Count != labels
                    || (pair.Audio ?? pair.Video).Count != labels || pair.Truth < 0 || pair.Truth >= labels)
                    throw new JsonException($"{pair.AudioText.Count} and {pair.Video.Count} probabilities of label {pair.Truth}");
                pairs.Add(pair);
            }

            return pairs;
        }
        catch (JsonException e)
        {
            throw new RecipeException(file, $"line {line}", e.Message, "as many probabilities of each branch as there are labels; remove the file to compute anew", e);
        }
    }

    /// <summary>Writes answers, replacing a file that is there only once all is written.</summary>
    public static void Write(string file, string key, IEnumerable<AnsweredPair> pairs) => AtomicFile.Write(file, stream =>
    {
        JsonSerializer.Serialize(stream, new Header(Schema, key), _json);
        stream.WriteByte((byte)'\n');
        foreach (AnsweredPair pair in pairs)
        {
            JsonSerializer.Serialize(stream, pair, _json);
            stream.WriteByte((byte)'\n');
        }
    });

    private sealed record Header(string Schema, string Key);
}
