using System.Text.Json;
using System.Text.RegularExpressions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Training.Features;

/// <summary>The files of a feature store.</summary>
internal static partial class FeatureShards
{
    /// <summary>The index, in the layout of Hugging Face's model.safetensors.index.json.</summary>
    public const string IndexFile = "features.safetensors.index.json";

    // A shard that is at least this large is left alone; reading a few of these takes no time.
    private const long LargeShard = 64 << 20;

    private static readonly TimeSpan _oldestTemporary = TimeSpan.FromHours(1);

    /// <summary>A name that no other writer, on any machine, will take.</summary>
    public static string NewName() => $"shard-{Guid.NewGuid():N}.safetensors";

    /// <summary>The shards of a folder, by file name.</summary>
    public static IReadOnlyList<string> Names(string folder) =>
        [.. Directory.EnumerateFiles(folder, "shard-*.safetensors").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>A shard's bytes; 0 where it was merged away.</summary>
    public static long Length(string folder, string shard)
    {
        FileInfo file = new(Path.Combine(folder, shard));
        return file.Exists ? file.Length : 0;
    }

    /// <summary>Opens a shard; null where there is no such file any more.</summary>
    /// <exception cref="StateFileException">It is damaged.</exception>
    public static StateFile? Open(string folder, string shard)
    {
        string path = Path.Combine(folder, shard);
        try
        {
            return StateFile.Open(path);
        }
        catch (StateFileException) when (!File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>Deletes what a killed writer left half written, unless it is so young that a living one may be at it.</summary>
    public static void SweepTemporaries(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*.tmp").Where(file => Temporary().IsMatch(file)))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > _oldestTemporary)
                File.Delete(file);
        }
    }

    // Of shards and of the index, as they are named here and by SafetensorsWriter: other files may lie in the folder.
    [GeneratedRegex(@"\.(?:safetensors|json)\.[0-9a-f]{32}\.tmp$")]
    private static partial Regex Temporary();

    /// <summary>Which shard holds which tensor, as of the time that the index was written; empty where there is none.</summary>
    public static IReadOnlyDictionary<string, string> ReadIndex(string folder)
    {
        try
        {
            byte[] json = File.ReadAllBytes(Path.Combine(folder, IndexFile));
            return JsonSerializer.Deserialize<Index>(json, JsonSerializerOptions.Web)?.WeightMap ?? [];
        }
        catch (Exception error) when (error is FileNotFoundException or JsonException)
        {
            // The shards themselves say what they hold; the index only saves reading them.
            return new Dictionary<string, string>();
        }
    }

    /// <summary>Replaces the index whole.</summary>
    public static void WriteIndex(string folder, IReadOnlyDictionary<string, string> shardOf)
    {
        string path = Path.Combine(folder, IndexFile);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        Index index = new()
        {
            Metadata = new IndexMetadata { TotalSize = Names(folder).Sum(name => Length(folder, name)) },
            WeightMap = new(shardOf.OrderBy(entry => entry.Key, StringComparer.Ordinal)),
        };
        using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, index);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Merges small shards, oldest name first, until each is large or there is but one small one left.</summary>
    /// <returns>Whether there was anything to merge.</returns>
    public static bool Merge(string folder)
    {
        string[] small = [.. Names(folder).Where(name => Length(folder, name) is > 0 and < LargeShard)];
        List<string> group = [];
        long bytes = 0;
        bool merged = false;
        foreach (string shard in small)
        {
            group.Add(shard);
            bytes += Length(folder, shard);
            if (bytes >= LargeShard)
            {
                merged |= MergeGroup(folder, group);
                group.Clear();
                bytes = 0;
            }
        }

        return MergeGroup(folder, group) | merged;
    }

    private static bool MergeGroup(string folder, List<string> shards)
    {
        if (shards.Count < 2)
            return false;
        List<StateFile> open = [];
        try
        {
            open.AddRange(shards.Select(shard => Open(folder, shard)).OfType<StateFile>());

            // Another process may have been quicker.
            if (open.Count < 2)
                return false;
            SafetensorsWriter.Write(
                Path.Combine(folder, NewName()),
                open.SelectMany(file => file.Tensors.Values).DistinctBy(tensor => tensor.Name).Select(tensor => new TensorToWrite(tensor)));
            foreach (StateFile file in open)
                File.Delete(file.Path);
        }
        finally
        {
            foreach (StateFile file in open)
                file.Dispose();
        }

        return true;
    }

    private sealed record Index
    {
        [System.Text.Json.Serialization.JsonPropertyName("metadata")]
        public IndexMetadata Metadata { get; init; } = new();

        [System.Text.Json.Serialization.JsonPropertyName("weight_map")]
        public Dictionary<string, string> WeightMap { get; init; } = [];
    }

    private sealed record IndexMetadata
    {
        [System.Text.Json.Serialization.JsonPropertyName("total_size")]
        public long TotalSize { get; init; }
    }
}
