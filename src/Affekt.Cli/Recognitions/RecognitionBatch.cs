using System.Text.Json;
using Affekt.Cli.Results;
using Affekt.Recognition;

namespace Affekt.Cli.Recognitions;

/// <summary>Recognizes many files, some at once: what fails is told, and the rest goes on.</summary>
internal sealed class RecognitionBatch(
    IReadOnlyList<RecognitionInput> inputs, Recognizer recognizer, IResultWriter writer, ProgressLine progress, Failures failures)
{
    private readonly Lock _writing = new();

    /// <summary>The result that was written last.</summary>
    public RecognitionResult? Last { get; private set; }

    /// <summary>How many results were written.</summary>
    public int Done { get; private set; }

    /// <summary>Whether a result is there already, by the same bundle and for the same file.</summary>
    public static bool IsDone(RecognitionInput input, BundleIdentity bundle)
    {
        try
        {
            return input.ResultFile is { } file && File.Exists(file)
                && RecognitionResult.FromJson(File.ReadAllText(file)) is { } result
                && result.Bundle == bundle && result.Input.File == input.Name;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <param name="atOnce">How many files are read at once; the models answer one utterance at a time.</param>
    /// <param name="cancellation">Ends the batch; results that were written stay whole.</param>
    public Task RunAsync(int atOnce, CancellationToken cancellation) => Parallel.ForEachAsync(
        inputs,
        new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellation },
        async (input, token) => await OneAsync(input, token));

    private async Task OneAsync(RecognitionInput input, CancellationToken cancellation)
    {
        try
        {
            List<RecognitionUpdate> updates = [];
            await foreach (RecognitionUpdate update in recognizer.RecognizeStreamingAsync(input.Request, cancellation))
            {
                RecognitionUpdate named = update with { Input = update.Input with { File = input.Name } };
                updates.Add(named);
                lock (_writing)
                    writer.Add(named);
                progress.Report(input.Name, update.DoneMs, update.Input.DurationMs);
            }

            RecognitionResult result = RecognitionUpdate.Join(updates);
            if (input.ResultFile is { } file)
                AtomicFile.Write(file, result.ToJson(indented: true) + "\n");
            lock (_writing)
            {
                progress.Clear();
                writer.Add(result);
                Last = result;
                Done++;
            }
        }
        catch (Exception exception) when (Failures.IsOfOneItem(exception))
        {
            failures.Add(input, Failures.Naming(input.Name, exception));
        }

        progress.Done(input.Name);
    }
}

/// <summary>One file to recognize.</summary>
/// <param name="Request">What is known of it.</param>
/// <param name="ResultFile">Where its result goes; null for the output.</param>
internal sealed record RecognitionInput(RecognitionRequest Request, string? ResultFile)
{
    /// <summary>What the user calls it.</summary>
    public string Name { get; init; } = Request.File;
}
