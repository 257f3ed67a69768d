using System.CommandLine;
using System.Globalization;
using Affekt.Training;
using Affekt.Training.Sweeps;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>affekt sweep: searches a recipe's settings.</summary>
internal static class SweepCommand
{
    private const int DefaultTrials = 20;

    public static Command Create(Terminal terminal)
    {
        Argument<string> recipe = new("RECIPE") { Description = "The JSON file that states the run." };
        Option<string[]> ranges = new("--range")
        {
            Description = "The range of a setting: learning_rate=1e-5..1e-3:log, dropout=0.1..0.5, dialogues=2..16, \"lstm_width=256|512\" in quotes; may be repeated.",
            HelpName = "KEY=RANGE",
            Required = true,
        };
        Option<string[]> settings = new("--set")
        {
            Description = "A value that replaces the recipe's in all trials; may be repeated.",
            HelpName = "KEY=VALUE",
        };
        Option<int> trials = CommonOptions.Count("--trials", "The total number of trials, including earlier ones.", DefaultTrials);
        Option<int> seed = new("--seed")
        {
            Description = "The seed of the random search.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        Option<string?> folder = new("--out")
        {
            Description = "The sweep's folder; default: below runs/, by the recipe's folder and name.",
            HelpName = "DIR",
        };
        Option<bool> resume = new("--resume") { Description = "Goes on with the sweep in the folder." };
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command command = new(
            "sweep",
            "Searches a recipe's settings at random: each trial draws its own and ends early where it does worse than half of those before it.")
        {
            recipe, ranges, settings, trials, seed, folder, resume, threads, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string file = parsed.GetRequiredValue(recipe);
            string target = parsed.GetValue(folder) ?? TrainCommand.DefaultFolder(file) + "-sweep";
            CommonOptions.UseThreads(parsed.GetValue(threads) ?? Environment.ProcessorCount);
            using IDisposable held = RunFiles.Hold(target);
            Sweep sweep = Sweep.Open(
                file, target, parsed.GetValue(settings) ?? [], parsed.GetRequiredValue(ranges), parsed.GetValue(seed), parsed.GetValue(resume));
            int count = parsed.GetValue(trials);
            await Task.Run(
                () => sweep.Run(
                    count,
                    (trial, context, token) =>
                    {
                        using IDisposable heldTrial = RunFiles.Hold(context.Folder);
                        TrainCommand.Follow(trial, context with { Warn = TrainCommand.Warn(terminal) }, token);
                    },
                    TrainCommand.Progress(terminal),
                    trial => terminal.Errors.WriteLine(Line(trial, count)),
                    cancellation),
                cancellation);
            if (parsed.GetRequiredValue(format) == "json")
                terminal.WriteJson(Summary(sweep, target));
            else
                Write(terminal, sweep, target);
            int failed = sweep.Trials.Count(trial => trial.State == Trial.Failed);
            return failed == 0 ? ExitCode.Done : failed == sweep.Trials.Count ? ExitCode.Failed : ExitCode.SomeFailed;
        });
        return command;
    }

    private static string Line(Trial trial, int count) => string.Create(
        CultureInfo.InvariantCulture,
        $"trial {trial.Number}/{count} {trial.State}: {(trial.Reason ?? $"best score {trial.Best:F4} of {trial.Scores.Count} epochs")}; {Settings(trial)}");

    private static string Settings(Trial trial) => string.Join(' ', trial.Settings.Select(entry => $"{entry.Key}={entry.Value}"));

    private static object Summary(Sweep sweep, string folder) => new
    {
        folder,
        best = sweep.Best?.Number,
        trials = sweep.Trials.Select(trial => new { trial.Number, trial.State, trial.Settings, score = trial.Best, epochs = trial.Scores.Count }),
    };

    private static void Write(Terminal terminal, Sweep sweep, string folder)
    {
        Table table = new Table().NoBorder().AddColumns("trial", "score", "epochs", "state", "settings");
        foreach (Trial trial in sweep.Trials.OrderByDescending(trial => trial.Best ?? double.NegativeInfinity))
        {
            Terminal.AddRow(
                table, $"{trial.Number}", trial.Best?.ToString("F4", CultureInfo.InvariantCulture) ?? "", $"{trial.Scores.Count}", trial.State, Settings(trial));
        }

        terminal.Draw(table);
        terminal.Output.WriteLine(sweep.Best is { } best ? Path.Combine(folder, $"trial-{best.Number}") : folder);
    }
}
