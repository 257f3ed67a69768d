using System.Runtime.InteropServices;

namespace Affekt.Tests;

/// <summary>Writes WAV files, which no code of Affekt had a part in.</summary>
internal static class WaveFile
{
    private const short Integers = 1, Floats = 3;

    /// <summary>Writes 16-bit samples; those of several channels are interleaved.</summary>
    public static string Write(string file, ReadOnlySpan<short> samples, int rate = 16_000, int channels = 1) =>
        Write(file, MemoryMarshal.AsBytes(samples), Integers, sizeof(short), rate, channels);

    /// <summary>Writes mono sound of 32-bit floats at 16 kHz.</summary>
    public static string WriteFloats(string file, ReadOnlySpan<byte> samples) => Write(file, samples, Floats, sizeof(float), 16_000, 1);

    private static string Write(string file, ReadOnlySpan<byte> samples, short format, int sampleBytes, int rate, int channels)
    {
        using BinaryWriter writer = new(File.Create(file));
        writer.Write("RIFF"u8);
        writer.Write(36 + samples.Length);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write(format);
        writer.Write((short)channels);
        writer.Write(rate);
        writer.Write(rate * channels * sampleBytes);
        writer.Write((short)(channels * sampleBytes));
        writer.Write((short)(8 * sampleBytes));
        writer.Write("data"u8);
        writer.Write(samples.Length);
        writer.Write(samples);
        return file;
    }
}
