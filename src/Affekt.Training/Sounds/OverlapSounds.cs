using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Torch;
using Affekt.Training.AudioText;
using Affekt.Training.Features;
using Affekt.Training.Recipes;
using Affekt.Training.Stress;

namespace Affekt.Training.Sounds;

/// <summary>What a composed sound holds.</summary>
internal enum OverlapKind
{
    /// <summary>One voice.</summary>
    Single,

    /// <summary>Two voices, one after the other.</summary>
    Turns,

    /// <summary>Two voices, for some time at once.</summary>
    Pair,
}

/// <summary>A sound that was composed of voices.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Samples">The sound, 16 kHz.</param>
/// <param name="Together">For each frame of <see cref="MoonshineEncoder"/>, whether two voices are heard in it.</param>
internal sealed record OverlapSound(OverlapKind Kind, float[] Samples, bool[] Together);

/// <summary>Voices of a corpus, to compose sounds of.</summary>
/// <param name="Name">The corpus's file name.</param>
/// <param name="Speakers">The sounds of each speaker, without silence around them and of one level.</param>
internal sealed record OverlapVoices(string Name, IReadOnlyList<float[][]> Speakers)
{
    // Two voices together last at least 0.3 s.
    private const int ShortestTogether = 4800;

    // How much louder or quieter a second voice is, in dB, and the longest pause between turns, in samples.
    private const double MostApart = 5;
    private const int LongestPause = 4800;

    // The level of a voice: the root mean square of the frames that carry sound.
    private const double Level = 0.1;

    // A frame is a pause where it is 30 dB below the loudest; one in which a voice is heard is within 25 dB of what is loudest.
    private const double Pause = 1e-3;
    private const double Heard = 3.1622776601683794e-3;

    // What is kept around a voice: 50 ms; and of a long one: 10 s. Two of them are read whole.
    private const int Margin = 800;
    private const int LongestVoice = 10 * Sound.SampleRate;

    // -90 dB.
    private const double Silence = 1e-9;

    // A sound of training is left as it is so often, else disturbed in each way so often.
    private const double Undisturbed = 0.4;
    private const double Disturbed = 0.35;

    // Noise and music below the voices, in dB.
    private const double LeastBelow = 5;
    private const double MostBelow = 20;

    /// <summary>What happens to sounds on their way, besides nothing.</summary>
    public static IReadOnlyList<string> Conditions { get; } = ["noise", "music", "room", "phone"];

    /// <summary>Reads a corpus's voices.</summary>
    /// <exception cref="RecipeException">There are fewer than two speakers.</exception>
    public static OverlapVoices Read(OverlapRecipe recipe, SoundCorpus part, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        Corpus corpus = recipe.ReadCorpus(part.Corpus, part.Root, part.Map, part.Fold);
        MediaTools tools = MediaTools.Find();
        Utterance[][] speakers =
        [
            .. corpus.Utterances.Where(utterance => utterance is { Media: not null, Speaker: not null } && part.Splits.Contains(utterance.Split.Name()))
                .GroupBy(utterance => utterance.Speaker!).OrderBy(speaker => speaker.Key, StringComparer.Ordinal)
                .Select(speaker => speaker.Take(recipe.MostUtterances).ToArray()),
        ];
        int done = 0;
        float[][][] heard =
        [
            .. speakers.Select(speaker =>
            {
                float[]?[] voices = Workers.Map(
                    speaker, one => Voice(UtteranceMedia.ReadSoundAsync(tools, one, cancellation).GetAwaiter().GetResult().Sound.Samples), cancellation);
                progress.Report(new TrainingProgress("voices", 1, 1, ++done, speakers.Length, double.NaN, double.NaN));
                return voices.OfType<float[]>().ToArray();
            }).Where(voices => voices.Length > 0),
        ];
        return heard.Length >= 2
            ? new OverlapVoices(Path.GetFileNameWithoutExtension(part.Root), heard)
            : throw new RecipeException(recipe.File, part.Root, $"{heard.Length} speakers with a voice in {string.Join(", ", part.Splits)}", "at least two");
    }

    /// <summary>Those to learn from, and the last speakers by name, a share of all; null where these are fewer than two.</summary>
    public (OverlapVoices Learn, OverlapVoices? Held) Split(double share)
    {
        int held = (int)(share * Speakers.Count);
        return held < 2 || Speakers.Count - held < 2
            ? (this, null)
            : (this with { Speakers = [.. Speakers.SkipLast(held)] }, this with { Speakers = [.. Speakers.TakeLast(held)] });
    }

