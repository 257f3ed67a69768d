using System.CommandLine;
using System.Globalization;
using Affekt.Cli.Benchmarks;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models;
using Affekt.Recognition;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench diarize: how well speakers are told apart by their voices.</summary>
internal static class BenchDiarizeCommand
{
    // The adaptation to emotional speech heard actors 1 to 14.
    private const string UnheardActors = "15-20";
    private const string Counts = "2-5";

    public static Command Create(Terminal terminal)
    {
        Option<string> ravdess = new("--ravdess") { Required = true, Description = "RAVDESS's folder.", HelpName = "DIR" };
        Option<string> actors = new("--speakers") { Description = "Its actors.", HelpName = "LIST", DefaultValueFactory = _ => UnheardActors };
        Option<string> counts = new("--count") { Description = "How many of them speak in a recording, each in one of its own.", HelpName = "LIST", DefaultValueFactory = _ => Counts };
        Option<double> minutes = new("--minutes") { Description = "How long each recording is.", HelpName = "N", DefaultValueFactory = _ => 20 };
        Option<int> seed = new("--seed") { Description = "Chooses speakers and turns.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<int> draws = CommonOptions.Count("--draws", "Recordings of each number of speakers, with seeds from --seed on.", 1);
        Option<double?> overlap = CommonOptions.Number(
            "--overlap", "The share of clips into which somebody else speaks, in [0, 1], where there is somebody else; the result says how many are told.", "SHARE", 0, 1);
        Option<bool> emotions = new("--emotions") { Description = "Also compares the emotions with those found without telling speakers apart." };
        Option<string?> bundle = CommonOptions.Bundle();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("diarize", "Measures how well speakers are told apart, on RAVDESS's voices joined in turns; prints JSON.")
        {
            ravdess, actors, counts, minutes, seed, draws, overlap, emotions, bundle, threads,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            MediaTools tools = MediaTools.Find();
            CommonOptions.UseThreads(parsed.GetValue(threads));
            string chosen = parsed.GetRequiredValue(actors);
            Corpus corpus = RavdessCorpus.Read(
                parsed.GetRequiredValue(ravdess), new RavdessOptions { Actors = SpeakerList.Parse(chosen), CalmAs = CalmAs.LeftOut });
            using Recognizer recognizer = await CommonOptions.OpenForSoundAsync(
                parsed.GetValue(bundle), EncoderOptions.Default, transcribe: false, tools, terminal, cancellation);
            string file = Path.Combine(Path.GetTempPath(), $"affekt-diarize-{Environment.ProcessId}.wav");
            List<DiarizedRecording> recordings = [];
            try
            {
                foreach ((int count, int draw) in SpeakerList.Parse(parsed.GetRequiredValue(counts)).Numbers
                    .SelectMany(count => Enumerable.Range(parsed.GetRequiredValue(seed), parsed.GetValue(draws)).Select(draw => (count, draw))))
                {
                    recordings.Add(await DiarizationBenchmark.MeasureAsync(
                        recognizer, tools, corpus, count, TimeSpan.FromMinutes(parsed.GetRequiredValue(minutes)), draw,
                        parsed.GetValue(overlap) ?? 0, parsed.GetValue(emotions), file, cancellation));
                    DiarizedRecording last = recordings[^1];
                    terminal.Errors.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"{last.Speakers} speakers: {last.Found} found, error {last.Error:P1}, {last.ErrorOfKnownNumber:P1} where their number is known"));
                }
            }
            finally
            {
                File.Delete(file);
            }

            terminal.WriteJson(new DiarizationReport(
                BenchCommand.Today, recognizer.Identity, chosen, parsed.GetRequiredValue(seed),
                parsed.GetValue(draws), recordings));
            return ExitCode.Done;
        });
        return command;
    }
}
