using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Corpora;

/// <summary>The speakers that a model knows, and so the sizes of the metadata categories. Immutable.</summary>
public sealed class MetadataVocabulary
{
    /// <summary>The value of the JSON form's field "schema".</summary>
    public const string Schema = "affekt.metadata/1";

    private readonly Dictionary<string, int> _indexes = [];

    /// <summary>A vocabulary of these speakers, each named once, in the order of their indexes.</summary>
    public MetadataVocabulary(IReadOnlyList<string> speakers)
    {
        Speakers = speakers;
        Sizes =
        [
            speakers.Count + 1, MetadataTracker.PositionSize, MetadataTracker.MaxSpeakerCount + 1, 3, MetadataTracker.DurationSize,
        ];
        foreach (string speaker in speakers)
        {
            _indexes.Add(speaker, _indexes.Count + 1);
        }
    }

    /// <summary>A vocabulary that knows no speaker.</summary>
    public static MetadataVocabulary Empty { get; } = new([]);

    /// <summary>The known speakers; the one at i has index i + 1.</summary>
    public IReadOnlyList<string> Speakers { get; }

    /// <summary>
    /// How many values each category has, unknown included, in the order of <see cref="MetadataFeatures.Names"/>: the
    /// rows of an embedding table.
    /// </summary>
    public IReadOnlyList<int> Sizes { get; }

    /// <summary>
    /// Learns the speakers with at least <paramref name="minimumUtterances"/> training utterances, the most frequent
    /// first, by name where equal. Dialogues of other splits are not looked at.
    /// </summary>
    public static MetadataVocabulary Learn(IEnumerable<Dialogue> dialogues, int minimumUtterances = 10)
    {
        IEnumerable<string> speakers = dialogues
            .Where(dialogue => dialogue.Split == Split.Train)
            .SelectMany(dialogue => dialogue.Utterances)
            .Select(utterance => utterance.Speaker)
            .OfType<string>()
            .CountBy(speaker => speaker)
            .Where(speaker => speaker.Value >= minimumUtterances)
            .OrderByDescending(speaker => speaker.Value)
            .ThenBy(speaker => speaker.Key, StringComparer.Ordinal)
            .Select(speaker => speaker.Key);
        return new MetadataVocabulary([.. speakers]);
    }

    /// <summary>The speaker's index, from 1; 0 where the model does not know the speaker, or none is given.</summary>
    public int IndexOf(string? speaker) => speaker is null ? 0 : _indexes.GetValueOrDefault(speaker);

    /// <summary>The JSON form: <c>{"schema":"affekt.metadata/1","speakers":[...]}</c>.</summary>
    public string ToJson() =>
        JsonSerializer.Serialize(new VocabularyJson(Schema, Speakers), VocabularyJsonContext.Default.VocabularyJson);

    /// <summary>Reads the JSON form.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">The file that it came from, for the error's message.</param>
    /// <exception cref="CorpusException">The text is not that form, or names a speaker twice.</exception>
    public static MetadataVocabulary FromJson(string json, string? file = null)
    {
        VocabularyJson? read;
        try
        {
            read = JsonSerializer.Deserialize(json, VocabularyJsonContext.Default.VocabularyJson);
        }
        catch (JsonException error)
        {
            int? line = error.LineNumber is { } before ? (int)before + 1 : null;
            throw new CorpusException(CorpusException.Quote(json), "a metadata vocabulary in JSON", file, line, cause: error);
        }

        if (read?.Schema != Schema)
        {
            throw new CorpusException(CorpusException.Quote(read?.Schema ?? "null"), Schema, file, field: "schema");
        }

        if (read.Speakers is not { } speakers || speakers.Contains(null!) || speakers.Distinct().Count() != speakers.Count)
        {
            throw new CorpusException("null or a speaker twice", "a list of different names", file, field: "speakers");
        }

        return new MetadataVocabulary(speakers);
    }
}

internal sealed record VocabularyJson(string? Schema, IReadOnlyList<string>? Speakers);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VocabularyJson))]
internal sealed partial class VocabularyJsonContext : JsonSerializerContext;
