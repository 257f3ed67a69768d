using System.Diagnostics;

namespace Affekt.Recognition;

/// <summary>Adds up how long each stage takes; a stage ends where the next begins.</summary>
internal sealed class StageClock
{
    private readonly TimeSpan[] _times = new TimeSpan[3];
    private TimeSpan _total;
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Counts the time since the last call as decoding.</summary>
    public void Decoded() => Add(0);

    /// <summary>Counts the time since the last call as encoding.</summary>
    public void Encoded() => Add(1);

    /// <summary>Counts the time since the last call as classifying.</summary>
    public void Classified() => Add(2);

    /// <summary>Counts the time since the last call in the total only: it was spent waiting for another request.</summary>
    public void Waited() => _total += SinceLast();

    /// <summary>Leaves out the time since the last call: it was the caller's.</summary>
    public void Skip() => SinceLast();

    /// <summary>The times since the last call of this.</summary>
    public RecognitionTiming Take()
    {
        RecognitionTiming times = new(
            Milliseconds(_times[0]), Milliseconds(_times[1]), Milliseconds(_times[2]), Milliseconds(_total));
        Array.Clear(_times);
        _total = default;
        return times;
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 2);

    private void Add(int stage)
    {
        TimeSpan time = SinceLast();
        _times[stage] += time;
        _total += time;
    }

    private TimeSpan SinceLast()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan time = Stopwatch.GetElapsedTime(_last, now);
        _last = now;
        return time;
    }
}
