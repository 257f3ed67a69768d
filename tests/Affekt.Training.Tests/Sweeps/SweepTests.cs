using Affekt.Training;
using Affekt.Training.Recipes;
using Affekt.Training.Sweeps;

namespace Affekt.Tests.Sweeps;

/// <summary>What a sweep draws, which trials it ends early, and how it goes on.</summary>
public sealed class SweepTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<(string Folder, double LearningRate, bool Resume)> _followed = [];

    private string Recipe => TestPaths.InRepository("recipes/meld/audio-text.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ranges_are_drawn_from_evenly_by_value_or_by_logarithm_or_from_choices()
    {
        Random random = new(1);
        double[] rates = [.. Enumerable.Range(0, 2_000).Select(_ => double.Parse(SettingRange.Parse("a=1e-5..1e-1:log").Draw(random), System.Globalization.CultureInfo.InvariantCulture))];
        int[] whole = [.. Enumerable.Range(0, 500).Select(_ => int.Parse(SettingRange.Parse("a.b=2..5").Draw(random), System.Globalization.CultureInfo.InvariantCulture))];
        string[] words = [.. Enumerable.Range(0, 100).Select(_ => SettingRange.Parse("a=uar|loss").Draw(random))];

        Assert.All(rates, rate => Assert.InRange(rate, 1e-5, 1e-1));
        Assert.InRange(rates.Count(rate => rate < 1e-3), 900, 1_100);
        Assert.Equal([2, 3, 4, 5], whole.Distinct().Order());
        Assert.Equal(["loss", "uar"], words.Distinct().Order());
    }

    [Theory]
    [InlineData("learning_rate")]
    [InlineData("=1..2")]
    [InlineData("a=2..1")]
    [InlineData("a=0..1:log")]
    [InlineData("a=1..x")]
    [InlineData("a=one||two")]
    public void What_is_no_range_is_refused_with_what_one_looks_like(string text) =>
        Assert.Contains("KEY=LEAST..MOST", Assert.Throws<RecipeException>(() => SettingRange.Parse(text)).Message);

    [Fact]
    public void A_trial_ends_once_its_best_is_below_the_median_of_the_means_of_three_or_more_others()
    {
        Trial[] others = [Ended(1, 0.1, 0.2, 0.3), Ended(2, 0.3, 0.4, 0.5), Ended(3, 0.5, 0.6, 0.7)];

        // Over two epochs the means are .15, .35 and .55.
        Assert.False(Sweep.IsBehind([0.2, 0.35], others));
        Assert.True(Sweep.IsBehind([0.34, 0.2], others));
        Assert.True(Sweep.IsBehind([double.NaN], others));
        Assert.False(Sweep.IsBehind([0.0], others[..2]));
        Assert.False(Sweep.IsBehind([0, 0, 0, 0], others));
    }

    [Fact]
    public void A_sweep_that_was_interrupted_goes_on_with_the_trial_at_hand_and_draws_the_same()
    {
        using CancellationTokenSource source = new();
        Sweep first = Open(resume: false);
        Assert.Throws<OperationCanceledException>(() => first.Run(
            3, (recipe, context, token) =>
            {
                Follow(recipe, context);
                if (context.Folder.EndsWith("trial-2", StringComparison.Ordinal))
                    source.Cancel();
                token.ThrowIfCancellationRequested();
            },
            new Nothing(), _ => { }, source.Token));

        Sweep second = Open(resume: true);
        second.Run(3, (recipe, context, _) => Follow(recipe, context), new Nothing(), _ => { }, CancellationToken.None);

        Assert.Equal(["trial-1", "trial-2", "trial-2", "trial-3"], _followed.Select(one => Path.GetFileName(one.Folder)));
        Assert.Equal([false, false, true, false], _followed.Select(one => one.Resume));
        Assert.Equal(_followed[1].LearningRate, _followed[2].LearningRate);
        Assert.Equal(3, _followed.Select(one => one.LearningRate).Distinct().Count());
        Assert.Equal([1, 2, 3], second.Trials.Select(trial => trial.Number));
        Assert.Equal(_followed.MaxBy(one => one.LearningRate).LearningRate, second.Best!.Best);
    }

    [Fact]
    public void Another_recipe_or_range_in_the_folder_of_a_sweep_is_refused()
    {
        Open(resume: false);

        Assert.Contains("never overwritten", Assert.Throws<RecipeException>(() => Open(resume: false)).Message);
        Assert.Contains("ranges", Assert.Throws<RecipeException>(() => Sweep.Open(Recipe, _folder, [], ["dropout=0.1..0.2"], 1, true)).Message);
        Assert.Throws<RecipeException>(() => Sweep.Open(Recipe, _folder.At("other"), [], ["no_such=1..2"], 1, false));
    }

    [Fact]
    public void A_trial_that_fails_or_falls_behind_is_told_and_the_others_go_on()
    {
        Sweep sweep = Open(resume: false);

        sweep.Run(
            6,
            (_, context, token) =>
            {
                int number = context.Folder[^1] - '0';
                foreach (int epoch in Enumerable.Range(1, 3))
                {
                    token.ThrowIfCancellationRequested();
                    if (number == 5)
                        throw new TrainingException("no number");
                    context.Progress.Report(new TrainingProgress("a", epoch, 3, 1, 1, 0, 0) { Score = number == 4 ? 0.1 : 0.5 });
                }
            },
            new Nothing(), _ => { }, CancellationToken.None);

        Assert.Equal(["done", "done", "done", "stopped", "failed", "done"], sweep.Trials.Select(trial => trial.State));
        Assert.Equal([3, 3, 3, 1, 0, 3], sweep.Trials.Select(trial => trial.Scores.Count));
        Assert.Equal("no number", sweep.Trials[4].Reason);
    }

    private static Trial Ended(int number, params double[] scores) =>
        new() { Number = number, Settings = new Dictionary<string, string>(), State = Trial.Done, Scores = scores };

    private Sweep Open(bool resume) => Sweep.Open(Recipe, _folder, ["seeds=[1]"], ["learning_rate=1e-5..1e-3:log"], 1, resume);

    private void Follow(Recipe recipe, RunContext context)
    {
        double rate = Assert.IsAssignableFrom<NetworkRecipe>(recipe).LearningRate;
        Directory.CreateDirectory(context.Folder);
        _followed.Add((context.Folder, rate, context.Resume));
        context.Progress.Report(new TrainingProgress("a", 1, 1, 1, 1, 0, 0) { Score = rate });
    }

    private sealed class Nothing : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
