using System.CommandLine;
using System.Globalization;
using Affekt.Cli.Benchmarks;
using Affekt.Cli.Benchmarks.Video;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench video: from a clip to the features of its faces; MC3-18 here and in eager PyTorch.</summary>
internal static class BenchVideoCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<int> rounds = CommonOptions.Count("--rounds", "Timed rounds; each engine has one turn in each.", 7);
        Option<string?> input = CommonOptions.Clip();
        Option<string?> bundle = CommonOptions.Bundle();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command video = new(
            "video",
            "Measures the way from a clip to the features of its faces, and MC3-18 over 8 pictures of 224 x 224 beside eager "
                + "PyTorch (needs python3-torchvision).")
        {
            rounds, input, bundle, threads, format,
        };
        video.SetAction((parsed, cancellation) => Task.Run(
            async () =>
            {
                CommonOptions.UseThreads(parsed.GetValue(threads));
                int count = parsed.GetValue(rounds);
                FacePathTimes facePath = await FacePathBenchmark.RunAsync(
                    ShippedFiles.Bundle(parsed.GetValue(bundle)), ShippedFiles.Clip(parsed.GetValue(input)), count, cancellation);
                VideoBenchmarkReport report = VideoBenchmark.Run(count, facePath, cancellation);
                if (parsed.GetRequiredValue(format) == "json")
                    terminal.WriteJson(report);
                else
                    Draw(report, terminal);
                return ExitCode.Done;
            },
            cancellation));
        return video;
    }

    private static void Draw(VideoBenchmarkReport report, Terminal terminal)
    {
        FacePathTimes path = report.FacePath;
        terminal.Output.WriteLine(
            $"{Path.GetFileName(path.Input)}, 8 x {path.Width} x {path.Height}, a face read in {path.FramesWithFace} of them, {report.Rounds} rounds");
        StageTable.Draw(
            terminal, ("decode", path.Decode), ("detect", path.Detect), ("encode", path.Encode), ("total", path.Total));
        terminal.Output.WriteLine();
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"MC3-18, {report.Frames} x {report.Side} x {report.Side}, {report.Rounds} rounds, {report.Threads} threads, libtorch {report.Libtorch}, PyTorch {report.Peer.Torch}"));
        Table table = Terminal.NewTable(1, "engine", "ms min", "median", "max", "times as fast", "cosine");
        foreach (VideoEngine engine in report.Engines)
        {
            table.AddRow(
                $"{engine.Engine} {engine.Precision}", Number(engine.Ms.Min, "F0"), Number(engine.Ms.Median, "F0"), Number(engine.Ms.Max, "F0"),
                Number(engine.TimesAsFast, "F2"), Number(engine.Cosine, "F5"));
        }

        terminal.Draw(table);

        static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
