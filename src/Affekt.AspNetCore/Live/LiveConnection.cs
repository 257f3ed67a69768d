using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;

namespace Affekt.AspNetCore.Live;

/// <summary>
/// One client's WebSocket. Its reader and its writer never cancel each other: to cancel a WebSocket's call aborts it, and the
/// client would not learn why. Whoever finds a reason to leave says it, the writer says goodbye, and the reader hears the answer.
/// </summary>
internal sealed class LiveConnection(
    WebSocket socket, LiveSessions sessions, string client, ApiKeys keys, string? headerKey, LiveLimits limits) : IDisposable
{
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _leave = new();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LiveReader _reader = new(socket, limits);
    private readonly Lock _lock = new();
    private (WebSocketCloseStatus Close, Problem? Problem)? _reason;
    private LiveRun? _run;
    private long _lastReceived = Stopwatch.GetTimestamp();
    private bool _clientIsDone;

    /// <summary>Serves the client to its end.</summary>
    /// <param name="stopping">The server stops.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        await using CancellationTokenRegistration stop = stopping.Register(
            () => Leave(LiveClose.Stopping, Problem.Of(ProblemCode.Stopping, "The server stops.")));
        Task reading = Task.CompletedTask;
        try
        {
            Task<LiveHello> hello = HelloAsync();
            reading = hello;
            if (await Task.WhenAny(hello, Task.Delay(limits.Hello, _leave.Token)) != hello)
            {
                Leave(LiveClose.NoHello, Problem.Of(
                    ProblemCode.NoHello, $"Found no hello within {limits.Hello.TotalSeconds:0.###} s."));
            }
            else
            {
                await GreetAsync(await hello);
                reading = ReadAsync();
                Task watching = WatchAsync();
                await WriteAsync((await hello).Resume?.LastSeq ?? 0);
                await watching;
            }
        }
        catch (LiveException e)
        {
            Leave(e.Close, e.Problem);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The client is gone, or reads no more: its session waits for it.
            Leave(LiveClose.Failed, null);
            socket.Abort();
        }
        finally
        {
            await ByeAsync(reading);
            _read.TrySetResult();
            if (_run is { } run)
            {
                run.Detach(this);
                if (_clientIsDone)
                    run.Stop();
            }
        }
    }

    /// <summary>Another connection goes on with the session; ends when this one reads no more.</summary>
    public async Task TakeOverAsync()
    {
        Leave(LiveClose.TakenOver, Problem.Of(ProblemCode.TakenOver, "Another connection went on with this session."));
        await _read.Task;
    }

    public void Dispose() => _leave.Dispose();

    private async Task<LiveHello> HelloAsync()
    {
        await Task.Yield();
        (WebSocketMessageType type, ReadOnlyMemory<byte> message) = await _reader.ReadAsync();
        return type switch
        {
            WebSocketMessageType.Text => LiveHello.Read(message, limits),
            WebSocketMessageType.Binary => throw new LiveException(
                LiveClose.WrongKind, ProblemCode.BadMessage, "Found a binary message, expected a hello as text."),
            _ => throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely),
        };
    }

    private async Task GreetAsync(LiveHello hello)
    {
        if (!keys.Allows(hello.ApiKey ?? headerKey))
        {
            bool none = (hello.ApiKey ?? headerKey) is null;
            throw new LiveException(
                LiveClose.NotAllowed, none ? ProblemCode.KeyMissing : ProblemCode.KeyWrong,
                $"hello, api_key: found {(none ? "none" : "one that the server does not know")}, expected one of its own.");
        }

        _run = hello.Resume is { } resume ? sessions.Find(resume.Session) : await sessions.StartAsync(hello, client, _leave.Token);
        await _run.AttachAsync(this);
        await SendAsync(JsonSerializer.SerializeToUtf8Bytes(
            new LiveWelcome(
                _run.Name, (long)limits.Resume.TotalMilliseconds, (long)limits.Update.TotalMilliseconds, limits.MaxPictureBytes, _run.Received),
            ServerJson.Options));
    }

    private async Task ReadAsync()
    {
        try
        {
            while (!_leave.IsCancellationRequested)
            {
                (WebSocketMessageType type, ReadOnlyMemory<byte> message) = await _reader.ReadAsync();
                _lastReceived = Stopwatch.GetTimestamp();
                if (type == WebSocketMessageType.Close)
                {
                    // A page that is closed or loaded again says 1001: it may come back.
                    _clientIsDone = socket.CloseStatus == WebSocketCloseStatus.NormalClosure;
                    Leave(LiveClose.Done, null);
                    return;
                }

                if (type == WebSocketMessageType.Text)
                    await AddAsync(new LiveWork(null, LiveRequest.Read(message, limits), _lastReceived));
                else
                    await TakeAsync(LiveMessage.Read(message.Span, limits));
            }
        }
        catch (LiveException e)
        {
            Leave(e.Close, e.Problem);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            Leave(LiveClose.Failed, null);
        }
        finally
        {
            _read.TrySetResult();
        }
    }

    private async Task TakeAsync(LiveMessage message)
    {
        LiveRun run = _run!;
        bool sound = message.Kind == LiveKind.Sound;
        if (!(sound ? run.Hello.Audio : run.Hello.Video))
            throw LiveException.Malformed($"Found {(sound ? "sound" : "a picture")}, which the hello did not announce.");
        uint last = sound ? run.Received.AudioSeq : run.Received.VideoSeq;

        // What a client sends again after a break may have come before it.
        if (message.Sequence <= last)
            return;
        if (message.Sequence != last + 1)
            run.Warn("sequence_gap", $"{(sound ? "Sound" : "Pictures")}: found number {message.Sequence}, expected {last + 1}.");
        await AddAsync(new LiveWork(message, null, _lastReceived));
        run.Received = sound ? run.Received with { AudioSeq = message.Sequence } : run.Received with { VideoSeq = message.Sequence };
    }

    private async Task AddAsync(LiveWork work)
    {
        await _run!.Inbox.AddAsync(work, _leave.Token);

        // Time in which the server could not take more is not the client's silence.
        _lastReceived = Stopwatch.GetTimestamp();
    }

    private async Task WriteAsync(long after)
    {
        while (!_leave.IsCancellationRequested)
        {
            LiveReply? reply;
            try
            {
                reply = await _run!.Outbox.NextAsync(after, _leave.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (reply is null)
            {
                Leave(_run.End.Close, _run.End.Problem);
                return;
            }

            await SendAsync(reply.Json);
            after = reply.Sequence;
        }
    }

    private async Task SendAsync(byte[] json)
    {
        using CancellationTokenSource limit = new(limits.Send);
        await socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, limit.Token);
    }

    private async Task WatchAsync()
    {
        while (!_leave.IsCancellationRequested)
        {
            TimeSpan most = _run!.IsPaused ? limits.Pause : limits.Idle;
            TimeSpan left = most - Stopwatch.GetElapsedTime(_lastReceived);
            if (left <= TimeSpan.Zero)
            {
                Leave(LiveClose.Idle, Problem.Of(ProblemCode.Idle, $"Found no message for {most.TotalSeconds:0.###} s."));
                return;
            }

            TimeSpan wait = left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
            await Task.Delay(wait, _leave.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Leave(WebSocketCloseStatus close, Problem? problem)
    {
        lock (_lock)
        {
            if (_reason is not null)
                return;
            _reason = (close, problem);
        }

        _leave.Cancel();
    }

    private async Task ByeAsync(Task reading)
    {
        (WebSocketCloseStatus close, Problem? problem) = _reason ?? (LiveClose.Done, null);
        try
        {
            using CancellationTokenSource limit = new(_goodbye);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                if (problem is not null)
                {
                    await socket.SendAsync(
                        JsonSerializer.SerializeToUtf8Bytes(new LiveErrorReply(problem), ServerJson.Options), WebSocketMessageType.Text,
                        endOfMessage: true, limit.Token);
                }

                await socket.CloseOutputAsync(close, problem?.Code, limit.Token);
            }

            // Until the client's own goodbye came, or for a moment: what it sent before is read and thrown away.
            await reading.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (socket.State == WebSocketState.CloseSent)
                await _reader.SkipAsync(limit.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // It is gone already, or does not listen.
        }

        if (socket.State is not (WebSocketState.Closed or WebSocketState.Aborted))
            socket.Abort();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
