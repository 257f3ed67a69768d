using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models.Speech;

namespace Affekt.Recognition;

/// <summary>Guesses when the lines of a transcript without times are said.</summary>
internal static class LinePlacement
{
    /// <summary>
    /// As many stretches of speech as lines are taken one by one. Otherwise each line gets a share of all speech by its
    /// number of characters, and a border that comes near a pause moves into it.
    /// </summary>
    /// <param name="lines">The lines in their order; one or more.</param>
    /// <param name="speech">The stretches of speech in their order; none where that is not known.</param>
    /// <param name="duration">The recording's length.</param>
    public static IReadOnlyList<SpokenLine> Place(
        IReadOnlyList<SpokenLine> lines, IReadOnlyList<SpeechSegment> speech, TimeSpan duration)
    {
        TimeRange[] stretches = speech.Count > 0
            ? [.. speech.Select(segment => new TimeRange(Time(segment.Start), Time(segment.End)))]
            : [new TimeRange(TimeSpan.Zero, duration)];
        if (stretches.Length == lines.Count)
            return [.. lines.Select((line, i) => line with { Time = stretches[i] })];

        TimeSpan spoken = stretches.Aggregate(TimeSpan.Zero, (sum, stretch) => sum + stretch.Length);
        double characters = lines.Sum(Length);
        List<SpokenLine> placed = [];
        double before = 0;
        TimeSpan start = stretches[0].Start;
        foreach (SpokenLine line in lines)
        {
            before += Length(line);
            (TimeSpan end, TimeSpan next) = Border(stretches, spoken * (before / characters), spoken * (Length(line) / characters / 4));
            if (end <= start)
                (end, next) = (start + TimeSpan.FromMilliseconds(1), start + TimeSpan.FromMilliseconds(1));
            placed.Add(line with { Time = new TimeRange(start, end) });
            start = next;
        }

        return placed;
    }

    // Where a line ends and where the next begins, after so much speech: in the nearest pause, or amid speech.
    private static (TimeSpan End, TimeSpan Next) Border(TimeRange[] stretches, TimeSpan spoken, TimeSpan reach)
    {
        int nearest = -1;
        (TimeSpan End, TimeSpan Next) amid = (stretches[^1].End, stretches[^1].End);
        TimeSpan before = TimeSpan.Zero, least = reach;
        for (int i = 0; i < stretches.Length; i++)
        {
            TimeSpan after = before + stretches[i].Length;
            if (before <= spoken && spoken < after)
                amid = (stretches[i].Start + (spoken - before), stretches[i].Start + (spoken - before));
            if (i < stretches.Length - 1 && (after - spoken).Duration() <= least)
                (nearest, least) = (i, (after - spoken).Duration());
            before = after;
        }

        return nearest < 0 ? amid : (stretches[nearest].End, stretches[nearest + 1].Start);
    }

    private static double Length(SpokenLine line) => Math.Max(1, line.Text?.Length ?? 0);

    private static TimeSpan Time(long sample) => TimeSpan.FromSeconds((double)sample / Sound.SampleRate);
}
