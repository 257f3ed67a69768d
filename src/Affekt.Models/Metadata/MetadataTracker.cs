namespace Affekt.Models;

/// <summary>
/// Follows one dialogue, recorded or live, and gives each utterance its metadata. It looks back only, and each
/// utterance costs the same however long the dialogue is. For use by one thread at a time.
/// </summary>
/// <param name="vocabulary">The speakers that the model knows.</param>
public sealed class MetadataTracker(MetadataVocabulary vocabulary)
{
    internal const int MaxSpeakerCount = 6;

    // The first position and the first duration in ms of each category, from 1.
    private static readonly int[] _positionStarts = [1, 2, 3, 4, 6, 9, 13, 21];
    private static readonly int[] _durationStarts = [1, 500, 1_000, 2_000, 4_000, 8_000, 16_000];

    private readonly HashSet<string> _speakers = [];
    private string? _previous;
    private int _position;

    internal static int PositionSize => _positionStarts.Length + 1;

    internal static int DurationSize => _durationStarts.Length + 1;

    /// <summary>The metadata of the dialogue's next utterance.</summary>
    /// <param name="speaker">Who speaks; null where that is unknown.</param>
    /// <param name="durationMs">How long, in ms; null where that is unknown.</param>
    public MetadataFeatures Next(string? speaker, int? durationMs)
    {
        MetadataFeatures next = Peek(speaker, durationMs);

        // Beyond the last position category, and beyond the largest count, more makes no difference.
        _position = Math.Min(_position + 1, _positionStarts[^1]);
        if (speaker is not null && _speakers.Count < MaxSpeakerCount)
            _speakers.Add(speaker);

        _previous = speaker;
        return next;
    }

    /// <summary>What <see cref="Next"/> would give; nothing is remembered.</summary>
    /// <param name="speaker">Who speaks; null where that is unknown.</param>
    /// <param name="durationMs">How long, in ms; null where that is unknown.</param>
    public MetadataFeatures Peek(string? speaker, int? durationMs) => new(
        vocabulary.IndexOf(speaker),
        Category(Math.Min(_position + 1, _positionStarts[^1]), _positionStarts),
        Math.Min(_speakers.Count + (speaker is not null && !_speakers.Contains(speaker) ? 1 : 0), MaxSpeakerCount),
        speaker is null || _previous is null ? 0 : speaker == _previous ? 1 : 2,
        Category(durationMs ?? 0, _durationStarts));

    private static int Category(int value, int[] starts) => starts.Count(start => value >= start);
}
