using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Affekt.Models.Bundles;
using Affekt.Training.Recipes;

namespace Affekt.Training;

/// <summary>Which files in a folder are a training run's, so that no other is touched and no run is overwritten.</summary>
public static partial class RunFiles
{
    /// <summary>What the name of a seed's folder begins with.</summary>
    internal const string SeedPrefix = "seed-";

    // What a run writes first; a folder with one of them that is no run's has been somebody's before.
    private static readonly string[] _own = [RunFolder.RecipeFile, RunFolder.MetricsFile, LoopState.FileName, BundleConfig.FileName];

    // What may change when a run goes on.
    private static readonly string[] _lengths = ["epochs", "patience"];

    private static readonly EnumerationOptions _accessible = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    /// <summary>Makes sure that a run may be followed in a folder, before anything is computed.</summary>
    /// <param name="folder">The folder of the run, which may hold a folder for each seed.</param>
    /// <param name="recipe">What it follows.</param>
    /// <param name="resume">Whether the run that is there is gone on with.</param>
    /// <param name="overwrite">Whether the run that is there is given up: its files go, and no others.</param>
    /// <exception cref="RecipeException">There is a run and neither was asked for, or the one to go on with follows another recipe.</exception>
    public static void Claim(string folder, Recipe recipe, bool resume, bool overwrite)
    {
        if (!Directory.Exists(folder))
            return;
        string[] runs = [.. SeedFolders(folder).Select(seed => seed.Folder).Prepend(folder).Where(IsRun)];
        foreach (string run in runs)
        {
            if (overwrite)
                Delete(run);
            else if (!resume)
                throw Taken(run);
            else if (File.Exists(Path.Combine(run, LoopState.FileName)))
            {
                RequireSameRecipe(Path.Combine(run, RunFolder.RecipeFile), recipe);
                RunOrigin.RequireSameInputs(run, recipe);
            }
        }
    }

    /// <summary>Keeps a run's folder, which is made where it is missing, for this process until the result is disposed of.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="RecipeException">Another process is at a run there.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static IDisposable Hold(string folder) => new HeldFolder(folder);

