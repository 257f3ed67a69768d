using System.CommandLine;
using System.Globalization;
using Affekt.Cli.Benchmarks;
using Affekt.Media;
using Affekt.Networks;
using Affekt.Onnx.Sessions;
using Affekt.Recognition;
using Affekt.Recognition.Library;
using Affekt.Torch;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench: how fast, and whether memory stays flat.</summary>
internal static class BenchCommand
{
    private const string SampleText = "Oh my goodness! You came all this way? I did not expect you!";
    private const double Mebibyte = 1 << 20;

    /// <summary>The date of a measurement, in UTC.</summary>
    public static string Today => DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static Command Create(Terminal terminal)
    {
        Option<int> runs = CommonOptions.Count("--runs", "Timed recognitions.", 20);
        Option<int?> soak = CommonOptions.Count("--soak", "Then recognize this often, and watch tensors and memory.");
        Option<string?> input = CommonOptions.Clip();
        Option<string?> text = new("--text") { Description = "Its words; the sample's own where it is the sample.", HelpName = "TEXT" };
        Option<string?> bundle = CommonOptions.Bundle();
        Option<string> precision = CommonOptions.Precision();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command recognize = new("recognize", "Measures the time from a file to its answer, with the models loaded.")
        {
            runs, soak, input, text, bundle, precision, threads, format,
        };
        recognize.SetAction((parsed, cancellation) => RunAsync(
            new Request(
                parsed.GetValue(runs), parsed.GetValue(soak), parsed.GetValue(input), parsed.GetValue(text),
                ShippedFiles.Bundle(parsed.GetValue(bundle)), parsed.GetRequiredValue(precision), parsed.GetValue(threads),
                parsed.GetRequiredValue(format)),
            terminal,
            cancellation));
        return new Command("bench", "Measures speed, memory and how right answers are.")
        {
            recognize, BenchEncodersCommand.Create(terminal), BenchEpochCommand.Create(terminal), BenchSpeechCommand.Create(terminal),
            BenchVideoCommand.Create(terminal), BenchLiveCommand.Create(terminal), BenchRunningCommand.Create(terminal), BenchDiarizeCommand.Create(terminal), BenchPersonsCommand.Create(terminal),
            BenchServeCommand.Create(terminal), BenchStressCommand.Create(terminal), BenchCorporaCommand.Create(terminal),
        };
    }

    private static async Task<int> RunAsync(Request asked, Terminal terminal, CancellationToken cancellation)
    {
        string file = ShippedFiles.Clip(asked.Input);
        string? text = asked.Text ?? (asked.Input is null ? SampleText : null);
        MediaTools tools = MediaTools.Find();
        MediaInfo media = await tools.ProbeAsync(file, cancellation);
        CommonOptions.UseThreads(asked.Threads);
        Precision precision = CommonOptions.ChoosePrecision(asked.Precision, terminal);
        using Recognizer recognizer = await RecognizerFactory.OpenAsync(
            new AffektOptions
            {
                BundleFolder = asked.Bundle,
                Precision = precision,
                Accelerator = TorchEncoders.Options(precision).Accelerator,
                ReadSound = media.Sound is not null,
                ReadPictures = media.Picture is not null,
                CutAtPauses = false,
                Transcribe = false,
            },
            terminal.Progress, tools, cancellation);
        RecognitionRequest request = new(file) { Text = text };

        IReadOnlyList<RecognitionResult> results = await RecognitionBenchmark.TimeAsync(
            recognizer, request, asked.Runs, cancellation);
        IReadOnlyList<SoakPoint> soak = asked.Soak is not { } recognitions
            ? []
            : await RecognitionBenchmark.SoakAsync(recognizer, request, recognitions, new SoakLines(terminal.Errors), cancellation);
        BenchmarkReport report = new(
            Bundle: recognizer.Identity,
            Input: results[0].Input,
            Engine: $"ONNX Runtime {Network.RuntimeVersion}",
            Threads: TorchRuntime.Threads,
            Precision: CommonOptions.NameOf(precision),
            Runs: asked.Runs,
            TimesMs: new BenchmarkStages(
                StageTimes.Of(results.Select(result => result.TimingMs.Decode)),
                StageTimes.Of(results.Select(result => result.TimingMs.Encode)),
                StageTimes.Of(results.Select(result => result.TimingMs.Classify)),
                StageTimes.Of(results.Select(result => result.TimingMs.Total))),
            Soak: soak);
        if (asked.Format == "json")
            terminal.WriteJson(report);
        else
            Draw(report, terminal);
        return ExitCode.Done;
    }

    private static void Draw(BenchmarkReport report, Terminal terminal)
    {
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Input.DurationMs / 1000.0:F1} s clip, {report.Runs} runs, {report.Precision}, {report.Threads} threads, {report.Engine}"));
        StageTable.Draw(
            terminal, ("decode", report.TimesMs.Decode), ("encode", report.TimesMs.Encode), ("classify", report.TimesMs.Classify),
            ("total", report.TimesMs.Total));
        foreach (SoakPoint point in report.Soak)
            terminal.Output.WriteLine(SoakLines.Text(point));
    }

    private sealed class SoakLines(TextWriter writer) : IProgress<SoakPoint>
    {
        public static string Text(SoakPoint point) => string.Create(
            CultureInfo.InvariantCulture,
            $"after {point.Done}: {point.ResidentBytes / Mebibyte:F0} MiB resident, {point.KeptBytes / Mebibyte:F0} MiB with what is free given back");

        public void Report(SoakPoint value) => writer.WriteLine(Text(value));
    }

    private sealed record Request(
        int Runs, int? Soak, string? Input, string? Text, string Bundle, string Precision, int? Threads, string Format);
}
