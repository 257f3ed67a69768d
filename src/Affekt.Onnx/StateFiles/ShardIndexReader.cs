using System.Text.Json;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// Reads Hugging Face's index of shards (model.safetensors.index.json): which file holds which tensor.
/// </summary>
internal static class ShardIndexReader
{
    public static StateFile Read(MappedFile index, JsonElement root, JsonElement map)
    {
        JsonManifest.Expect(index, "weight_map", map, JsonValueKind.Object);
        OrderedDictionary<string, StateFile> shards = new(StringComparer.Ordinal);
        try
        {
            OrderedDictionary<string, StoredTensor> tensors = new(StringComparer.Ordinal);
            foreach (JsonProperty entry in map.EnumerateObject())
            {
                StateFile shard = OpenShard(index, entry.Value, shards);
                tensors[entry.Name] = shard.Tensors.GetValueOrDefault(entry.Name)
                    ?? throw index.Error($"weight_map.{entry.Name}", null, $"no such tensor in {shard.Path}", "one");
            }

            foreach (StateFile shard in shards.Values)
            {
                // A tensor that the index does not know means that the shards belong to another index.
                if (shard.Tensors.Keys.FirstOrDefault(name => !tensors.ContainsKey(name)) is string stray)
                    throw index.Error("weight_map", null, $"no entry for {stray} of {shard.Path}", "every tensor");
            }

            return new StateFile(index.Path, tensors, Metadata(index, root), [index, .. shards.Values]);
        }
        catch
        {
            foreach (StateFile shard in shards.Values)
                shard.Dispose();

            throw;
        }
    }

    private static StateFile OpenShard(
        MappedFile index, JsonElement value, OrderedDictionary<string, StateFile> shards)
    {
        string name = JsonManifest.Expect(index, "weight_map", value, JsonValueKind.String).GetString()!;
        if (shards.TryGetValue(name, out StateFile? shard))
            return shard;

        MappedFile file = JsonManifest.OpenBeside(index, value);
        try
        {
            shard = StateFile.OpenBinary(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        shards.Add(name, shard);
        return shard;
    }

    private static OrderedDictionary<string, string> Metadata(MappedFile index, JsonElement root)
    {
        OrderedDictionary<string, string> metadata = new(StringComparer.Ordinal);
        if (root.TryGetProperty("metadata", out JsonElement values))
        {
            foreach (JsonProperty value in JsonManifest.Expect(index, "metadata", values, JsonValueKind.Object).EnumerateObject())
                metadata[value.Name] = value.Value.ToString();
        }

        return metadata;
    }
}
