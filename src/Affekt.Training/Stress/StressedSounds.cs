using System.Diagnostics;
using System.Runtime.InteropServices;
using Affekt.Media;
using Affekt.Training.AudioText;

namespace Affekt.Training.Stress;

/// <summary>What happens to sound on its way to a listener: 16 kHz, mono.</summary>
internal static class StressedSounds
{
    private const int SampleRate = Sound.SampleRate;

    // Of a telephone line sampled at 8 kHz, in Hz.
    private const double LowestOfBand = 50;
    private const double HighestOfBand = 4_000;

    /// <summary>The conditions by name; the first leaves a sound as it is. MP3 is apart: see <see cref="AsMp3"/>.</summary>
    public static IReadOnlyList<(string Name, Func<float[], Random, float[]> Make)> Conditions { get; } =
    [
        ("as they are", (sound, _) => sound),
        ("white noise at 20 dB", (sound, random) => SoundCopies.WithNoise(sound, 20, random)),
        ("white noise at 15 dB", (sound, random) => SoundCopies.WithNoise(sound, 15, random)),
        ("white noise at 10 dB", (sound, random) => SoundCopies.WithNoise(sound, 10, random)),
        ("white noise at 5 dB", (sound, random) => SoundCopies.WithNoise(sound, 5, random)),
        ("20 dB quieter, 16 bits", (sound, _) => Quieter(sound)),
        ("20 dB louder, clipped", (sound, _) => Array.ConvertAll(sound, sample => Math.Clamp(10 * sample, -1, 1))),
        ("8 kHz band", (sound, _) => AcousticSimulation.InBand(sound, LowestOfBand, HighestOfBand)),
        ("echoing rooms", AcousticSimulation.InRoom),
    ];

    /// <summary>Sounds that hold no speech, of three seconds each, by kind.</summary>
    public static IReadOnlyList<(string Name, Func<Random, float[]> Make)> Nothings { get; } =
    [
        ("white noise", random => Noise(random, 0)),
        ("brown noise", random => Noise(random, 0.98)),
        ("hum of a machine", Hum),
        ("music (chords of overtones)", Music),
    ];

    /// <summary>Sounds as MP3 of 32 kb/s leaves them: one file for all, for the encoder starts slowly.</summary>
    public static IReadOnlyList<float[]> AsMp3(IReadOnlyList<float[]> sounds)
    {
        string folder = Directory.CreateTempSubdirectory("affekt-stress-").FullName;
        try
        {
            string raw = Path.Combine(folder, "raw"), mp3 = Path.Combine(folder, "sound.mp3"), back = Path.Combine(folder, "back");
            using (FileStream stream = File.Create(raw))
            {
                foreach (float[] sound in sounds)
                    stream.Write(MemoryMarshal.AsBytes<float>(sound));
            }

            string[] format = ["-f", "f32le", "-ar", $"{SampleRate}", "-ac", "1"];
            Run([.. format, "-i", raw, "-b:a", "32k", mp3]);
            Run(["-i", mp3, .. format, back]);
            float[] all = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(back)).ToArray();
            int start = 0;
            return [.. sounds.Select(sound => Take(all, ref start, sound.Length))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static float[] Take(float[] all, ref int start, int length)
        {
            float[] taken = new float[length];
            all.AsSpan(Math.Min(start, all.Length), Math.Min(length, Math.Max(0, all.Length - start))).CopyTo(taken);
            start += length;
            return taken;
        }

        static void Run(IEnumerable<string> arguments)
        {
            using Process ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]);
            ffmpeg.WaitForExit();
            if (ffmpeg.ExitCode != 0)
                throw new IOException($"ffmpeg ended with {ffmpeg.ExitCode}, expected sound as MP3 and back");
        }
    }

    private static float[] Quieter(float[] sound) =>
        Array.ConvertAll(sound, sample => MathF.Round(sample / 10 * short.MaxValue) / short.MaxValue);

    private static float[] Noise(Random random, double memory)
    {
        float[] noise = new float[3 * SampleRate];
        double state = 0;
        for (int i = 0; i < noise.Length; i++)
        {
            state = (memory * state) + (Math.Sqrt(1 - (memory * memory)) * SoundCopies.Normal(random));
            noise[i] = (float)(0.1 * state);
        }

        return noise;
    }

    private static float[] Hum(Random random)
    {
        double pitch = 50 + (random.NextDouble() * 70);
        return Tones(random, [pitch, 2 * pitch, 3 * pitch, 5 * pitch], 3);
    }

    private static float[] Music(Random random)
    {
        float[] piece = new float[3 * SampleRate];
        int at = 0;
        while (at < piece.Length)
        {
            double root = 110 * Math.Pow(2, random.Next(24) / 12.0);
            double third = root * Math.Pow(2, (random.Next(2) == 0 ? 3 : 4) / 12.0), fifth = root * Math.Pow(2, 7 / 12.0);
            double seconds = 0.25 * (1 + random.Next(3));
            float[] chord = Tones(random, [root, third, fifth, 2 * root, 2 * third, 3 * root], seconds);
            for (int i = 0; i < chord.Length && at < piece.Length; i++, at++)
                piece[at] = (float)(chord[i] * Math.Exp(-2.0 * i / chord.Length));
        }

        return piece;
    }

    private static float[] Tones(Random random, double[] frequencies, double seconds)
    {
        double[] phases = [.. frequencies.Select(_ => 2 * Math.PI * random.NextDouble())];
        float[] sound = new float[(int)(seconds * SampleRate)];
        for (int i = 0; i < sound.Length; i++)
        {
            double sum = 0;
            for (int tone = 0; tone < frequencies.Length; tone++)
                sum += Math.Sin((2 * Math.PI * frequencies[tone] * i / SampleRate) + phases[tone]) / (tone + 1);
            sound[i] = (float)(0.1 * sum);
        }

        return sound;
    }
}
