using System.CommandLine;
using Affekt.Models.Bundles;
using Affekt.Training.Stress;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench stress: how answers hold up on degraded inputs, and on inputs without content.</summary>
internal static class BenchStressCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string?> bundle = CommonOptions.Bundle();
        Option<string> data = new("--data") { Description = "The folder with ravdess/, meld/ and faces/.", HelpName = "DIR", Required = true };
        Option<string?> answers = new("--answers")
        {
            Description = "answers.jsonl of a run of the task fusion with drawn utterances; without it no modality is replaced.",
            HelpName = "FILE",
        };
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command command = new("stress", "Measures a bundle of experts on noise, bad pictures and misheard words, and with nothing to answer from.")
        {
            bundle, data, answers, threads, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            string folder = ShippedFiles.Bundle(parsed.GetValue(bundle));
            EncoderLocations locations = await EncoderLocations.FindAsync(
                folder, BundleConfig.Load(Path.Combine(folder, BundleConfig.FileName)), audio: true, video: true, terminal.Progress, cancellation);
            using Bundle opened = Bundle.Open(folder, locations);
            StressReport report = await StressRun.RunAsync(
                opened, parsed.GetRequiredValue(data), parsed.GetValue(answers), terminal.Progress, cancellation);
            terminal.Output.Write(parsed.GetRequiredValue(format) == "json" ? report.ToJson() + "\n" : report.ToMarkdown());
            return ExitCode.Done;
        });
        return command;
    }
}
