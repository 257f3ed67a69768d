namespace Affekt.Cli.Benchmarks;

/// <summary>Somebody's speech, in ms.</summary>
internal readonly record struct SpokenBy(int StartMs, int EndMs, string Speaker);

/// <summary>
/// How far found speakers are from the true ones: the diarization error rate as NIST counts it, over frames of 10 ms that lie no
/// nearer than 250 ms to a true boundary, with each found speaker taken for at most one true one, so that most agrees.
/// </summary>
/// <param name="Missed">Speech that was not found, as a share of all speech.</param>
/// <param name="FalseAlarm">Found where nobody speaks, as a share of all speech.</param>
/// <param name="Confusion">Given to another speaker, as a share of all speech.</param>
internal sealed record DiarizationScore(double Missed, double FalseAlarm, double Confusion)
{
    private const int Frame = 10;
    private const int Collar = 250;

    /// <summary>All errors together.</summary>
    public double Error => Missed + FalseAlarm + Confusion;

    /// <summary>Scores what was found.</summary>
    /// <param name="truth">Who speaks when; one at a time, at most 16 speakers.</param>
    /// <param name="found">Who was said to; one at a time.</param>
    public static DiarizationScore Of(IReadOnlyList<SpokenBy> truth, IReadOnlyList<SpokenBy> found)
    {
        int frames = truth.Concat(found).Max(one => one.EndMs) / Frame + 1;
        string?[] said = Frames(truth, frames), heard = Frames(found, frames);
        bool[] counts = new bool[frames];
        Array.Fill(counts, true);
        foreach (int border in truth.SelectMany(one => new[] { one.StartMs, one.EndMs }))
        {
            for (int i = Math.Max(0, (border - Collar) / Frame); i <= Math.Min(frames - 1, (border + Collar) / Frame); i++)
                counts[i] = false;
        }

        string[] speakers = [.. truth.Select(one => one.Speaker).Distinct()], voices = [.. found.Select(one => one.Speaker).Distinct()];
        long[,] shared = new long[voices.Length, speakers.Length];
        long speech = 0, missed = 0, extra = 0, both = 0;
        for (int i = 0; i < frames; i++)
        {
            if (!counts[i])
                continue;
            speech += said[i] is null ? 0 : 1;
            missed += said[i] is not null && heard[i] is null ? 1 : 0;
            extra += said[i] is null && heard[i] is not null ? 1 : 0;
            if (said[i] is not { } speaker || heard[i] is not { } voice)
                continue;
            both++;
            shared[Array.IndexOf(voices, voice), Array.IndexOf(speakers, speaker)]++;
        }

        double all = Math.Max(1, speech);
        return new DiarizationScore(missed / all, extra / all, (both - MostShared(shared)) / all);
    }

    private static string?[] Frames(IReadOnlyList<SpokenBy> stretches, int count)
    {
        string?[] frames = new string?[count];
        foreach (SpokenBy one in stretches)
        {
            for (int i = one.StartMs / Frame; i < one.EndMs / Frame; i++)
                frames[i] = one.Speaker;
        }

        return frames;
    }

    // The best that a mapping of voices to speakers can do, by which speakers are taken already.
    private static long MostShared(long[,] shared)
    {
        int voices = shared.GetLength(0), speakers = shared.GetLength(1);
        long[] best = new long[1 << speakers];
        Array.Fill(best, -1);
        best[0] = 0;
        for (int voice = 0; voice < voices; voice++)
        {
            long[] next = [.. best];
            for (int taken = 0; taken < best.Length; taken++)
            {
                for (int speaker = 0; best[taken] >= 0 && speaker < speakers; speaker++)
                {
                    int with = taken | (1 << speaker);
                    if (with != taken)
                        next[with] = Math.Max(next[with], best[taken] + shared[voice, speaker]);
                }
            }

            best = next;
        }

        return best.Max();
    }
}
