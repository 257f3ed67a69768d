using Affekt.Models.Audio;
using Affekt.Models.Persons;
using Affekt.Networks;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sounds;

/// <summary>What is told of composed sounds of one corpus under one condition.</summary>
/// <param name="Corpus">The corpus.</param>
/// <param name="Condition">What happened to the sounds: noise or music 5 to 20 dB below, a room, a phone, or "clean".</param>
/// <param name="IsHeldOut">Whether its other speakers were learned from, and these set the threshold.</param>
/// <param name="Sounds">Sounds of each kind.</param>
/// <param name="ToldInSingle">The share of sounds of one voice in which an overlap is told.</param>
/// <param name="ToldInTurns">The share of sounds of two voices, one after the other, in which one is told.</param>
/// <param name="Pairs">Sounds of two voices of which at least a fifth overlaps.</param>
/// <param name="Missed">The share of these in which none is told.</param>
/// <param name="ShareError">How far the told share of these is from the true one, in the mean.</param>
internal sealed record OverlapRow(
    string Corpus, string Condition, bool IsHeldOut, int Sounds, double ToldInSingle, double ToldInTurns, int Pairs, double Missed, double ShareError);

/// <summary>Fits the linear map that tells where two people speak at once, and measures it.</summary>
internal static class OverlapRun
{
    /// <summary>The file with what is missed and wrongly told.</summary>
    internal const string ReportFile = "overlap.json";

    // Sounds that are encoded between two reports.
    private const int AtOnce = 64;

    // The least share of a sound of two voices that counts as an overlap.
    private const double LeastTogether = 0.2;

    /// <summary>Follows a recipe.</summary>
    public static void Follow(OverlapRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        RunFolder run = context.Open(recipe);
        if (run.State.IsFinished)
            return;
        using MoonshineEncoder encoder = MoonshineEncoder.Load(VoicedSounds.Moonshine(cancellation));
        Composer composer = new(encoder, recipe.Seeds[0], context.Progress, cancellation);
        (OverlapVoices Learn, OverlapVoices? Held)[] voices =
            [.. recipe.Train.Select(part => OverlapVoices.Read(recipe, part, context.Progress, cancellation).Split(recipe.HeldOut))];
        OverlapVoices[] held = [.. voices.Select(one => one.Held).OfType<OverlapVoices>()];
        if (held.Length == 0)
            throw new RecipeException(recipe.File, "held_out", $"{recipe.HeldOut}, less than two speakers of each corpus", "two of one corpus");

        float[] weights = Fit(composer.Of("learn", recipe.Sounds, Any([.. voices.Select(one => one.Learn)])), recipe.Ridge);
        double[] highest =
        [
            .. composer.Of("threshold", recipe.ThresholdSounds, Any(held)).Where(one => one.Sound.Kind != OverlapKind.Pair)
                .Select(one => VoiceOverlap.Means(VoiceOverlap.Scores(one.Frames, weights, 0)).Max()).Order(),
        ];
        float bias = (float)-highest[(int)((1 - recipe.FalseAlarms) * (highest.Length - 1))];
        SafetensorsWriter.Write(
            run.File(VoiceOverlap.FileName),
            [Tensor.From<float>(weights, weights.Length).ToWrite("weight"), Tensor.From<float>([bias], 1).ToWrite("bias")],
            new Dictionary<string, string> { ["source"] = $"sums of voices of {string.Join(", ", voices.Select(one => one.Learn.Name))}" });

        VoiceOverlap fitted = VoiceOverlap.Load(run.File(VoiceOverlap.FileName));
        List<OverlapRow> rows = [];
        foreach ((OverlapVoices corpus, bool isHeld) in held.Select(one => (one, true))
            .Concat(recipe.Measure.Select(part => (OverlapVoices.Read(recipe, part, context.Progress, cancellation), false))))
        {
            foreach (string condition in OverlapVoices.Conditions.Prepend("clean"))
                rows.Add(Measure(composer, corpus, condition, isHeld, fitted, recipe.MeasuredSounds));
        }

        run.WriteAtomically(ReportFile, ReportJson.Write(rows) + "\n");
        run.Finish();
    }

