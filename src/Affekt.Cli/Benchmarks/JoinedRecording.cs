using Affekt.Media;

namespace Affekt.Cli.Benchmarks;

/// <summary>Where somebody speaks, in ms.</summary>
internal readonly record struct SpokenStretch(int StartMs, int EndMs);

/// <summary>A recording made of clips with pauses between, of which it is known where each clip's speech lies.</summary>
/// <param name="Samples">16 kHz, mono.</param>
/// <param name="Truth">The speech of each clip.</param>
internal sealed record JoinedRecording(float[] Samples, IReadOnlyList<SpokenStretch> Truth)
{
    private const int Rate = Sound.SampleRate;
    private const int Frame = Rate / 100;

    // A clip's speech reaches from its first to its last frame within so much of its loudest: 35 dB.
    private const double Quietest = 3.1622776601683794e-4;

    // Room tone, -71 dB: digital silence would be too easy. What it drowns is no speech that anybody could find.
    private const double RoomTone = 5e-4;
    private const double Audible = 2 * Frame * RoomTone * RoomTone / 3;
    private const double ShortestPause = 0.8;
    private const double LongestPause = 2.5;
    private const int Around = Rate / 20;

    /// <summary>Joins clips in a seeded order until the recording is long enough; a clip may come again.</summary>
    public static JoinedRecording Join(IReadOnlyList<float[]> clips, TimeSpan length, int seed)
    {
        Random random = new(seed);
        Queue<float[]> order = new();
        return Join(
            () =>
            {
                if (order.Count == 0)
                    order = new Queue<float[]>(clips.OrderBy(_ => random.Next()));
                return order.Dequeue();
            },
            length, random);
    }

    /// <summary>Joins clips in the order in which they are given until the recording is long enough.</summary>
    public static JoinedRecording Join(Func<float[]> next, TimeSpan length, Random random)
    {
        List<float> samples = [];
        List<SpokenStretch> truth = [];
        Pause();
        while (samples.Count < length.TotalSeconds * Rate)
        {
            float[] clip = next();
            (int first, int last) = Speech(clip);
            int from = Math.Max(0, first - Around), to = Math.Min(clip.Length, last + Around);
            int start = samples.Count + first - from;
            truth.Add(new SpokenStretch(Milliseconds(start), Milliseconds(start + last - first)));
            foreach (float sample in clip.AsSpan(from, to - from))
                samples.Add(sample + Tone());
            Pause();
        }

        return new JoinedRecording([.. samples], truth);

        float Tone() => (float)(RoomTone * ((2 * random.NextDouble()) - 1));

        void Pause()
        {
            int count = (int)(Rate * (ShortestPause + (random.NextDouble() * (LongestPause - ShortestPause))));
            for (int i = 0; i < count; i++)
                samples.Add(Tone());
        }
    }

    /// <summary>Writes the samples as 16-bit WAV.</summary>
    public void Write(string file) => File.WriteAllBytes(file, Sound.Wav(Samples));

    private static (int First, int Last) Speech(float[] clip)
    {
        double[] power = new double[clip.Length / Frame];
        for (int i = 0; i < power.Length; i++)
        {
            foreach (float sample in clip.AsSpan(i * Frame, Frame))
                power[i] += (double)sample * sample;
        }

        double least = Math.Max(power.Max() * Quietest, Audible);
        return (Array.FindIndex(power, value => value >= least) * Frame, (Array.FindLastIndex(power, value => value >= least) + 1) * Frame);
    }

    private static int Milliseconds(int samples) => (int)(samples * 1000L / Rate);
}
