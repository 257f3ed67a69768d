using System.Diagnostics;
using System.Net.WebSockets;
using Affekt.AspNetCore.Problems;
using Affekt.Media;
using Affekt.Recognition;

namespace Affekt.AspNetCore.Live;

/// <summary>
/// A session at work, on a thread of its own: what it hears and sees comes from its inbox, what it says goes to its outbox. It
/// outlives its connection for as long as a client may take to come back.
/// </summary>
internal sealed class LiveRun
{
    // Clocks of a sound card and of a browser differ by less than this for hours; what is missing beyond it is a pause.
    private const double Gap = 500;

    private static readonly TimeSpan _doze = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _tellDropped = TimeSpan.FromSeconds(1);

    private readonly ILiveSession _session;
    private readonly LiveLimits _limits;
    private readonly ILogger _logger;
    private readonly Action<LiveRun> _ended;
    private readonly Lock _lock = new();
    private readonly LiveWarnings _warnings;
    private readonly LivePace _pace;
    private readonly Thread _thread;
    private LiveConnection? _connection;
    private long _leftAt = Stopwatch.GetTimestamp();
    private volatile bool _stop;
    private bool _skips = true;
    private int _dropped;
    private long _toldDropped;
    private long _noPicturesBefore;
    private long _lastPicture;

    public LiveRun(
        string name, ILiveSession session, LiveHello hello, string client, LiveLimits limits, ILogger logger, Action<LiveRun> ended)
    {
        (Name, _session, Hello, Client, _limits, _logger, _ended) = (name, session, hello, client, limits, logger, ended);
        Inbox = new LiveInbox(limits);
        _warnings = new LiveWarnings(Outbox);
        _pace = new LivePace(limits);
        _thread = new Thread(Work) { IsBackground = true, Name = "affekt live" };
        session.Speaker = hello.Speaker;
        session.WhenAnswered = Inbox.Wake;
    }

    public string Name { get; }

    public LiveHello Hello { get; }

    /// <summary>Whose it is.</summary>
    public string Client { get; }

    public LiveInbox Inbox { get; }

    public LiveOutbox Outbox { get; } = new();

    /// <summary>The last numbers that were received; the connection's to change.</summary>
    public LiveReceived Received { get; set; } = new(0, 0);

    /// <summary>Whether the client pauses.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Why it ended: its connection closes with that.</summary>
    public (WebSocketCloseStatus Close, Problem? Problem) End { get; private set; } = (LiveClose.Done, null);

    /// <summary>How long it has had no connection; null while it has one.</summary>
    public TimeSpan? Alone
    {
        get
        {
            lock (_lock)
                return _connection is null ? Stopwatch.GetElapsedTime(_leftAt) : null;
        }
    }

    /// <summary>Begins to work.</summary>
    public void Start() => _thread.Start();

    /// <summary>Waits until it has ended: it uses the models until then.</summary>
    public void Join() => _thread.Join();

    /// <summary>Tells the client of something, from any thread.</summary>
    public void Warn(string code, string message) => _warnings.Say(code, message);

    /// <summary>Ends it soon.</summary>
    public void Stop()
    {
        _stop = true;
        Inbox.Wake();
    }

    /// <summary>Gives it a connection, and waits until the one before reads no more.</summary>
    public async Task AttachAsync(LiveConnection connection)
    {
        LiveConnection? before;
        lock (_lock)
            (before, _connection) = (_connection, connection);
        if (before is not null)
            await before.TakeOverAsync();
    }

    /// <summary>Takes a connection away, where it is still this one.</summary>
    public void Detach(LiveConnection connection)
    {
        lock (_lock)
        {
            if (_connection == connection)
                (_connection, _leftAt) = (null, Stopwatch.GetTimestamp());
        }
    }

    private void Work()
    {
        try
        {
            while (!_stop)
                Step();
        }
        catch (Exception e)
        {
            ServerLog.LiveFailed(_logger, e.GetType().Name, e.StackTrace);
            End = (LiveClose.Failed, ProblemWriter.Of(e));
        }
        finally
        {
            Finish();
        }
    }

    // What a thread of one's own throws ends the process.
    private void Finish()
    {
        try
        {
            _session.Dispose();
        }
        catch (Exception e)
        {
            ServerLog.LiveFailed(_logger, e.GetType().Name, e.StackTrace);
        }
        finally
        {
            Outbox.Close();
            _ended(this);
        }
    }

