using System.Text.Json.Nodes;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sweeps;

/// <summary>
/// Searches a recipe's settings at random (Bergstra and Bengio, 2012): each trial draws every range anew and trains in a folder of its own.
/// A trial ends early by the median rule (Golovin et al., 2017): once its best score so far is below the median of the means that
/// the trials before it had over as many epochs. What a trial draws follows from the seed and its number, so that a sweep that was
/// interrupted, or gets more trials, goes on where it stood.
/// </summary>
public sealed class Sweep
{
    /// <summary>The file in the sweep's folder with a line for each trial that ended.</summary>
    public const string TrialsFile = "sweep.jsonl";

    // What was asked for, so that a sweep goes on with the same.
    private const string SettingsFile = "sweep.json";

    // With fewer to compare with, a median says little.
    private const int LeastTrials = 3;

    private readonly string _recipe, _folder;
    private readonly IReadOnlyList<string> _settings;
    private readonly IReadOnlyList<SettingRange> _ranges;
    private readonly int _seed;
    private readonly List<Trial> _trials = [];

    private Sweep(string recipe, string folder, IReadOnlyList<string> settings, IReadOnlyList<SettingRange> ranges, int seed) =>
        (_recipe, _folder, _settings, _ranges, _seed) = (recipe, folder, settings, ranges, seed);

    /// <summary>The trials that ended, in their order.</summary>
    public IReadOnlyList<Trial> Trials => _trials;

    /// <summary>The trial with the best score; null where none has one.</summary>
    public Trial? Best => _trials.Where(trial => trial.Best is not null).MaxBy(trial => trial.Best);

    /// <summary>Begins a sweep, or goes on with one.</summary>
    /// <param name="recipe">The recipe's file.</param>
    /// <param name="folder">Where to write: a folder for each trial.</param>
    /// <param name="settings">Values that replace the recipe's in all trials, as <see cref="Recipe.Load"/> takes them.</param>
    /// <param name="ranges">What is drawn, as <see cref="SettingRange"/> says; at least one.</param>
    /// <param name="seed">The seed of what is drawn.</param>
    /// <param name="resume">Whether to go on with the sweep that the folder holds.</param>
    /// <exception cref="RecipeException">
    /// A range is none, the recipe does not take a value of it, or the folder holds a sweep that is not gone on with or asked for
    /// something else.
    /// </exception>
    public static Sweep Open(
        string recipe, string folder, IReadOnlyList<string> settings, IReadOnlyList<string> ranges, int seed, bool resume)
    {
        Sweep sweep = new(recipe, folder, settings, [.. ranges.Select(SettingRange.Parse)], seed);
        JsonObject asked = new()
        {
            ["recipe"] = JsonNode.Parse(Recipe.Load(recipe, settings).ToJson()),
            ["ranges"] = new JsonArray([.. ranges.Select(range => (JsonNode)range)]),
            ["seed"] = seed,
        };
        sweep.Load(1);
        string file = Path.Combine(folder, SettingsFile);
        if (!File.Exists(file))
        {
            AtomicFile.Write(file, ReportJson.Write(asked));
            return sweep;
        }

        if (!resume)
            throw new RecipeException(folder, null, "a sweep, which is never overwritten", "a folder without one, or --resume to go on with it");
        if (RunFiles.Difference(RunFiles.Read(file), asked) is { } field)
            throw new RecipeException(file, field, "something else than this sweep asks for", "the same recipe, ranges and seed");
        if (File.Exists(sweep.At(TrialsFile)))
            sweep._trials.AddRange(File.ReadLines(sweep.At(TrialsFile)).Where(line => line.EndsWith('}')).Select(Trial.Parse));
        return sweep;
    }

    /// <summary>Trains trials that have not ended yet.</summary>
    /// <param name="count">Up to which number.</param>
    /// <param name="follow">Follows a recipe.</param>
    /// <param name="progress">Told of each trial's steps.</param>
    /// <param name="ended">Told of each trial's end.</param>
    /// <param name="cancellation">Ends the sweep after the step at hand; the trial at hand goes on when the sweep does.</param>
    public void Run(
        int count, Action<Recipe, RunContext, CancellationToken> follow, IProgress<TrainingProgress> progress, Action<Trial> ended, CancellationToken cancellation)
    {
        for (int number = 1; number <= count; number++)
        {
            if (_trials.Any(trial => trial.Number == number))
                continue;
            Trial trial = Train(number, follow, progress, cancellation);
            _trials.Add(trial);
            File.AppendAllText(At(TrialsFile), trial.ToJson() + "\n");
            ended(trial);
        }
    }

    /// <summary>What a trial draws.</summary>
    internal IReadOnlyDictionary<string, string> Draw(int number)
    {
        Random random = new(RunSeeds.Mix(_seed, 0, number));
        return _ranges.ToDictionary(range => range.Key, range => range.Draw(random));
    }

    /// <summary>Whether a trial does worse than half of those before it did by then.</summary>
    internal static bool IsBehind(IReadOnlyList<double> scores, IEnumerable<Trial> others)
    {
        double[] means =
        [
            .. others.Where(other => other.Scores.Count >= scores.Count).Select(other => other.Scores.Take(scores.Count).Average()).Order(),
        ];
        if (means.Length < LeastTrials)
            return false;
        double median = (means[(means.Length - 1) / 2] + means[means.Length / 2]) / 2;
        return !(scores.Max() >= median);
    }

    private Trial Train(int number, Action<Recipe, RunContext, CancellationToken> follow, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> drawn = Draw(number);
        string folder = At($"trial-{number}");
        using CancellationTokenSource behind = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Follower told = new(progress, ScoresOf(folder), scores =>
        {
            if (IsBehind(scores, _trials))
                behind.Cancel();
        });
        string state = Trial.Done;
        string? reason = null;
        try
        {
            follow(Load(number), new RunContext(folder, Directory.Exists(folder), told), behind.Token);
        }
        catch (OperationCanceledException) when (behind.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            state = Trial.Stopped;
        }
        catch (TrainingException e)
        {
            (state, reason) = (Trial.Failed, e.Message);
        }

        return new Trial { Number = number, Settings = drawn, State = state, Reason = reason, Scores = told.Scores };
    }

    private Recipe Load(int number) => Recipe.Load(_recipe, [.. _settings, .. Draw(number).Select(entry => $"{entry.Key}={entry.Value}")]);

    private string At(string name) => Path.Combine(_folder, name);

    // Of a trial that goes on: the epochs that it had finished.
    private static IEnumerable<double> ScoresOf(string folder)
    {
        string? file = !Directory.Exists(folder)
            ? null
            : Directory.EnumerateFiles(folder, RunFolder.MetricsFile, SearchOption.AllDirectories).Order(StringComparer.Ordinal).FirstOrDefault();
        return file is null
            ? []
            : File.ReadLines(file).Where(line => line.EndsWith('}')).Select(line => JsonNode.Parse(line)![TrainingLoop.ScoreField])
                .OfType<JsonValue>().Select(value => value.GetValue<double>());
    }

    private sealed class Follower(IProgress<TrainingProgress> others, IEnumerable<double> before, Action<IReadOnlyList<double>> scored)
        : IProgress<TrainingProgress>
    {
        private readonly List<double> _scores = [.. before];

        public IReadOnlyList<double> Scores => _scores;

        public void Report(TrainingProgress value)
        {
            others.Report(value);
            if (value.Score is not { } score)
                return;
            _scores.Add(score);
            scored(_scores);
        }
    }
}
