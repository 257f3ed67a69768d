using System.CommandLine;
using Affekt.Cli.Benchmarks;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models;
using Affekt.Recognition;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench running: how far answers can be relied on that are given while somebody speaks.</summary>
internal static class BenchRunningCommand
{
    private const string DevActors = "15-16";

    public static Command Create(Terminal terminal)
    {
        Option<string> ravdess = new("--ravdess") { Required = true, Description = "RAVDESS's folder.", HelpName = "DIR" };
        Option<string> actors = new("--speakers")
        {
            Description = "Its actors.",
            HelpName = "LIST",
            DefaultValueFactory = _ => DevActors,
        };
        Option<string?> bundle = CommonOptions.Bundle();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("running", "Measures how right and how sure running answers are, by how much was heard; prints JSON.")
        {
            ravdess, actors, bundle, threads,
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
            terminal.WriteJson(new RunningReport(
                BenchCommand.Today, recognizer.Identity, chosen, corpus.Utterances.Count(),
                await RunningBenchmark.MeasureAsync(recognizer, tools, corpus.Utterances, cancellation)));
            return ExitCode.Done;
        });
        return command;
    }
}
