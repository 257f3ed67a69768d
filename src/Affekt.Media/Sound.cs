using System.Buffers.Binary;
using Affekt.Recognition;

namespace Affekt.Media;

/// <summary>Decoded sound: 16 kHz, one channel.</summary>
public sealed class Sound
{
    /// <summary>Samples per second.</summary>
    public const int SampleRate = MemoryRecording.SampleRate;

    internal Sound(float[] samples, IReadOnlyList<MediaWarning> warnings)
    {
        Samples = samples;
        Warnings = warnings;
    }

    /// <summary>
    /// The samples; full scale is [-1, 1], which lossy codecs may overshoot; always finite. The first is at the
    /// start of the stretch; where the file's sound starts later or has a gap, silence keeps the time.
    /// </summary>
    public float[] Samples { get; }

    /// <summary>What went less than well.</summary>
    public IReadOnlyList<MediaWarning> Warnings { get; }

    /// <summary>Whether there is no sound; <see cref="Warnings"/> says why.</summary>
    public bool IsMissing => Samples.Length == 0;

    /// <summary>How long so many samples last, in whole milliseconds.</summary>
    public static int Milliseconds(int samples) => (int)(samples * 1000L / SampleRate);

    /// <summary>A WAV file of 16-bit samples.</summary>
    /// <param name="samples">16 kHz, one channel; what is louder than full scale, [-1, 1], is clipped.</param>
    public static byte[] Wav(ReadOnlySpan<float> samples)
    {
        // RIFF's header of PCM without extensions (Microsoft and IBM, 1991).
        const int HeaderBytes = 44, FormatBytes = 16, SampleBytes = sizeof(short);
        byte[] wav = new byte[HeaderBytes + (SampleBytes * samples.Length)];
        Span<byte> at = wav;
        "RIFF"u8.CopyTo(at);
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], wav.Length - 8);
        "WAVEfmt "u8.CopyTo(at[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(at[16..], FormatBytes);
        BinaryPrimitives.WriteInt16LittleEndian(at[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(at[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(at[24..], SampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(at[28..], SampleBytes * SampleRate);
        BinaryPrimitives.WriteInt16LittleEndian(at[32..], SampleBytes);
        BinaryPrimitives.WriteInt16LittleEndian(at[34..], 8 * SampleBytes);
        "data"u8.CopyTo(at[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(at[40..], SampleBytes * samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            short value = (short)Math.Round(Math.Clamp(samples[i], -1, 1) * short.MaxValue);
            BinaryPrimitives.WriteInt16LittleEndian(at[(HeaderBytes + (SampleBytes * i))..], value);
        }

        return wav;
    }
}
