using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Affekt.Torch;
using Affekt.Training.Recipes;

namespace Affekt.Training;

/// <summary>
/// What a run was made with and from: origin.json in its folder. "made_with" has an object for each program, library and machine that took
/// part, in their order; "inputs" has the digest of each file that the recipe names, and of each folder's own tables. A run that goes on
/// is one with another corpus no more.
/// </summary>
internal static class RunOrigin
{
    public const string FileName = "origin.json";

    private const string MadeWith = "made_with";
    private const string Inputs = "inputs";

    // Of longer files, weights mostly, length, beginning and end are enough, and of very many the names and lengths.
    private const int PartToRead = 1 << 25;
    private const int MostToRead = 1000;

    // What is added to while a run reads it.
    private const string FeatureStore = "features";

    // Labels and words; media beside them are many, and read by their names.
    private static readonly string[] _tables = [".csv", ".json", ".jsonl", ".tsv", ".txt"];

    /// <summary>Writes it for a run that starts, or adds to it what a run that goes on is continued with.</summary>
    public static void Note(RunFolder run, Recipe recipe)
    {
        JsonObject origin = Read(run.File(FileName)) ?? [];
        JsonArray made = origin[MadeWith] as JsonArray ?? [];
        JsonObject here = Here(run.State);
        if (made.LastOrDefault() is not JsonObject last || (!run.State.IsFinished && RunFiles.Difference(last, here, "after") is not null))
            made.Add(here);
        if (made.Parent is null)
            origin[MadeWith] = made;
        origin[Inputs] ??= Digests(recipe);
        run.WriteAtomically(FileName, origin.ToJsonString(Recipe.JsonOptions) + "\n");
    }

    /// <summary>Throws where a file that the recipe names is not what it was when the run began; one that is gone is told by who reads it.</summary>
    public static void RequireSameInputs(string folder, Recipe recipe)
    {
        if (Read(Path.Combine(folder, FileName))?[Inputs] is not JsonObject was)
            return;
        foreach ((string field, JsonNode? now) in Digests(recipe))
        {
            if (was[field] is { } before && !JsonNode.DeepEquals(before, now))
            {
                throw new RecipeException(
                    recipe.File, field, $"a content of {Named(recipe, field)} that has changed since the run began",
                    $"the same as then ({Path.Combine(folder, FileName)}); --overwrite trains anew");
            }
        }
    }

    private static JsonObject? Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject Here(LoopState state) => new()
    {
        ["affekt"] = typeof(RunOrigin).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        ["libtorch"] = TorchRuntime.Version,
        ["dotnet"] = RuntimeInformation.FrameworkDescription,
        ["system"] = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}",
        ["processor"] = Processor(),
        ["threads"] = TorchRuntime.Threads,
        ["after"] = state.Epoch == 0 ? null : $"{state.Stage} {state.Epoch}",
    };

    private static string? Processor()
    {
        const string File = "/proc/cpuinfo";
        string? line = System.IO.File.Exists(File) ? System.IO.File.ReadLines(File).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    // A recipe that was never a file names none.
    private static JsonObject Digests(Recipe recipe) => recipe.Folder is null ? [] : [.. Paths(JsonNode.Parse(recipe.ToJson()), "")
        .Select(named => (named.Field, Digest: DigestOf(recipe.Resolve(named.Path))))
        .Where(named => named.Digest is not null)
        .Select(named => KeyValuePair.Create(named.Field, (JsonNode?)named.Digest))];

    private static string Named(Recipe recipe, string field) => recipe.Resolve(Paths(JsonNode.Parse(recipe.ToJson()), "").First(named => named.Field == field).Path);

    // Every text may be a path: whether it is one shows where it leads.
    private static IEnumerable<(string Field, string Path)> Paths(JsonNode? node, string field) => node switch
    {
        JsonObject fields => fields.Where(entry => entry.Key != FeatureStore).SelectMany(entry => Paths(entry.Value, field.Length == 0 ? entry.Key : $"{field}.{entry.Key}")),
        JsonArray all => all.Index().SelectMany(entry => Paths(entry.Item, $"{field}[{entry.Index}]")),
        JsonValue value when value.TryGetValue(out string? text) && text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal) => [(field, text)],
        _ => [],
    };

    private static string? DigestOf(string path)
    {
        try
        {
            string[] files = Directory.Exists(path)
                ? [.. Directory.EnumerateFiles(path).Where(IsTable).Order(StringComparer.Ordinal)]
                : File.Exists(path) ? [path] : [];
            if (files.Length == 0)
                return null;
            using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (string file in files)
            {
                long length = new FileInfo(file).Length;
                all.AppendData(Encoding.UTF8.GetBytes($"{(files.Length > 1 ? Path.GetFileName(file) : "")} {length}\n"));

                // A pipe, which is read once, has no length.
                if (length > 0 && files.Length <= MostToRead)
                    AppendContent(all, file);
            }

            return Convert.ToHexStringLower(all.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A run that is an input is the same whatever it was gone on with.
    private static bool IsTable(string file) =>
        _tables.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase) && Path.GetFileName(file) != FileName;

    private static void AppendContent(IncrementalHash all, string file)
    {
        using FileStream content = File.OpenRead(file);
        byte[] part = new byte[Math.Min(PartToRead, content.Length)];
        all.AppendData(part, 0, content.ReadAtLeast(part, part.Length, throwOnEndOfStream: false));
        if (content.Length <= PartToRead)
            return;
        content.Seek(-Math.Min(PartToRead, content.Length - PartToRead), SeekOrigin.End);
        all.AppendData(part, 0, content.ReadAtLeast(part, part.Length, throwOnEndOfStream: false));
    }
}
