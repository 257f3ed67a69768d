using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Affekt.Recognition.Library;

/// <summary>Opens a recognizer when it is first asked, logs, and measures what it does.</summary>
internal sealed class HostedRecognizer(AffektOptions options, ILogger logger) : IEmotionRecognizer, IDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private readonly CancellationTokenSource _end = new();
    private Recognizer? _recognizer;
    private volatile bool _isDisposed;

    public async Task<BundleIdentity> OpenAsync(CancellationToken cancellation = default) =>
        (await OpenedAsync(cancellation).ConfigureAwait(false)).Identity;

    public async Task<RecognitionResult> RecognizeAsync(RecognitionRequest request, CancellationToken cancellation = default)
    {
        List<RecognitionUpdate> updates = [];
        await foreach (RecognitionUpdate update in RecognizeStreamingAsync(request, cancellation).ConfigureAwait(false))
            updates.Add(update);
        return RecognitionUpdate.Join(updates);
    }

    public async IAsyncEnumerable<RecognitionUpdate> RecognizeStreamingAsync(
        RecognitionRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        Recognizer recognizer = await OpenedAsync(cancellation).ConfigureAwait(false);
        using Activity? activity = Telemetry.Activities.StartActivity("affekt.recognize");
        int utterances = 0;
        double milliseconds = 0;
        await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(request, cancellation).ConfigureAwait(false))
        {
            utterances += Telemetry.Count(update) ? 1 : 0;
            milliseconds += update.TimingMs.Total;
            foreach (RecognitionWarning warning in update.Warnings)
                LogMessages.Warned(logger, warning.Code);
            yield return update;
        }

        activity?.SetTag("affekt.utterances", utterances);
        LogMessages.Recognized(logger, utterances, milliseconds);
    }

    public async Task<ILiveSession> ListenAsync(LiveOptions? options = null, CancellationToken cancellation = default) =>
        await (await OpenedAsync(cancellation).ConfigureAwait(false)).ListenAsync(options, cancellation).ConfigureAwait(false);

    public async Task<ISpeakerBaseline> EnrollAsync(IReadOnlyList<string> files, CancellationToken cancellation = default) =>
        await (await OpenedAsync(cancellation).ConfigureAwait(false)).EnrollAsync(files, cancellation).ConfigureAwait(false);

    // What is being opened is waited for: it would be nobody's. The semaphore stays, for whoever waits at it.
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _end.Cancel();
        _opening.Wait();
        _recognizer?.Dispose();
        _opening.Release();
        _end.Dispose();
    }

    private async Task<Recognizer> OpenedAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(IEmotionRecognizer));
        await _opening.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IEmotionRecognizer));
            if (_recognizer is null)
            {
                using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _end.Token);
                _recognizer = await RecognizerFactory.OpenAsync(options, new Fetches(logger), cancellation: ended.Token).ConfigureAwait(false);
                LogMessages.Opened(logger, _recognizer.Identity.Name, _recognizer.Identity.Version);
            }

            return _recognizer;
        }
        finally
        {
            _opening.Release();
        }
    }

    private sealed class Fetches(ILogger logger) : IProgress<string>
    {
        public void Report(string value) => LogMessages.Fetching(logger, value);
    }
}