    /// <summary>A sound of training, of a random kind, disturbed at random.</summary>
    public OverlapSound Draw(Random random)
    {
        OverlapKind kind = random.NextDouble() switch { < 0.45 => OverlapKind.Pair, < 0.75 => OverlapKind.Single, _ => OverlapKind.Turns };
        bool isDisturbed = random.NextDouble() >= Undisturbed;
        return Draw(kind, [.. Conditions.Where(_ => random.NextDouble() < Disturbed && isDisturbed)], random);
    }

    /// <summary>A sound of some kind under some conditions.</summary>
    public OverlapSound Draw(OverlapKind kind, IReadOnlyList<string> conditions, Random random)
    {
        int first = random.Next(Speakers.Count), other = (first + 1 + random.Next(Speakers.Count - 1)) % Speakers.Count;
        float[] a = Pick(first), b = Pick(other);
        double louder = Math.Pow(10, ((2 * random.NextDouble()) - 1) * MostApart / 20);
        b = Array.ConvertAll(b, sample => (float)(sample * louder));
        int shift = kind == OverlapKind.Turns
            ? a.Length + random.Next(LongestPause)
            : random.Next(Math.Min(0, ShortestTogether - b.Length), Math.Max(1, a.Length - ShortestTogether));
        (float[] Sound, int Start)[] voices = kind == OverlapKind.Single ? [(a, 0)] : [(a, Math.Max(0, -shift)), (b, Math.Max(0, shift))];
        int length = voices.Max(voice => voice.Start + voice.Sound.Length);
        float[] all = new float[length];
        List<double[]> powers = [];
        foreach ((float[] sound, int start) in voices)
        {
            float[] alone = new float[length];
            sound.CopyTo(alone, start);
            powers.Add(MoonshineEncoder.FramePower(alone));
            if (conditions.Contains("room"))
                alone = AcousticSimulation.InRoom(alone, random);
            for (int i = 0; i < length; i++)
                all[i] += alone[i];
        }

        double loudest = powers.Max(power => power.Max());
        bool[] together =
        [
            .. Enumerable.Range(0, powers[0].Length)
                .Select(t => powers.Count(power => power[t] >= Heard * power.Max() && power[t] >= Heard * loudest) > 1),
        ];
        if (conditions.Contains("music"))
            Add(all, StressedSounds.Nothings[^1].Make, random);
        if (conditions.Contains("noise"))
            Add(all, StressedSounds.Nothings[random.Next(StressedSounds.Nothings.Count - 1)].Make, random);
        if (conditions.Contains("phone"))
            all = AcousticSimulation.OverPhone(all);
        return new OverlapSound(kind, all, together);

        float[] Pick(int speaker) => Speakers[speaker][random.Next(Speakers[speaker].Length)];
    }

    // As loud as the voices, less what it is below them.
    private static void Add(float[] sound, Func<Random, float[]> make, Random random)
    {
        double below = LeastBelow + (random.NextDouble() * (MostBelow - LeastBelow)), scale = Level * Math.Pow(10, -below / 20);
        for (int start = 0; start < sound.Length;)
        {
            float[] piece = make(random);
            double factor = scale / Math.Sqrt(piece.Average(sample => (double)sample * sample));
            for (int i = 0; i < piece.Length && start < sound.Length; i++, start++)
                sound[start] += (float)(piece[i] * factor);
        }
    }

    private static float[]? Voice(float[] samples)
    {
        double[] power = MoonshineEncoder.FramePower(samples);
        if (power.Length == 0 || power.Max() <= Silence)
            return null;
        double least = power.Max() * Pause;
        int first = Math.Max(0, (Array.FindIndex(power, one => one >= least) * MoonshineEncoder.FrameStep) - Margin);
        int last = Math.Min(samples.Length, ((Array.FindLastIndex(power, one => one >= least) + 2) * MoonshineEncoder.FrameStep) + Margin);
        last = Math.Min(last, first + LongestVoice);
        float factor = (float)(Level / Math.Sqrt(power.Where(one => one >= least).Average()));
        return Array.ConvertAll(samples[first..last], sample => sample * factor);
    }
}
