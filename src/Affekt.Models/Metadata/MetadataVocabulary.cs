namespace Affekt.Models;

/// <summary>The speakers that a model knows, and so the sizes of the metadata categories. Immutable.</summary>
public sealed class MetadataVocabulary
{
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
            _indexes.Add(speaker, _indexes.Count + 1);
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

    /// <summary>The speaker's index, from 1; 0 where the model does not know the speaker, or none is given.</summary>
    public int IndexOf(string? speaker) => speaker is null ? 0 : _indexes.GetValueOrDefault(speaker);
}
