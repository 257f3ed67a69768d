using System.Diagnostics;
using Affekt.AspNetCore.Problems;
using Affekt.Recognition;

namespace Affekt.AspNetCore;

/// <summary>Opens the models when the server starts, so that no caller waits for it, and says when they are there.</summary>
internal sealed class ModelHost(
    IEmotionRecognizer recognizer, TimeProvider time, ILogger<ModelHost> logger) : BackgroundService
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource<BundleIdentity> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the models are there, with what they are.</summary>
    public Task<BundleIdentity> WhenReady => _ready.Task;

    /// <summary>Whether the models are there.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>Refuses work that needs the models before they are there.</summary>
    /// <exception cref="ProblemException">They are not.</exception>
    public void RequireReady()
    {
        if (!IsReady)
        {
            throw new ProblemException(
                ProblemCode.NotReady, "Found models that are still being opened; GET /readyz tells when they are there.", TimeSpan.FromSeconds(5));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host starts to listen meanwhile.
        await Task.Yield();
        Stopwatch clock = Stopwatch.StartNew();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _ready.TrySetResult(await recognizer.OpenAsync(stoppingToken));
                ServerLog.Ready(logger, clock.Elapsed.TotalSeconds);
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Weights that cannot be fetched now may be there later; and whatever it is, a server that says so is better than none.
                ServerLog.NotReady(logger, _again.TotalSeconds, exception.Message);
                await Task.Delay(_again, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