    /// <summary>Whether a folder holds a run, finished or not.</summary>
    internal static bool IsRun(string folder)
    {
        try
        {
            return File.Exists(Path.Combine(folder, RunFolder.EventsFile))
                || (File.Exists(Path.Combine(folder, LoopState.FileName))
                    && File.ReadAllText(Path.Combine(folder, LoopState.FileName)).Contains(LoopState.CurrentSchema, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folders of seeds in a run's folder, by rising seed.</summary>
    internal static IEnumerable<(int Seed, string Folder)> SeedFolders(string folder) =>
        from path in Directory.EnumerateDirectories(folder, SeedPrefix + "*")
        let name = Path.GetFileName(path)[SeedPrefix.Length..]
        let seed = int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : (int?)null
        where seed is not null
        orderby seed
        select (seed.Value, path);

    /// <summary>Throws where a run that starts would overwrite another one, or files that no run wrote.</summary>
    /// <param name="folder">The run's own folder.</param>
    /// <param name="resume">Whether a run that is there is gone on with.</param>
    internal static void RequireFree(string folder, bool resume)
    {
        if (IsRun(folder))
        {
            if (!resume)
                throw Taken(folder);
        }
        else if (_own.FirstOrDefault(name => File.Exists(Path.Combine(folder, name))) is { } other)
        {
            throw new RecipeException(
                folder, null, $"a file {other} that no training run wrote", "a folder without one, for a run writes a file of that name");
        }
    }

    /// <summary>Deletes what a run that was killed left half written, by the names that a run gives such files.</summary>
    internal static void DeleteLeftovers(string folder)
    {
        // Checkpoints, stages and encoders have folders in the run's; a run in there cleans up for itself.
        IEnumerable<string> files = Directory.EnumerateDirectories(folder).Where(inner => !IsRun(inner)).Prepend(folder)
            .SelectMany(inner => Directory.EnumerateFiles(inner, "*", _accessible));
        foreach (string file in files.Where(file => HalfWritten().IsMatch(Path.GetFileName(file))).ToArray())
            File.Delete(file);
    }

    /// <summary>Whether a file in the folder of checkpoints is one.</summary>
    internal static bool IsCheckpoint(string file) => Checkpoint().IsMatch(Path.GetFileName(file));

    /// <summary>Throws unless a run's recipe is this one, or this one but for how long it goes on.</summary>
    internal static void RequireSameRecipe(string file, Recipe recipe)
    {
        JsonObject was = Completed(Read(file)), now = JsonNode.Parse(recipe.ToJson())!.AsObject();
        if (Difference(was, now, _lengths) is { } field)
        {
            throw new RecipeException(
                recipe.File, field, now[field]?.ToJsonString() ?? "nothing",
                $"{was[field]?.ToJsonString() ?? "nothing"}, which the run to go on with began with ({file})");
        }
    }

    /// <summary>Whether a recipe goes on for longer, or for shorter, than that of a run, which is the same otherwise.</summary>
    internal static bool HasOtherLength(string file, Recipe recipe) =>
        Difference(Completed(Read(file)), JsonNode.Parse(recipe.ToJson())!.AsObject()) is not null;

    // A recipe of before a field was there has that field's default.
    private static JsonObject Completed(JsonObject recipe)
    {
        try
        {
            return JsonNode.Parse(recipe.Deserialize<Recipe>(Recipe.JsonOptions)!.ToJson())!.AsObject();
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            // Not today's kind of recipe: it is compared as it is.
            return recipe;
        }
    }

    /// <summary>The first field in which two recipes differ; null where they are the same.</summary>
    /// <param name="one">A recipe.</param>
    /// <param name="other">Another one.</param>
    /// <param name="aside">Fields that may differ.</param>
    internal static string? Difference(JsonObject one, JsonObject other, params string[] aside) => one.Select(entry => entry.Key)
        .Union(other.Select(entry => entry.Key)).Except(aside).FirstOrDefault(field => !JsonNode.DeepEquals(one[field], other[field]));

    /// <summary>Reads a run's recipe.</summary>
    /// <exception cref="RecipeException">It cannot be read.</exception>
    internal static JsonObject Read(string file)
    {
        try
        {
            JsonObject recipe = JsonNode.Parse(File.ReadAllText(file)) as JsonObject
                ?? throw new RecipeException(file, null, "JSON that is no object", "a run's recipe");
            Recipe.UpdateTask(recipe);
            return recipe;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new RecipeException(file, null, e.Message, "a run's recipe", e);
        }
    }

    private static RecipeException Taken(string folder) => new(
        folder, null, "a training run, which is never overwritten",
        "a folder without one: --resume goes on with it, --overwrite gives it up, --out names another");

    // The state first: what is left without it is no run that could be gone on with.
    private static void Delete(string run)
    {
        foreach (string name in (string[])[LoopState.FileName, BundleConfig.FileName, RunFolder.RecipeFile, RunOrigin.FileName, RunFolder.MetricsFile, RunFolder.StepsFile])
            File.Delete(Path.Combine(run, name));
        DeleteLeftovers(run);
        string checkpoints = Path.Combine(run, RunFolder.CheckpointFolder);
        if (Directory.Exists(checkpoints))
        {
            foreach (string file in Directory.EnumerateFiles(checkpoints).Where(IsCheckpoint).ToArray())
                File.Delete(file);
        }

        File.Delete(Path.Combine(run, RunFolder.EventsFile));
    }

    // As SafetensorsWriter and AtomicFile, and FileCopy before,  name what they have not finished.
    [GeneratedRegex(@"(?:\.(?:safetensors|json|txt|bin)\.|^\.affekt-)[0-9a-f]{32}\.tmp$")]
    private static partial Regex HalfWritten();

    [GeneratedRegex(@"^(?:last|best)-.+-[0-9]+\.safetensors$")]
    private static partial Regex Checkpoint();

    private sealed class HeldFolder : IDisposable
    {
        private const string LockFile = ".affekt-lock";

        private readonly string _folder;
        private readonly bool _made;
        private readonly FileStream _lock;

        public HeldFolder(string folder)
        {
            (_folder, _made) = (folder, !Directory.Exists(folder));
            Directory.CreateDirectory(folder);
            _lock = FileLock.TryHold(Path.Combine(folder, LockFile)) ?? throw new RecipeException(
                folder, null, "a run that another process is at", "a folder without one: wait until it has ended, or --out names another");
        }

        // A run that could not begin leaves no folder behind.
        public void Dispose()
        {
            _lock.Dispose();
            if (_made && Directory.Exists(_folder) && !Directory.EnumerateFileSystemEntries(_folder).Any())
                Directory.Delete(_folder);
        }
    }
}
