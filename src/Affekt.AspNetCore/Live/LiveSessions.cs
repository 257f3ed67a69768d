using System.Security.Cryptography;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Recognitions;
using Affekt.Recognition;
using Affekt.Recognition.Persons;

namespace Affekt.AspNetCore.Live;

/// <summary>The live sessions of the server.</summary>
internal sealed class LiveSessions(
    IEmotionRecognizer recognizer, BundleFacts bundle, Baselines baselines, ServerLimits limits, ILogger<LiveSessions> logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LiveRun> _runs = [];
    private readonly HashSet<LiveRun> _evicted = [];
    private readonly List<string> _opening = [];
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

    /// <summary>Begins a session of a client.</summary>
    /// <exception cref="LiveException">There are too many, or the server has no ears.</exception>
    public async Task<LiveRun> StartAsync(LiveHello hello, string client, CancellationToken cancellation)
    {
        if (bundle.Refusal(hello.Prior) is { } refusal)
            throw LiveException.Malformed($"hello, prior: {refusal}");
        ISpeakerBaseline? voice = hello.Baseline is { } enrolled ? baselines.Find(enrolled) : null;
        Reserve(client);
        try
        {
            ILiveSession session = await recognizer.ListenAsync(
                new LiveOptions
                {
                    TellVoicesApart = SpeakersAsked.Parse(hello.Speakers ?? "auto") is { TellApart: true },
                    SpeakerCount = SpeakersAsked.Parse(hello.Speakers ?? "auto")?.Count,
                    Thumbnails = hello.Thumbnails,
                    Transcribe = hello.Transcribe,
                    MinConfidence = hello.MinConfidence,
                    Prior = hello.Prior,
                    Baseline = voice,
                    MostPixels = (int)Math.Min(limits.MaxPixels, int.MaxValue),
                },
                cancellation);

            // 128 bits: who knows the name may go on with the session.
            LiveRun run = new(
                Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), session, hello, client, limits.Live, logger, Remove);
            lock (_lock)
                _runs.Add(run.Name, run);
            run.Start();

            if (hello.Unknown() is { } unknown)
                run.Warn("unknown_field", unknown);

            // A session goes on without it: a server that was started again has forgotten every voice.
            if (hello.Baseline is not null && voice is null)
                run.Warn("baseline_unknown", "hello, baseline: found no enrolled voice of that name, or none any more; the session goes on without it.");
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
                _opening.Remove(client);
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

    // A session whose client does not come back makes room for one whose client is there: where a client has too many, one of its own.
    private void Reserve(string client)
    {
        lock (_lock)
        {
            int own = _runs.Values.Count(run => run.Client == client) + _opening.Count(name => name == client);
            bool hasAll = own >= limits.LiveSessionsPerClient;
            if (hasAll || _runs.Count + _opening.Count >= limits.MaxLiveSessions)
            {
                LiveRun alone = _runs.Values.Where(run => run.Alone is not null && (!hasAll || run.Client == client)).MaxBy(run => run.Alone)
                    ?? throw new LiveException(
                        LiveClose.TooMany, ProblemCode.TooManySessions,
                        hasAll
                            ? $"Found {limits.LiveSessionsPerClient} sessions of this client, which is all that one has at once; end one of them."
                            : $"Found {limits.MaxLiveSessions} sessions, which is all that this server has at once; try again in a while.");
                _runs.Remove(alone.Name);
                _evicted.Add(alone);
                alone.Stop();
            }

            _opening.Add(client);
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
