using System.Diagnostics;
using Affekt.Recognition;

namespace Affekt.AspNetCore.Live;

/// <summary>When the next update is due.</summary>
internal sealed class LivePace(LiveLimits limits)
{
    // A client that sends nothing is told nothing new.
    private static readonly TimeSpan _clientIsThere = TimeSpan.FromSeconds(2);

    private long _said;
    private bool _fresh;
    private bool _changed;
    private bool _face;

    /// <summary>When the newest thing came that was heard or seen; 0 where nothing was.</summary>
    public long Newest { get; private set; }

    /// <summary>Sound was heard.</summary>
    public void Heard(long arrived) => (_fresh, Newest) = (true, Math.Max(Newest, arrived));

    /// <summary>A picture was seen.</summary>
    public void Saw(bool face, long arrived)
    {
        (_fresh, Newest) = (true, Math.Max(Newest, arrived));
        _changed |= _face && !face;
        _face = face;
    }

    /// <summary>An utterance began or ended.</summary>
    public void Changed() => _changed = true;

    /// <summary>An update was said.</summary>
    public void Said() => (_said, _fresh, _changed) = (Stopwatch.GetTimestamp(), false, false);

    /// <summary>Whether an update is due.</summary>
    public bool IsDue(ILiveSession session) => _changed
        || ((session.IsSpeaking || _face) && (_fresh || ClientIsThere) && Stopwatch.GetElapsedTime(_said) >= Interval(session));

    /// <summary>How long it is until one may be due, at most so long.</summary>
    public TimeSpan UntilDue(TimeSpan most)
    {
        TimeSpan left = limits.UpdateAtBest - Stopwatch.GetElapsedTime(_said);
        return left <= TimeSpan.Zero || left > most ? most : left;
    }

    private bool ClientIsThere => Newest != 0 && Stopwatch.GetElapsedTime(Newest) < _clientIsThere;

    // Half an interval early where nothing new came: words may have been found, and the client counts on it.
    private TimeSpan Interval(ILiveSession session) => session.IsSpeaking && _fresh
        ? limits.UpdateAtBest
        : limits.Update - (limits.UpdateAtBest / 4);
}
