using Affekt.Media;
using Affekt.Recognition;
using Affekt.Server.Hosting;
using Affekt.Server.Problems;

namespace Affekt.Server.Recognitions;

/// <summary>One upload to its result.</summary>
internal sealed class RecognitionRun(IEmotionRecognizer recognizer, ServerLimits limits)
{
    // A file may turn out a little longer than was counted.
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(1);

    /// <param name="upload">What is recognised.</param>
    /// <param name="told">Gets each update as it is found.</param>
    /// <param name="cancellation">Ends it behind the utterance at hand.</param>
    /// <exception cref="ProblemException">The recording cannot be read, or is longer than it says.</exception>
    public async Task<RecognitionResult> RunAsync(Upload upload, Action<RecognitionUpdate>? told, CancellationToken cancellation)
    {
        TimeSpan longest = upload.Options.Mode == RecognitionMode.Sync ? limits.MaxSyncDuration : limits.MaxDuration;
        List<RecognitionUpdate> updates = [];
        try
        {
            await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(upload.ToRequest(), cancellation))
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
}
