using System.Globalization;
using System.Text.Json.Serialization;
using Affekt.Recognition;
using Spectre.Console;

namespace Affekt.Cli.Benchmarks;

/// <summary>Times of one stage over all runs, in ms.</summary>
internal sealed record StageTimes(double Min, double Median, double Max)
{
    public static StageTimes Of(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        double middle = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return new StageTimes(sorted[0], middle, sorted[^1]);
    }
}

/// <summary>Times from a file to its answer, the models being loaded.</summary>
internal sealed record BenchmarkStages(StageTimes Decode, StageTimes Encode, StageTimes Classify, StageTimes Total);

/// <summary>What the process holds after a number of recognitions.</summary>
/// <param name="Done">The number.</param>
/// <param name="ResidentBytes">Memory as it is.</param>
/// <param name="KeptBytes">Memory after all free memory was returned: what grows if there is a leak.</param>
internal sealed record SoakPoint(int Done, long ResidentBytes, long KeptBytes);

/// <summary>A measurement of recognition: the schema "affekt.bench-recognize/1".</summary>
internal sealed record BenchmarkReport(
    BundleIdentity Bundle, RecognizedInput Input, string Engine, int Threads, string Precision, int Runs, BenchmarkStages TimesMs,
    IReadOnlyList<SoakPoint> Soak)
{
    [JsonPropertyOrder(-1)]
    public string Schema { get; } = "affekt.bench-recognize/1";
}

/// <summary>Recognizes one file again and again.</summary>
internal static class RecognitionBenchmark
{
    // The first answers pay for memory pools and the compiler.
    private const int WarmUps = 3;
    private const int SoakParts = 10;

    public static async Task<IReadOnlyList<RecognitionResult>> TimeAsync(
        Recognizer recognizer, RecognitionRequest request, int runs, CancellationToken cancellation)
    {
        List<RecognitionResult> results = [];
        for (int run = -WarmUps; run < runs; run++)
        {
            RecognitionResult result = await recognizer.RecognizeAsync(request, cancellation);
            if (run >= 0)
                results.Add(result);
        }

        return results;
    }

    /// <summary>Points at the start and after each tenth of the recognitions.</summary>
    public static async Task<IReadOnlyList<SoakPoint>> SoakAsync(
        Recognizer recognizer, RecognitionRequest request, int recognitions, IProgress<SoakPoint> progress,
        CancellationToken cancellation)
    {
        List<SoakPoint> points = [];
        Note(0);
        for (int done = 1, part = 1; done <= recognitions; done++)
        {
            await recognizer.RecognizeAsync(request, cancellation);
            for (; part <= SoakParts && (long)done * SoakParts >= (long)recognitions * part; part++)
                Note(done);
        }

        return points;

        void Note(int done)
        {
            long resident = Environment.WorkingSet;
            ProcessMemory.GiveBack();
            points.Add(new SoakPoint(done, resident, Environment.WorkingSet));
            progress.Report(points[^1]);
        }
    }
}

/// <summary>Times of stages as a table: a row for each, in ms.</summary>
internal static class StageTable
{
    public static void Draw(Terminal terminal, params (string Name, StageTimes Times)[] stages)
    {
        Table table = Terminal.NewTable(1, "ms", "min", "median", "max");
        foreach ((string name, StageTimes times) in stages)
            table.AddRow(name, Number(times.Min), Number(times.Median), Number(times.Max));
        terminal.Draw(table);
    }

    private static string Number(double ms) => ms.ToString("F1", CultureInfo.InvariantCulture);
}
