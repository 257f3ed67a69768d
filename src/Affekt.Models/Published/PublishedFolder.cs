using System.Text.Json;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Published;

/// <summary>Takes weights out of a folder in Hugging Face's layout.</summary>
internal static class PublishedFolder
{
    /// <summary>The files of which a folder with weights has one, in the order in which transformers looks for them.</summary>
    public static IReadOnlyList<string> FileNames { get; } = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    /// <summary>The ONNX files that stand for weights where a folder has none of <see cref="FileNames"/>.</summary>
    public static IReadOnlyList<string> OnnxNames { get; } = ["onnx/model.onnx", "model.onnx"];

    private static readonly string[] _wrappers = ["module.", "_orig_mod."];

    private static readonly string[] _others = ["adapter_*", "*.gguf", "*.h5", "*.msgpack", "*.onnx", "*.ckpt", "*.pt", "*.pth"];

    /// <summary>
    /// The names of the files that a folder's weights lie in: the first that is there, and the shards that it names, sorted; those of
    /// a folder without weights are those of the usual file.
    /// </summary>
    /// <exception cref="ModelException">The list of shards cannot be read.</exception>
    public static IReadOnlyList<string> WeightFiles(string folder)
    {
        string first = FileNames.FirstOrDefault(name => File.Exists(Path.Combine(folder, name))) ?? FileNames[0];
        return first.EndsWith(".json", StringComparison.Ordinal) ? [.. Shards(Path.Combine(folder, first)).Prepend(first)] : [first];
    }

    private static IEnumerable<string> Shards(string index)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(index));
            return [.. document.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString()!)
                .Distinct().Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IOException)
        {
            throw new ModelException(index, "weight_map", e.Message, "an object with a shard's file name for each tensor", e);
        }
    }

    /// <summary>What a file of weights keeps beside itself, by the names that exporters give it: a large ONNX file's tensors.</summary>
    public static IReadOnlyList<string> Beside(string file) => OnnxNames.Contains(file) ? [file + "_data", file + ".data"] : [];

    /// <summary>Opens the first weights that the folder has, for a graph.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rename">Gives the network's name for a stored one, or null to pass it over.</param>
    /// <exception cref="ModelException">There are no weights.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    public static NetworkWeights Open(string folder, Func<string, string?> rename) => NetworkWeights.Open(WeightsFile(folder), rename);

    /// <summary>Whether the folder has weights.</summary>
    public static bool HasWeights(string folder) => FileNames.Any(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>The first weights that the folder has.</summary>
    /// <exception cref="ModelException">There are none.</exception>
    public static string WeightsFile(string folder) =>
        FileNames.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw Without(folder, FileNames);

    /// <summary>A stored tensor's name without what torch's wrappers put before those of a network that was trained in them.</summary>
    public static string Unwrapped(string stored)
    {
        int start = 0;
        while (_wrappers.FirstOrDefault(wrapper => stored.AsSpan(start).StartsWith(wrapper, StringComparison.Ordinal)) is { } found)
            start += found.Length;
        return stored[start..];
    }

    /// <summary>Files of a folder that stand for weights and are not read: other programs', and what is no network by itself.</summary>
    public static IReadOnlyList<string> Others(string folder)
    {
        string onnx = Path.Combine(folder, "onnx");
        return
        [
            .. (Directory.Exists(folder) ? _others.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern)) : [])
                .Concat(Directory.Exists(onnx) ? Directory.EnumerateFiles(onnx, "*.onnx") : [])
                .Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Tells that a folder has no network that can be read, and what stands there instead.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="expected">The files of which it should have one.</param>
    public static ModelException Without(string folder, IEnumerable<string> expected)
    {
        IReadOnlyList<string> others = Others(folder);
        return new ModelException(
            folder, null, others.Count == 0 ? "no weights" : $"no weights that can be read, but {string.Join(", ", others)}",
            string.Join(" or ", expected) + (others.Any(name => name.StartsWith("adapter_", StringComparison.Ordinal))
                ? "; an adapter must be merged into the network that it was trained on"
                : ""));
    }
}
