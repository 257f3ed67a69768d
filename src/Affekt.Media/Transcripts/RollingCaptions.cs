namespace Affekt.Media.Transcripts;

/// <summary>
/// Captions that roll, as broadcasters and YouTube show them: each repeats the lines that still stand on the screen, and adds
/// one, or the words that were said since.
/// </summary>
internal static class RollingCaptions
{
    // Rolled captions follow each other without a gap, or nearly so, or stay a while beside each other.
    private static readonly TimeSpan _near = TimeSpan.FromMilliseconds(200);

    // A single repetition of fewer words may be somebody who says it twice.
    private const int WordsOfAPhrase = 3;

    private enum Step
    {
        Apart,
        Fresh,
        Repeated,
        Rolled,
        Grown,
    }

    /// <summary>The entries with each phrase once, where they roll; else as they are.</summary>
    /// <param name="cues">Entries in the order of their times.</param>
    public static List<Cue> Unroll(List<Cue> cues)
    {
        Shown[] shown = [.. cues.Select(cue => new Shown(cue))];
        Overlap[] overlaps = [.. shown.Select((one, i) => i == 0 ? default : one.Over(shown[i - 1]))];
        return Rolls(overlaps, shown) ? Unroll(cues, shown, overlaps) : cues;
    }

    private static bool Rolls(Overlap[] overlaps, Shown[] shown)
    {
        int touching = overlaps.Count(overlap => overlap.Step != Step.Apart);
        int rolled = overlaps.Count(overlap => overlap.Step == Step.Rolled), grown = overlaps.Count(overlap => overlap.Step == Step.Grown);
        int alike = rolled + grown + overlaps.Count(overlap => overlap.Step == Step.Repeated);
        return 2 * alike >= touching && (rolled + grown >= 2 || (rolled == 1 && IsPhrase()));

        bool IsPhrase()
        {
            int at = Array.FindIndex(overlaps, overlap => overlap.Step == Step.Rolled);
            return shown[at].Words(overlaps[at].Lines) >= WordsOfAPhrase;
        }
    }

    private static List<Cue> Unroll(List<Cue> cues, Shown[] shown, Overlap[] overlaps)
    {
        List<Cue> once = [];
        for (int i = 0; i < cues.Count; i++)
        {
            (Step step, int lines) = overlaps[i];
            if (step is Step.Apart or Step.Fresh || once.Count == 0)
            {
                once.Add(cues[i] with { Text = shown[i].Raw });
                continue;
            }

            if (step == Step.Repeated)
                continue;
            if (step == Step.Grown)
            {
                // The line at hand goes on: it is the one that was said last.
                Cue last = once[^1];
                once[^1] = last with { End = cues[i].End, Text = [.. last.Text.SkipLast(1), shown[i].Raw[lines - 1]] };
            }

            if (shown[i].Raw.Length > lines)
                once.Add(cues[i] with { Text = shown[i].Raw[lines..] });
        }

        return once;
    }

    /// <summary>How an entry goes on from the one before it.</summary>
    /// <param name="Step">In which way.</param>
    /// <param name="Lines">How many of its first lines stood there already.</param>
    private readonly record struct Overlap(Step Step, int Lines);

    /// <summary>An entry's lines that hold words, as written and without tags.</summary>
    private sealed class Shown
    {
        private readonly Cue _cue;
        private readonly string[] _plain;

        public Shown(Cue cue)
        {
            _cue = cue;
            (string Raw, string Plain)[] lines =
                [.. cue.Text.Select(raw => (raw, SpokenText.Plain(raw))).Where(line => line.Item2.Length > 0)];
            Raw = [.. lines.Select(line => line.Raw)];
            _plain = [.. lines.Select(line => line.Plain)];
        }

        public string[] Raw { get; }

        public int Words(int lines) => _plain.Take(lines).Sum(line => line.Split(' ').Length);

        public Overlap Over(Shown before)
        {
            if (_cue.Start is not { } start || before._cue.End is not { } end || start - end > _near || _plain.Length == 0)
                return new Overlap(Step.Apart, 0);
            for (int lines = Math.Min(_plain.Length, before._plain.Length); lines > 0; lines--)
            {
                ReadOnlySpan<string> stood = before._plain.AsSpan()[^lines..], now = _plain.AsSpan(0, lines);
                if (!stood[..^1].SequenceEqual(now[..^1]))
                    continue;
                if (stood[^1] == now[^1])
                    return new Overlap(_plain.Length == lines ? Step.Repeated : Step.Rolled, lines);
                if (now[^1].StartsWith($"{stood[^1]} ", StringComparison.Ordinal))
                    return new Overlap(Step.Grown, lines);
            }

            return new Overlap(Step.Fresh, 0);
        }
    }
}
