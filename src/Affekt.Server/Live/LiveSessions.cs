using System.Security.Cryptography;
using Affekt.Recognition;
using Affekt.Server.Hosting;
using Affekt.Server.Problems;

namespace Affekt.Server.Live;

/// <summary>The live sessions of the server.</summary>
internal sealed class LiveSessions(IEmotionRecognizer recognizer, ServerLimits limits, ILogger<LiveSessions> logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LiveRun> _runs = [];
    private readonly HashSet<LiveRun> _evicted = [];
    private int _opening;
    private long _begun;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _runs.Count;
        }
    }

    /// <summary>How many ever began.</summary>
    public long Begun => Volatile.Read(ref _begun);

    /// <summary>Begins a session.</summary>
    /// <exception cref="LiveException">There are too many, or the server has no ears.</exception>
    public async Task<LiveRun> StartAsync(LiveHello hello, CancellationToken cancellation)
    {
        Reserve();
        try
        {
            LiveSession session = await recognizer.ListenAsync(
                new LiveOptions
                {
                    Transcribe = hello.Transcribe,
                    MinConfidence = hello.MinConfidence,
                    Prior = hello.Prior,
                    MostPixels = (int)Math.Min(limits.MaxPixels, int.MaxValue),
                },
                cancellation);

            // 128 bits: who knows the name may go on with the session.
            LiveRun run = new(
                Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), session, hello, limits.Live, logger, Remove);
            lock (_lock)
                _runs.Add(run.Name, run);
            run.Start();
            return run;
        }
        catch (InvalidOperationException)
        {
            throw new LiveException(
                LiveClose.TooMany, ProblemCode.LiveUnavailable, "Found no detector of speech, which live sound needs; this server was started without sound.");
        }
        finally
        {
            lock (_lock)
                _opening--;
        }
    }

    /// <summary>The session of a name.</summary>
    /// <exception cref="LiveException">There is none, or no longer.</exception>
    public LiveRun Find(string name)
    {
        lock (_lock)
        {
            return _runs.GetValueOrDefault(name) ?? throw new LiveException(
                LiveClose.NoSession, ProblemCode.NotFound, "hello, resume, session: found no such session, or none any more; begin a new one.");
        }
    }

    public void Dispose()
    {
        LiveRun[] runs;
        lock (_lock)
            runs = [.. _runs.Values, .. _evicted];
        foreach (LiveRun run in runs)
            run.Stop();
        foreach (LiveRun run in runs)
            run.Join();
    }

    // One that waits for its client in vain makes room for one that is there.
    private void Reserve()
    {
        lock (_lock)
        {
            if (_runs.Count + _opening >= limits.MaxLiveSessions)
            {
                LiveRun? alone = _runs.Values.Where(run => run.Alone is not null).MaxBy(run => run.Alone);
                if (alone is null)
                {
                    throw new LiveException(
                        LiveClose.TooMany, ProblemCode.TooManySessions,
                        $"Found {limits.MaxLiveSessions} sessions, which is all that this server has at once; try again in a while.");
                }

                _runs.Remove(alone.Name);
                _evicted.Add(alone);
                alone.Stop();
            }

            _opening++;
            _begun++;
        }
    }

    private void Remove(LiveRun run)
    {
        lock (_lock)
        {
            _runs.Remove(run.Name);
            _evicted.Remove(run);
        }
    }
}
