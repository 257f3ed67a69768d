using System.CommandLine;
using System.Globalization;
using Affekt.Cli.Benchmarks;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models.Speech;
using Affekt.Networks;
using Affekt.Onnx.Sessions;
using Affekt.Recognition;
using Affekt.Recognition.Library;
using Affekt.Torch;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench speech: utterance boundaries and words, against what is known.</summary>
internal static class BenchSpeechCommand
{
    private const string Actors = "17-20";

    public static Command Create(Terminal terminal)
    {
        Option<string> ravdess = new("--ravdess")
        {
            Required = true,
            Description = $"RAVDESS's folder: clips of actors {Actors} are joined, and their two sentences transcribed.",
            HelpName = "DIR",
        };
        Option<string?> sounds = new("--sounds") { Description = "A folder of other clips to join in.", HelpName = "DIR" };
        Option<int> minutes = new("--minutes") { Description = "Length of the joined recording; 0 for none.", HelpName = "N", DefaultValueFactory = _ => 20 };
        Option<int> seed = new("--seed") { Description = "For the order of clips and the pauses.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string?> keep = new("--recording") { Description = "Where the joined recording is kept.", HelpName = "FILE.wav" };
        Option<bool> noWords = new("--no-words") { Description = "Leaves the transcripts out." };
        Option<string?> bundle = CommonOptions.Bundle();
        Option<string> precision = CommonOptions.Precision();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command command = new("speech", "Joins clips with pauses and measures boundaries, speed and memory; measures word errors.")
        {
            ravdess, sounds, minutes, seed, keep, noWords, bundle, precision, threads, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            MediaTools tools = MediaTools.Find();
            CommonOptions.UseThreads(parsed.GetValue(threads));
            string root = parsed.GetRequiredValue(ravdess);
            Corpus corpus = RavdessCorpus.Read(root, new RavdessOptions { Actors = SpeakerList.Parse(Actors) });
            Precision arithmetic = CommonOptions.ChoosePrecision(parsed.GetRequiredValue(precision), terminal);
            using Recognizer recognizer = await CommonOptions.OpenForSoundAsync(
                parsed.GetValue(bundle), TorchEncoders.Options(arithmetic), transcribe: true, tools, terminal, cancellation);
            using Transcriber? transcriber = parsed.GetValue(noWords)
                ? null
                : await RecognizerFactory.OpenTranscriberAsync(terminal.Progress, cancellation);
            string file = parsed.GetValue(keep) ?? Path.Combine(Path.GetTempPath(), $"affekt-{Environment.ProcessId}.wav");
            try
            {
                SpeechReport report = new(
                    Date: BenchCommand.Today,
                    Bundle: recognizer.Identity,
                    Engine: $"ONNX Runtime {Network.RuntimeVersion}",
                    Threads: TorchRuntime.Threads,
                    Precision: parsed.GetRequiredValue(precision),
                    Recording: parsed.GetRequiredValue(minutes) is var length and > 0
                        ? await SpeechBenchmark.CutAsync(
                            recognizer, tools, Clips(corpus, parsed.GetValue(sounds)), TimeSpan.FromMinutes(length),
                            parsed.GetRequiredValue(seed), file, cancellation)
                        : null,
                    Words: transcriber is null
                        ? null
                        : await SpeechBenchmark.TranscribeAsync(transcriber, tools, corpus, Actors, cancellation));
                if (parsed.GetRequiredValue(format) == "json")
                    terminal.WriteJson(report);
                else
                    terminal.Output.WriteLine(Text(report));
                return ExitCode.Done;
            }
            finally
            {
                if (parsed.GetValue(keep) is null)
                    File.Delete(file);
            }
        });
        return command;
    }

    private static List<string> Clips(Corpus corpus, string? sounds) =>
    [
        .. corpus.Utterances.Select(one => one.Media).OfType<string>(),
        .. sounds is null ? [] : Recognitions.InputList.Find([sounds], unusable => throw unusable).Select(one => one.File),
    ];

    private static string Text(SpeechReport report)
    {
        List<string> lines = [];
        if (report.Recording is { } cut)
        {
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{cut.Seconds / 60:F1} min of {cut.Clips} clips: {cut.Utterances} utterances, boundaries within {cut.ToleranceMs} ms: precision {cut.Precision:F3}, recall {cut.Recall:F3}"));
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{cut.WallSeconds:F1} s, real-time factor {cut.RealTimeFactor:F3}, MiB resident after each quarter: {string.Join(", ", cut.ResidentMib)}"));
        }

        if (report.Words is { } words)
        {
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"RAVDESS actors {words.Actors}, {words.Files} files, {words.Words} words: word error rate {words.WordErrorRate:P1}, {words.WithoutWords} without words"));
            lines.Add(string.Join(", ", words.ByEmotion.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:P1}"))));
        }

        return string.Join('\n', lines);
    }
}
