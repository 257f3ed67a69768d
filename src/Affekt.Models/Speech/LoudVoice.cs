using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Affekt.Models.Audio;

namespace Affekt.Models.Speech;

/// <summary>
/// Hears voices that the detector does not take for speech, such as shouting and crying: sound well above the quietest of the last
/// seconds that repeats itself as vocal folds do. For one recording, from its beginning, in pieces of any size.
/// </summary>
/// <remarks>
/// The measure of repetition is the normalized cross-correlation of Talkin (1995, "A robust algorithm for pitch tracking"), its
/// greatest value over the periods of voices. Loud music repeats itself as well and is heard as a voice.
/// </remarks>
public sealed class LoudVoice
{
    private const int Chunk = SpeechDetector.Chunk;

    // Periods of 75 to 600 Hz, in samples.
    private const int ShortestPeriod = SoundCheck.SampleRate / 600;
    private const int LongestPeriod = SoundCheck.SampleRate / 75;

    // Measured on joined clips with `affekt bench speech`: 12 to 15 dB and .4 to .6 differ little.
    private const double LeastAbove = 12;
    private const double LeastRepetition = 0.5;

    // Below this, in dB of full scale, everything is equally quiet: after digital silence any hiss would stand out.
    private const double Quietest = -70;

    // Chunks: three seconds, and what a loudness is taken over.
    private const int Remembered = 94;
    private const int Smoothed = 3;

    private readonly List<float> _waiting = [.. new float[Chunk]];
    private readonly Queue<double> _newest = new();
    private readonly Queue<double> _loudness = new();

    /// <summary>Hears more of the recording.</summary>
    /// <param name="samples">Mono, 16 kHz, within [-1, 1].</param>
    /// <returns>Whether there is a loud voice in each chunk of <see cref="SpeechDetector.Chunk"/> that is complete now and was not before.</returns>
    public bool[] Hear(ReadOnlySpan<float> samples)
    {
        _waiting.AddRange(samples);
        int chunks = (_waiting.Count / Chunk) - 1;
        bool[] heard = new bool[chunks];
        for (int i = 0; i < chunks; i++)
            heard[i] = IsVoice(CollectionsMarshal.AsSpan(_waiting).Slice(i * Chunk, 2 * Chunk));
        _waiting.RemoveRange(0, chunks * Chunk);
        return heard;
    }

    // The chunk and the one before it.
    private bool IsVoice(ReadOnlySpan<float> both)
    {
        ReadOnlySpan<float> chunk = both[Chunk..];
        double loudness = 10 * Math.Log10((TensorPrimitives.Dot(chunk, chunk) / Chunk) + 1e-12);
        Keep(_newest, loudness, Smoothed);
        Keep(_loudness, _newest.Average(), Remembered);
        return loudness - Math.Max(Quietest, _loudness.Min()) > LeastAbove && Repetition(both) > LeastRepetition;
    }

    private static double Repetition(ReadOnlySpan<float> both)
    {
        ReadOnlySpan<float> first = both[..Chunk];
        double energy = TensorPrimitives.Dot(first, first), greatest = 0;
        for (int period = ShortestPeriod; period <= LongestPeriod; period++)
        {
            ReadOnlySpan<float> later = both.Slice(period, Chunk);
            greatest = Math.Max(greatest, TensorPrimitives.Dot(first, later) / Math.Sqrt((energy * TensorPrimitives.Dot(later, later)) + 1e-12));
        }

        return greatest;
    }

    private static void Keep(Queue<double> queue, double value, int most)
    {
        queue.Enqueue(value);
        if (queue.Count > most)
            queue.Dequeue();
    }
}
