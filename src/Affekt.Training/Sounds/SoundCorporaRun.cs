using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Training.Recipes;

namespace Affekt.Training.Sounds;

/// <summary>
/// How a sound recipe does on corpora that it hears nothing of: trains it once for each of its corpora, without that one, and measures
/// there. A corpus that only chooses doesn't choose when it is measured.
/// </summary>
public static class SoundCorporaRun
{
    /// <summary>Trains and measures; runs that a folder holds already aren't made again.</summary>
    /// <param name="recipe">What to train; at least two corpora besides the one left out, one of them to choose on.</param>
    /// <param name="folder">Where the runs are written, each in a folder of its corpus's name.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    /// <exception cref="RecipeException">Without one of the corpora nothing is left to train or to choose on.</exception>
    public static SoundCorporaReport Measure(
        SoundRecipe recipe, string folder, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        List<SoundCorporaRow> rows = [];
        foreach (IGrouping<string, SoundCorpus> left in recipe.Train.Concat(recipe.Choose).GroupBy(corpus => corpus.Root))
        {
            SoundRecipe without = Without(recipe, left.Key);
            string run = Path.Combine(folder, Path.GetFileNameWithoutExtension(left.Key));
            SoundRun.Follow(without, new RunContext(run, Directory.Exists(run), progress), cancellation);
            SoundCorpus all = left.First() with { Splits = [.. left.SelectMany(corpus => corpus.Splits).Distinct()] };
            IReadOnlyList<VoicedSounds> heard = VoicedSounds.Read(recipe, [all], [], progress, cancellation);
            SoundFolder trained = SoundFolder.Load(run);
            using SoundBranch branch = new(trained.Network);
            NetworkState.Load(branch, Path.Combine(run, trained.Weights));
            branch.Train(false);
            IReadOnlyList<SoundScore> scores = SoundScores.Of(branch, heard).Rows[0].Scores;
            rows.Add(new SoundCorporaRow(
                Path.GetFileNameWithoutExtension(left.Key), recipe.Train.Any(corpus => corpus.Root == left.Key), heard[0].Speakers.Count,
                heard[0].Sounds.Count, heard[0].Sounds.Select(sound => sound.Label).Distinct().Count(),
                [.. SoundScores.Conditions.Zip(scores, (condition, score) => new SoundCorporaScore(condition.Name, score.Uar, score.CalibrationError))]));
        }

        return new SoundCorporaReport(SoundCorporaReport.CurrentSchema, rows);
    }

    private static SoundRecipe Without(SoundRecipe recipe, string root)
    {
        SoundCorpus[] train = [.. recipe.Train.Where(corpus => corpus.Root != root)];
        SoundCorpus[] choose = [.. recipe.Choose.Where(corpus => corpus.Root != root)];
        if (train.Length == 0 || choose.Length == 0)
            throw new RecipeException(recipe.File, train.Length == 0 ? "train" : "choose", $"nothing without {root}", "at least one more corpus");
        bool gated = train.Any(corpus => corpus.Home) && !train.All(corpus => corpus.Home);
        return recipe with { Train = train, Choose = choose, HomeNetworks = gated ? recipe.HomeNetworks : 0 };
    }
}
