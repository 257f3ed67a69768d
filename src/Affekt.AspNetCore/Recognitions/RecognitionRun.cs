using Affekt.AspNetCore.Problems;
using Affekt.Media;
using Affekt.Recognition;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>One upload to its result.</summary>
internal sealed class RecognitionRun(IEmotionRecognizer recognizer, ServerLimits limits, TimeProvider time)
{
    // A file may turn out a little longer than was counted.
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(1);

    /// <param name="upload">What is recognized.</param>
    /// <param name="told">Gets each update as it is found.</param>
    /// <param name="cancellation">Ends it after the current utterance.</param>
    /// <returns>What was found; where the work took longer than it may, what was found until then, with a warning.</returns>
    /// <exception cref="ProblemException">The recording cannot be read, is longer than it says, or took too long altogether.</exception>
    public async Task<RecognitionResult> RunAsync(Upload upload, Action<RecognitionUpdate>? told, CancellationToken cancellation)
    {
        TimeSpan longest = upload.Options.Mode == RecognitionMode.Sync ? limits.MaxSyncDuration : limits.MaxDuration;
        List<RecognitionUpdate> updates = [];
        TimeSpan most = limits.WorkTime(upload.Work ?? TimeSpan.Zero);
        using CancellationTokenSource late = new(most, time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(upload.ToRequest(), end.Token))
            {
                if (Math.Max(update.DoneMs, update.Input.DurationMs) > (longest + _tolerance).TotalMilliseconds)
                {
                    throw new ProblemException(
                        upload.Options.Mode == RecognitionMode.Sync ? ProblemCode.TooLongForSync : ProblemCode.TooLong,
                        "media: found a recording that goes on after the length that it states, expected one that does not.");
                }

                updates.Add(update);
                told?.Invoke(update);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            updates.Add(Cut(updates, most));
        }
        catch (MediaException exception)
        {
            throw new ProblemException(MediaProblems.Of(exception, upload));
        }

        RecognitionResult result = RecognitionUpdate.Join(updates);
        return result with
        {
            Input = result.Input with { File = upload.File },
            Warnings = [.. result.Warnings.Select(warning => warning with { Message = MediaProblems.Shown(warning.Message, upload) })],
        };
    }

    // What was computed is kept.
    private static RecognitionUpdate Cut(List<RecognitionUpdate> updates, TimeSpan most)
    {
        if (updates.Count == 0)
        {
            throw new ProblemException(
                ProblemCode.TookTooLong, FormattableString.Invariant($"media: found nothing within {most.TotalSeconds:0.#} s of work, which is all that there may be."));
        }

        return updates[^1] with
        {
            Utterance = null,
            TimingMs = new RecognitionTiming(0, 0, 0, 0),
            Warnings =
            [
                new RecognitionWarning("stopped_early", FormattableString.Invariant(
                    $"The work took the {most.TotalSeconds:0.#} s that it may take; what comes behind {updates[^1].DoneMs} ms was left out.")),
            ],
        };
    }
}
