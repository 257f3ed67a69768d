using Affekt.Media;

namespace Affekt.Recognition;

/// <summary>The part of a recording's sound that is still needed, while it is read forward.</summary>
/// <param name="stream">The sound; it stays the caller's.</param>
internal sealed class SoundWindow(SoundStream stream)
{
    private float[] _samples = new float[Sound.SampleRate];
    private long _first;
    private int _count;

    /// <summary>How many samples of the recording have been read.</summary>
    public long Read => _first + _count;

    /// <summary>Reads the next samples, which stay in the window; null at the recording's end.</summary>
    public async ValueTask<float[]?> ReadMoreAsync(CancellationToken cancellation)
    {
        float[]? block = await stream.ReadAsync(cancellation);
        if (block is null)
            return null;
        if (_count + block.Length > _samples.Length)
            Array.Resize(ref _samples, Math.Max(2 * _samples.Length, _count + block.Length));
        block.CopyTo(_samples, _count);
        _count += block.Length;
        return block;
    }

    /// <summary>Reads until a sample is in the window, or the recording ends.</summary>
    public async ValueTask ReadToAsync(long end, CancellationToken cancellation)
    {
        while (Read < end && await ReadMoreAsync(cancellation) is not null)
        {
        }
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