    private void Step()
    {
        bool worked = false;
        while (!_stop && !(worked && _pace.IsDue(_session)) && Inbox.Next() is { } work)
        {
            worked = true;
            if (work.Message is { } sound)
                Hear(sound, work.Arrived);
            else
                Obey(work.Request!);
        }

        Say(_session.Answered());
        worked |= SeePicture();
        TellDropped();
        if (!_stop && _pace.IsDue(_session))
            SayUpdate();
        else if (!worked && !_stop)
            Inbox.Wait(_pace.UntilDue(_doze));
        if (Alone > _limits.Resume)
            _stop = true;
    }

    private void Hear(LiveMessage sound, long arrived)
    {
        if (IsPaused)
            return;
        if (_skips || sound.AtMs - _session.HeardMs > Gap)
            Cut(() => _session.SkipTo(sound.AtMs));
        _skips = false;
        Say(_session.Hear(sound.Samples()));
        _pace.Heard(arrived);
    }

    private void Cut(Action cut)
    {
        bool spoke = _session.IsSpeaking;
        cut();
        if (spoke)
            _pace.Changed();
    }

    private void Obey(LiveRequest request)
    {
        switch (request.Type)
        {
            case "speaker":
                _session.Speaker = request.Speaker;
                break;
            case "rename":
                if (_session.Rename(request.From!, request.To!) is { } renamed)
                    Say([renamed]);
                break;
            case "resume":
                (IsPaused, _skips) = (false, true);
                break;
            case "pause":
                Cut(_session.Cut);
                IsPaused = true;
                break;
            default:
                Say(_session.Finish());
                _stop = true;
                break;
        }
    }

    private bool SeePicture()
    {
        if (Stopwatch.GetTimestamp() < _noPicturesBefore || Stopwatch.GetElapsedTime(_lastPicture) < _limits.Picture
            || Inbox.NextPicture() is not { } work)
            return false;
        if (IsPaused)
            return true;
        _lastPicture = Stopwatch.GetTimestamp();
        LiveMessage picture = work.Message!;
        try
        {
            IReadOnlyList<RecognizedFace>? faces = _session.See(picture.Body, picture.AtMs);
            if (faces is null)
                _warnings.Say("picture_late", "A picture was left out: its time stamp is not behind the last one's.");
            else
                _pace.Saw(faces.Count > 0, work.Arrived);
        }
        catch (MediaException e)
        {
            _warnings.Say(
                e.Kind switch
                {
                    MediaError.TooLarge => ProblemCode.TooManyPixels.Name,
                    MediaError.TimedOut => ProblemCode.SlowMedia.Name,
                    _ => "picture_unreadable",
                },
                $"A picture was left out: found {e.Found}; expected {e.Expected}.");
            if (e.Kind is MediaError.Damaged or MediaError.TimedOut)
                _noPicturesBefore = Stopwatch.GetTimestamp() + (long)(_limits.BadPicture.TotalSeconds * Stopwatch.Frequency);
        }

        return true;
    }

    private void SayUpdate()
    {
        long newest = _pace.Newest;
        RunningAnswer answer = _session.Running();
        _pace.Said();
        Outbox.Say(seq => new LiveUpdateReply(
            seq, answer, Math.Round(newest == 0 ? 0 : Stopwatch.GetElapsedTime(newest).TotalMilliseconds, 1)));
    }

    private void Say(IReadOnlyList<LiveUpdate> updates)
    {
        foreach (LiveUpdate update in updates)
        {
            foreach (RecognitionWarning warning in update.Warnings)
                _warnings.Say(warning.Code, warning.Message);
            if (update.Utterance is { } utterance)
                Outbox.Say(seq => new LiveUtteranceReply(seq, utterance));
            else
                _pace.Changed();
            if (update.Persons is { } persons)
                Outbox.Say(seq => new LivePersonsReply(seq, persons, update.Speakers ?? []));
        }
    }

    private void TellDropped()
    {
        _dropped += Inbox.TakeDropped();
        if (_dropped == 0 || Stopwatch.GetElapsedTime(_toldDropped) < _tellDropped)
            return;
        (int pictures, _dropped, _toldDropped) = (_dropped, 0, Stopwatch.GetTimestamp());
        Outbox.Say(seq => new LiveDroppedReply(seq, pictures));
    }
}