    /// <summary>Ridge regression from frames to whether two voices are heard in them.</summary>
    /// <returns>[<see cref="MoonshineEncoder.FrameWidth"/>]; where the threshold lies is not said yet.</returns>
    internal static float[] Fit(IEnumerable<ComposedFrames> sounds, double ridge)
    {
        const int Width = MoonshineEncoder.FrameWidth;
        double[] products = new double[Width * Width], sums = new double[Width], both = new double[Width];
        double frames = 0, together = 0;
        foreach (ComposedFrames[] some in sounds.Chunk(AtOnce))
        {
            using TensorScope scope = new();
            float[] labels = [.. some.SelectMany(one => one.Frames.Active.Select(frame => one.Sound.Together[frame] ? 1f : 0f))];
            Tensor x_ND = Tensor.From<float>([.. some.SelectMany(one => one.Frames.States)], labels.Length, Width), x_DN = x_ND.Transpose(0, 1);
            Add(products, x_DN.MatMul(x_ND));
            Add(sums, x_ND.Sum(0));
            Add(both, x_DN.MatMul(Tensor.From<float>(labels, labels.Length, 1)));
            frames += labels.Length;
            together += labels.Sum();
        }

        for (int i = 0; i < Width; i++)
        {
            for (int j = 0; j < Width; j++)
                products[(i * Width) + j] -= sums[i] * sums[j] / frames;
            products[(i * Width) + i] += ridge;
            both[i] -= sums[i] * together / frames;
        }

        using TensorScope solving = new();
        return Operator.Get("aten::linalg_solve").Call(Tensor.From<double>(products, Width, Width), Tensor.From<double>(both, Width, 1), true)
            .To(Dtype.Float32).ToArray<float>();

        static void Add(double[] sum, Tensor part)
        {
            float[] values = part.Contiguous().ToArray<float>();
            for (int i = 0; i < sum.Length; i++)
                sum[i] += values[i];
        }
    }

    // A corpus counts by the root of its speakers.
    private static Func<Random, OverlapSound> Any(OverlapVoices[] corpora)
    {
        double[] counts = [.. corpora.Select(corpus => Math.Sqrt(corpus.Speakers.Count))];
        return random =>
        {
            double at = random.NextDouble() * counts.Sum();
            int corpus = 0;
            while (corpus < counts.Length - 1 && at >= counts[corpus])
                at -= counts[corpus++];
            return corpora[corpus].Draw(random);
        };
    }

    private static OverlapRow Measure(Composer composer, OverlapVoices corpus, string condition, bool isHeld, VoiceOverlap overlap, int count)
    {
        string[] conditions = condition == "clean" ? [] : [condition];
        List<(double Told, double True)> single = Told(OverlapKind.Single), turns = Told(OverlapKind.Turns);
        (double Told, double True)[] pairs = [.. Told(OverlapKind.Pair).Where(one => one.True >= LeastTogether)];
        return new OverlapRow(
            corpus.Name, condition, isHeld, count, Share(single, one => one.Told > 0), Share(turns, one => one.Told > 0), pairs.Length,
            Share(pairs, one => one.Told == 0), Math.Round(pairs.Length == 0 ? 0 : pairs.Average(one => Math.Abs(one.Told - one.True)), 4));

        List<(double Told, double True)> Told(OverlapKind kind) =>
        [
            .. composer.Of($"{corpus.Name}/{condition}/{kind}", count, random => corpus.Draw(kind, conditions, random))
                .Select(one => (overlap.Share(one.Frames), one.Frames.Active.Average(frame => one.Sound.Together[frame] ? 1.0 : 0))),
        ];

        static double Share(IReadOnlyCollection<(double Told, double True)> all, Func<(double Told, double True), bool> counts) =>
            Math.Round((double)all.Count(counts) / Math.Max(1, all.Count), 4);
    }

    /// <summary>A composed sound and its frames.</summary>
    internal sealed record ComposedFrames(OverlapSound Sound, SoundFrames Frames);

    private sealed class Composer(MoonshineEncoder encoder, int seed, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        // Each sound has random numbers of its own, so that it is the same on any number of threads.
        public IEnumerable<ComposedFrames> Of(string what, int count, Func<Random, OverlapSound> draw)
        {
            int done = 0;
            int stage = Digest(what);
            foreach (int[] some in Enumerable.Range(0, count).Chunk(AtOnce))
            {
                foreach (ComposedFrames? one in Workers.Map(some, Compose, cancellation))
                {
                    if (one is not null)
                        yield return one;
                }

                progress.Report(new TrainingProgress(what, 1, 1, done += some.Length, count, double.NaN, double.NaN));
            }

            ComposedFrames? Compose(int i)
            {
                OverlapSound sound = draw(new Random(unchecked((((seed * 31) + stage) * 1_000_003) + i)));
                return encoder.Frames(sound.Samples) is { } frames ? new ComposedFrames(sound, frames) : null;
            }
        }

        private static int Digest(string text) => text.Aggregate(17, (sum, letter) => unchecked((sum * 31) + letter));
    }
}
