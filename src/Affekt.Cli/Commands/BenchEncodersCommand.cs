using System.CommandLine;
using System.Globalization;
using Affekt.Cli.Benchmarks.Encoders;
using Affekt.Models.Text;
using Affekt.Torch;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench encoders: BERT-base, wav2vec2-base, RoBERTa-base and HuBERT-base here and in what else people run them with.</summary>
internal static class BenchEncodersCommand
{
    private const string Lengths = "bench/meld-lengths.json";
    private const string Vocabulary = "bundles/starter/text-encoder/vocab.txt";
    private const string WorkFolder = "build/bench";
    private const int Utterances = 500;
    private const int SecondsPerWork = 30;

    public static Command Create(Terminal terminal)
    {
        Option<string[]> works = Names("--work", "Only this work; may be repeated.", EncoderWorks.Names);
        Option<string[]> engines = Names("--engine", "Only this engine; may be repeated.", EncoderEngines.Names);
        Option<int> seconds = CommonOptions.Count("--seconds", "How long to measure each work, all engines together.", SecondsPerWork);
        Option<int> stream = CommonOptions.Count("--stream", "Utterances of the streams.", Utterances);
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command command = new(
            "encoders",
            "Measures BERT-base, wav2vec2-base, RoBERTa-base and HuBERT-base with random weights beside PyTorch and ONNX Runtime; see bench/README.md.")
        {
            works, engines, seconds, stream, threads, format,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new Request(
                parsed.GetValue(works) is { Length: > 0 } some ? some : EncoderWorks.Names,
                parsed.GetValue(engines) is { Length: > 0 } few ? few : EncoderEngines.Names,
                parsed.GetValue(seconds), parsed.GetValue(stream), parsed.GetValue(threads),
                parsed.GetRequiredValue(format)),
            terminal,
            cancellation));
        return command;
    }

    private static Option<string[]> Names(string name, string description, IReadOnlyList<string> all)
    {
        Option<string[]> option = new(name) { Description = description, HelpName = "NAME" };
        option.AcceptOnlyFromAmong([.. all]);
        return option;
    }

    private static async Task<int> RunAsync(Request asked, Terminal terminal, CancellationToken cancellation)
    {
        string measured = Find(Lengths);
        string bench = Path.GetDirectoryName(measured)!;
        UtteranceLengths lengths = UtteranceLengths.Load(measured).Take(asked.Stream);
        IReadOnlyList<EncoderWork> works = EncoderWorks.Make(asked.Works, lengths, WordPieceVocabulary.Load(Find(Vocabulary)));
        CommonOptions.UseThreads(asked.Threads);
        EncoderFiles files = EncoderFiles.Make(Path.Combine(Path.GetDirectoryName(bench)!, WorkFolder), Find(Vocabulary));
        files.WriteInputs(works);

        (IReadOnlyList<IEncoderEngine> engines, IReadOnlyList<AbsentEngine> absent) = await EncoderEngines.StartAsync(
            asked.Engines, files, bench, TorchRuntime.Threads, cancellation);
        try
        {
            foreach (AbsentEngine engine in absent)
                terminal.Errors.WriteLine($"{engine.Engine} {engine.Precision} is left out: {engine.Reason}");
            GemmPeaks peaks = GemmPeaks.Measure();
            EncoderBenchmark benchmark = new(engines, peaks, TorchRuntime.Threads, asked.Seconds);
            List<EncoderResult> results = [];
            foreach (EncoderWork work in works)
            {
                terminal.Errors.WriteLine(work.Name);
                results.AddRange(await benchmark.RunAsync(work, cancellation));
            }

            EncoderReport report = new(
                EncoderReport.SchemaName, Machine.Here(), engines.ToDictionary(engine => $"{engine.Name}", engine => engine.Version),
                peaks, results, absent);
            if (asked.Format == "json")
                terminal.WriteJson(report);
            else
                Draw(report, terminal);
            return ExitCode.Done;
        }
        catch (PeerException exception)
        {
            throw new CommandException($"a peer program failed: {exception.Message}");
        }
        finally
        {
            foreach (IEncoderEngine engine in engines)
                await engine.DisposeAsync();
        }
    }

    private static string Find(string path) =>
        ShippedFiles.Find(path) ?? throw new CommandException($"{path} is not there: this command runs in the repository");

    private static void Draw(EncoderReport report, Terminal terminal)
    {
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Machine.Processor}, {report.Machine.Cores} cores; GEMM peak in GFLOP/s: fp32 {report.Peaks.Fp32:F0}, bf16 {Number(report.Peaks.Bf16, "F0")}, int8 {report.Peaks.Int8:F0}"));
        Table table = Terminal.NewTable(2, "work", "engine", "ms", "x ort", "x eager", "of peak");
        foreach (EncoderResult result in report.Results)
        {
            table.AddRow(
                result.Work, $"{result.Engine} {result.Precision}", Number(result.MedianMs, "F1"), Number(result.RatioToOrtFp32, "F2"),
                Number(result.RatioToEagerFp32, "F2"), Number(result.ShareOfPeak, "P0"));
        }

        foreach (AbsentEngine absent in report.Absent)
            table.AddRow("all", $"{absent.Engine} {absent.Precision}", "absent", "", "", "");
        terminal.Draw(table);
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private sealed record Request(
        IReadOnlyCollection<string> Works, IReadOnlyCollection<string> Engines, int Seconds, int Stream, int? Threads, string Format);
}
