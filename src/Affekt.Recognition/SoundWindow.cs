using Affekt.Media;

namespace Affekt.Recognition;

/// <summary>The part of a recording's sound that is still needed, while it comes in.</summary>
internal sealed class SoundWindow
{
    private float[] _samples = new float[Sound.SampleRate];
    private long _first;
    private int _count;

    /// <summary>How many samples of the recording have come.</summary>
    public long Read => _first + _count;

    /// <summary>Adds the next samples.</summary>
    public void Add(ReadOnlySpan<float> samples)
    {
        if (_count + samples.Length > _samples.Length)
            Array.Resize(ref _samples, Math.Max(2 * _samples.Length, _count + samples.Length));
        samples.CopyTo(_samples.AsSpan(_count));
        _count += samples.Length;
    }

    /// <summary>The samples between two places, as far as they are there.</summary>
    public float[] Copy(long start, long end)
    {
        int from = (int)Math.Clamp(start - _first, 0, _count);
        int to = (int)Math.Clamp(end - _first, from, _count);
        return _samples[from..to];
    }

    /// <summary>Lets go of everything before a sample.</summary>
    public void Forget(long before)
    {
        int gone = (int)Math.Clamp(before - _first, 0, _count);
        _samples.AsSpan(gone, _count - gone).CopyTo(_samples);
        _count -= gone;
        _first += gone;
    }
}
