namespace Affekt.Media.Transcripts;

/// <summary>One entry of a transcript as its file has it, before tags are removed and speakers separated.</summary>
/// <param name="Line">The line that it begins at, counted from 0.</param>
/// <param name="Start">When it begins; null where the transcript has no times.</param>
/// <param name="End">When it ends; null where that is not said.</param>
/// <param name="Text">Its lines; none for a stretch whose words are not known.</param>
internal sealed record Cue(int Line, TimeSpan? Start, TimeSpan? End, IReadOnlyList<string> Text)
{
    /// <summary>Who speaks, where a field of its own says so.</summary>
    public string? Speaker { get; init; }

    /// <summary>Both times; null where there are none.</summary>
    public TimeRange? Time => Start is { } start && End is { } end ? new TimeRange(start, end) : null;

    /// <summary>What is said in it, speaker by speaker; nothing where it holds only what nobody says.</summary>
    public IEnumerable<SpokenLine> Spoken()
    {
        if (Text.Count == 0)
            return Time is null ? [] : [new SpokenLine(Time, Speaker, null)];
        string words = string.Join('\n', Text);
        if (Speaker is null)
            return SpokenText.Split(Time, words);
        string plain = SpokenText.Plain(words);
        return plain.Length == 0 ? [] : [new SpokenLine(Time, Speaker, plain)];
    }
}
