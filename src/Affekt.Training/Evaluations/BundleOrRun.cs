using System.Text.Json.Nodes;
using Affekt.Models;
using Affekt.Training.AudioText;

namespace Affekt.Training.Evaluations;

/// <summary>A bundle that one seed gave.</summary>
/// <param name="Seed">The seed; null where the bundle is not part of a run.</param>
/// <param name="Folder">The bundle's folder.</param>
public sealed record SeedBundle(int? Seed, string Folder);

/// <summary>
/// What a folder holds to evaluate: it is a bundle, or that of a run with a bundle for each seed (seed-1, seed-2, ...) and
/// a file "best" that names the one which is best on dev.
/// </summary>
/// <param name="Bundles">The bundles by rising seed; at least one.</param>
/// <param name="Best">The one whose numbers are the main ones.</param>
public sealed record BundleOrRun(IReadOnlyList<SeedBundle> Bundles, SeedBundle Best)
{
    /// <summary>Looks at a folder. Whether a bundle is whole shows when it is opened.</summary>
    /// <exception cref="ModelException">
    /// There is no such folder, a run does not say which seed is best, or a seed followed another recipe than the best one.
    /// </exception>
    public static BundleOrRun Find(string folder)
    {
        if (!Directory.Exists(folder))
            throw new ModelException(folder, null, "no such folder", "a bundle's folder or a run's");
        SeedBundle[] seeds = [.. RunFiles.SeedFolders(folder).Select(seed => new SeedBundle(seed.Seed, seed.Folder))];
        SeedBundle single = new(null, folder);
        if (seeds.Length == 0)
            return new BundleOrRun([single], single);
        SeedBundle best = FindBest(folder, seeds);
        foreach (SeedBundle seed in seeds)
            RequireSameRecipe(seed, best);
        return new BundleOrRun(seeds, best);
    }

    // A mean over seeds is one of a recipe; where none wrote its recipe down, nothing can be told.
    private static void RequireSameRecipe(SeedBundle seed, SeedBundle best)
    {
        JsonObject? one = Recipe(seed), other = Recipe(best);
        string? field = one is null || other is null ? null : RunFiles.Difference(one, other);
        if ((one is null) != (other is null) || field is not null)
        {
            throw new ModelException(
                seed.Folder, field is null ? RunFolder.RecipeFile : $"{RunFolder.RecipeFile}, {field}",
                field is null ? "a seed with its recipe beside one without" : one![field]?.ToJsonString() ?? "nothing",
                field is null ? "seeds of one recipe" : $"{other![field]?.ToJsonString() ?? "nothing"} as in {best.Folder}: seeds of one recipe");
        }

        static JsonObject? Recipe(SeedBundle seed)
        {
            string file = Path.Combine(seed.Folder, RunFolder.RecipeFile);
            if (!File.Exists(file))
                return null;
            JsonObject recipe = RunFiles.Read(file);

            // Seeds may be added later.
            recipe.Remove("seeds");
            return recipe;
        }
    }

    private static SeedBundle FindBest(string folder, SeedBundle[] seeds)
    {
        string file = Path.Combine(folder, AudioTextRun.BestFile);
        string names = string.Join(" or ", seeds.Select(seed => Path.GetFileName(seed.Folder)));
        try
        {
            string name = File.ReadAllText(file).Trim();
            return seeds.FirstOrDefault(seed => Path.GetFileName(seed.Folder) == name)
                ?? throw new ModelException(file, null, $"'{name}'", names);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(file, null, error.Message, $"a text file with {names}", error);
        }
    }
}
