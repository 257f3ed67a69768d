using System.Runtime.InteropServices;

namespace Affekt.Media;

/// <summary>
/// Lays decoded sound on the stretch's own time: silence where the stream has a gap, and nothing twice. What ffmpeg rebuilds
/// when a stream changes its channels or rate half-way goes on where it was.
/// </summary>
/// <param name="start">The place in ffmpeg's time at which the stretch begins, in samples; what lies before it is left out.</param>
/// <param name="most">How many samples the stretch has.</param>
internal sealed class SoundTrack(long start, long most)
{
    // A millisecond: places are rounded on the way.
    private const long Tolerance = Sound.SampleRate / 1000;

    private static readonly float[] _silence = new float[Sound.SampleRate];

    /// <summary>How many samples of the stretch there are by now.</summary>
    public long Count { get; private set; }

    /// <summary>Whether the stretch is full.</summary>
    public bool IsFull => Count >= most;

    /// <summary>Lays out the next samples.</summary>
    /// <param name="at">The place of the first, in ffmpeg's time.</param>
    /// <param name="bytes">32-bit floats; what is not finite becomes silence.</param>
    /// <param name="take">Gets what follows on what it got before, in one piece or several.</param>
    public void Take(long at, ReadOnlySpan<byte> bytes, SamplesAction take)
    {
        ReadOnlySpan<float> samples = MemoryMarshal.Cast<byte, float>(bytes);
        long late = at - start - Count;
        for (long gap = late > Tolerance ? Math.Min(late, most - Count) : 0; gap > 0;)
        {
            ReadOnlySpan<float> silence = _silence.AsSpan(0, (int)Math.Min(gap, _silence.Length));
            take(silence);
            Count += silence.Length;
            gap -= silence.Length;
        }

        if (late < -Tolerance)
            samples = samples[(int)Math.Min(-late, samples.Length)..];
        samples = samples[..(int)Math.Min(samples.Length, Math.Max(0, most - Count))];
        take(samples);
        Count += samples.Length;
    }

    /// <summary>Gets samples.</summary>
    public delegate void SamplesAction(ReadOnlySpan<float> samples);
}
