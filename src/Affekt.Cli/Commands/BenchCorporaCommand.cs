using System.CommandLine;
using Affekt.Training.Recipes;
using Affekt.Training.Sounds;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench corpora: how a sound recipe does on each of its corpora when it hears nothing of it.</summary>
internal static class BenchCorporaCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> recipe = new("RECIPE") { Description = "A recipe of the task sound." };
        Option<string> folder = new("--out")
        {
            Description = "Where the runs are written, one for each corpus; existing runs are kept.",
            HelpName = "DIR",
            Required = true,
        };
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command command = new("corpora", "Trains the sound branch without each of its corpora in turn, and measures it there.")
        {
            recipe, folder, threads, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            CommonOptions.UseThreads(parsed.GetValue(threads));
            string file = parsed.GetRequiredValue(recipe);
            if (Recipe.Load(file) is not SoundRecipe sound)
                throw new RecipeException(file, "task", "another task", "sound");
            SoundCorporaReport report = await Task.Run(
                () => SoundCorporaRun.Measure(sound, parsed.GetRequiredValue(folder), TrainCommand.Progress(terminal), cancellation), cancellation);
            terminal.Output.Write(parsed.GetRequiredValue(format) == "json" ? report.ToJson() + "\n" : report.ToMarkdown());
            return ExitCode.Done;
        });
        return command;
    }
}
