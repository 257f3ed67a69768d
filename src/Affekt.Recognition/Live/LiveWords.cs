using System.Diagnostics;

namespace Affekt.Recognition;

/// <summary>Looks for the words of an utterance that goes on, now and then, while the session does other things.</summary>
/// <param name="finder">Finds them.</param>
/// <param name="least">The least time between two looks.</param>
internal sealed class LiveWords(WordFinder finder, TimeSpan least) : IDisposable
{
    private const int Rest = 3;

    private readonly CancellationTokenSource _end = new();
    private CancellationTokenSource? _stop;
    private Task<string?>? _look;
    private long _lookedFrom;
    private long _started;
    private TimeSpan _wait;
    private (long Begun, string? Words) _found = (-1, null);

    /// <summary>The newest words of the utterance that began at a sample, null where there are none yet; and looks again where it is time.</summary>
    /// <param name="begun">Where it began, in samples.</param>
    /// <param name="sound">Gives its sound so far.</param>
    public string? Look(long begun, Func<float[]> sound)
    {
        if (_look is { IsCompleted: true } done)
        {
            _look = null;
            if (done.IsCompletedSuccessfully)
                _found = (_lookedFrom, done.Result);
            else if (done.Exception is { } failed)
                throw failed.InnerException!;
            _wait = Stopwatch.GetElapsedTime(_started) * Rest;
        }

        if (_look is null && (_started == 0 || Stopwatch.GetElapsedTime(_started) >= (least > _wait ? least : _wait)))
        {
            _stop?.Dispose();
            _stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            (_lookedFrom, _started) = (begun, Stopwatch.GetTimestamp());
            _look = finder.FindLaterAsync(sound(), _stop.Token);
        }

        return _found.Begun == begun ? _found.Words : null;
    }

    /// <summary>The utterance is over: what is being looked for is wanted no more.</summary>
    public void Stop() => _stop?.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _look?.ContinueWith(done => done.Exception, TaskScheduler.Default);
        _stop?.Dispose();
        _end.Dispose();
    }
}
