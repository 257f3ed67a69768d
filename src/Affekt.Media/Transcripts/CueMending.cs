namespace Affekt.Media.Transcripts;

/// <summary>Makes entries that can be answered of those that a file holds: in order, each with a length.</summary>
internal static class CueMending
{
    // Entries so near to each other belong together: a frame or two, and what recognizers of speech round.
    private static readonly TimeSpan _near = TimeSpan.FromMilliseconds(500);

    // What begins last and has no end lasts until the recording does, however long that is.
    private static readonly TimeSpan _untilTheEnd = TimeSpan.FromHours(1000);

    /// <summary>
    /// The entries by their beginnings. One without an end lasts until the next begins; the words of one without length go to
    /// its neighbor; one that ends before it begins is left out.
    /// </summary>
    public static List<Cue> Mend(IEnumerable<Cue> cues, TranscriptNotes notes)
    {
        // Sorting is stable: what begins at once stays in the file's order.
        Cue[] ordered = [.. cues.OrderBy(cue => cue.Start ?? TimeSpan.Zero)];
        TimeSpan?[] nexts = LaterStarts(ordered);
        List<Cue> mended = [];
        List<Cue> waiting = [];
        for (int i = 0; i < ordered.Length; i++)
        {
            Cue cue = ordered[i];
            if (cue is { Start: { } open, End: null })
                cue = cue with { End = nexts[i] ?? open + _untilTheEnd };
            if (cue.End < cue.Start)
                notes.Add(cue.Line, Times(cue), "an end later than the start", "left out");
            else if (cue.Start is not null && cue.End == cue.Start)
                waiting.Add(cue);
            else
                mended.Add(Taking(cue, waiting, mended, notes));
        }

        foreach (Cue lost in waiting)
            JoinToLast(lost, mended, notes);
        return mended;
    }

    // For each entry when the first one begins that begins later; null for the last.
    private static TimeSpan?[] LaterStarts(Cue[] ordered)
    {
        TimeSpan?[] later = new TimeSpan?[ordered.Length];
        for (int i = ordered.Length - 2; i >= 0; i--)
            later[i] = ordered[i + 1].Start > ordered[i].Start ? ordered[i + 1].Start : later[i + 1];
        return later;
    }

    // What has no length goes to the entry that begins where it stands, or else to the one that ends there.
    private static Cue Taking(Cue cue, List<Cue> waiting, List<Cue> mended, TranscriptNotes notes)
    {
        List<string> words = [];
        foreach (Cue lost in waiting)
        {
            if (cue.Start - lost.Start <= _near && lost.Speaker == cue.Speaker && cue.Text.Count > 0)
            {
                words.AddRange(lost.Text);
                notes.Add(lost.Line, Times(lost), "an end later than the start", "the words were joined to the next entry's");
            }
            else
            {
                JoinToLast(lost, mended, notes);
            }
        }

        waiting.Clear();
        return words.Count == 0 ? cue : cue with { Text = [.. words, .. cue.Text] };
    }

    private static void JoinToLast(Cue lost, List<Cue> mended, TranscriptNotes notes)
    {
        bool joins = mended.Count > 0 && mended[^1] is { Text.Count: > 0 } last && lost.Start - last.End <= _near
            && lost.Speaker == last.Speaker;
        if (joins)
        {
            if (mended[^1].Text is not List<string> words)
                mended[^1] = mended[^1] with { Text = words = [.. mended[^1].Text] };
            words.AddRange(lost.Text);
        }

        notes.Add(
            lost.Line, Times(lost), "an end later than the start", joins ? "the words were joined to the entry's before" : "left out");
    }

    private static string Times(Cue cue) => cue.End == cue.Start
        ? $"an entry without length at {cue.Start:c}"
        : $"an end of {cue.End:c} before a start of {cue.Start:c}";
}
