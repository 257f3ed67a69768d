using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Affekt.Torch;
using Affekt.Torch.Distributed;
using Affekt.Training;
using Affekt.Training.Fusion;
using Affekt.Training.Recipes;

namespace Affekt.Cli.Commands;

/// <summary>affekt train: follows a recipe.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> recipe = new("RECIPE") { Description = "The JSON file that states the run." };
        Option<string[]> settings = new("--set")
        {
            Description = "A value that replaces the recipe's, such as learning_rate=1e-4; may be repeated.",
            HelpName = "KEY=VALUE",
        };
        Option<string?> folder = new("--out")
        {
            Description = "The run's folder; default: below runs/, by the recipe's folder and name.",
            HelpName = "DIR",
        };
        Option<bool> resume = new("--resume")
        {
            Description = "Continues the run in the folder after its last finished epoch; the result is that of an uninterrupted run.",
        };
        Option<bool> overwrite = new("--overwrite")
        {
            Description = "Deletes the run in the folder and starts again; only files that a run wrote are deleted.",
        };
        Option<string> device = CommonOptions.Device(
            "Where the networks are trained; cuda is the one of LOCAL_RANK where there are several processes. What is frozen stays on"
            + " the processor, but for a video trunk.");
        Option<int?> threads = CommonOptions.Threads();
        Command command = new(
            "train",
            "Trains a model as a recipe says. Several processes train one model together where RANK, WORLD_SIZE, MASTER_ADDR and"
            + " MASTER_PORT say so, as torchrun and Slurm scripts set them.") { recipe, settings, folder, resume, overwrite, device, threads };
        command.Validators.Add(result =>
        {
            if (result.GetValue(resume) && result.GetValue(overwrite))
                result.AddError("give either --resume or --overwrite");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            string file = parsed.GetRequiredValue(recipe);
            Recipe loaded = Recipe.Load(file, parsed.GetValue(settings));
            string target = parsed.GetValue(folder) ?? DefaultFolder(file);
            CommonOptions.UseThreads(parsed.GetValue(threads) ?? ThreadsAmongOthers());
            using TrainingRanks ranks = TrainingRanks.Join(Environment.GetEnvironmentVariable, DeviceOf(parsed.GetRequiredValue(device)));
            try
            {
                await Task.Run(
                    () =>
                    {
                        IDisposable? held = null;
                        try
                        {
                            // Before anything is computed; the others would find what the first has begun.
                            ranks.RunWithHeartbeat(
                                _ =>
                                {
                                    if (!ranks.IsFirst)
                                        return;
                                    held = RunFiles.Hold(target);
                                    RunFiles.Claim(target, loaded, parsed.GetValue(resume), parsed.GetValue(overwrite));
                                },
                                cancellation);
                            Counted progress = new(ranks.IsFirst ? Progress(terminal) : null);
                            Follow(
                                ranks.IsFirst ? loaded with { Tell = text => terminal.Errors.WriteLine($"note: {text}") } : loaded,
                                new RunContext(target, parsed.GetValue(resume), progress) { Ranks = ranks, Warn = Warn(terminal) }, cancellation);
                            if (parsed.GetValue(resume) && ranks.IsFirst && progress.Count == 0 && loaded is not FusionRecipe)
                                terminal.Errors.WriteLine($"note: {target}: finished before, so nothing was trained; --overwrite trains anew, as a changed corpus wants");
                        }
                        finally
                        {
                            held?.Dispose();
                        }
                    },
                    cancellation);
            }
            catch (ProcessGroupException) when (cancellation.IsCancellationRequested)
            {
                // All were told to end, and another did so first.
                throw new OperationCanceledException(cancellation);
            }

            if (!ranks.IsFirst)
                return ExitCode.Done;
            if (loaded is FusionRecipe)
                terminal.Output.WriteLine(File.ReadAllText(Path.Combine(target, FusionRun.TablesFile)));
            terminal.Output.WriteLine(target);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>A line on how training goes.</summary>
    internal static StatusLine<TrainingProgress> Progress(Terminal terminal) => new(terminal, progress => ($"{progress}", progress.IsEndOfEpoch));

    /// <summary>A line for each picture or clip that cannot be read.</summary>
    internal static Action<string> Warn(Terminal terminal) => message => terminal.Errors.WriteLine($"warning: {message}");

    /// <summary>Follows a recipe of any task.</summary>
    internal static void Follow(Recipe recipe, RunContext context, CancellationToken cancellation)
    {
        TrainingRanks ranks = context.Ranks;
        if ((ranks.Count > 1 || ranks.Device.IsCuda) && recipe is not (VideoRecipe or VideoFrozenRecipe or AudioTextFrozenRecipe))
        {
            throw new CommandException(
                $"{recipe.File}: found {ranks.Count} processes (WORLD_SIZE) and --device {ranks.Device}; recipes of this task are followed by one process on the processor");
        }

        context.Follow(recipe, cancellation);
    }

    /// <summary>
    /// Where a recipe's run goes if nobody says: recipes/starter/text.json here to runs/starter/text; of a recipe that lies elsewhere
    /// the name has a part of its path's digest, so that no two recipes have one folder.
    /// </summary>
    internal static string DefaultFolder(string recipe)
    {
        string full = Path.GetFullPath(recipe), below = Path.GetRelativePath(Path.GetFullPath("recipes"), full);
        if (!below.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(below))
            return Path.Combine("runs", WithoutJson(below));
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..8];
        return Path.Combine("runs", Path.GetFileName(Path.GetDirectoryName(full)) ?? "", $"{WithoutJson(Path.GetFileName(full))}-{digest}");
    }

    private static string WithoutJson(string path) => path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? path[..^".json".Length] : path;

    // Processes of one machine that are all told "cuda" each take one.
    private static Device DeviceOf(string name) =>
        CommonOptions.DeviceOf(name == "cuda" && Environment.GetEnvironmentVariable("LOCAL_RANK") is { Length: > 0 } local ? $"cuda:{local}" : name);

    // Processes that share a machine share its processors; torchrun tells how many they are.
    private static int? ThreadsAmongOthers() =>
        int.TryParse(Environment.GetEnvironmentVariable("LOCAL_WORLD_SIZE"), out int here) && here > 1
            ? Math.Max(1, Environment.ProcessorCount / here)
            : null;

    private sealed class Counted(IProgress<TrainingProgress>? told) : IProgress<TrainingProgress>
    {
        public int Count { get; private set; }

        public void Report(TrainingProgress value)
        {
            Count++;
            told?.Report(value);
        }
    }
}
