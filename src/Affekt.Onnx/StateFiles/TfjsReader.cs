using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// Reads TensorFlow.js weights: groups of tensors that stand one after the other in the group's files. Quantized
/// tensors are given back as the numbers that they stand for.
/// </summary>
internal static class TfjsReader
{
    public static StateFile Read(MappedFile manifest, JsonElement groups)
    {
        JsonManifest.Expect(manifest, "weightsManifest", groups, JsonValueKind.Array);
        OrderedDictionary<string, StoredTensor> tensors = new(StringComparer.Ordinal);
        List<MappedFile> files = [manifest];
        try
        {
            foreach (JsonElement group in groups.EnumerateArray())
                ReadGroup(manifest, group, files, tensors);

            return new StateFile(manifest.Path, tensors, new Dictionary<string, string>(), files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static void ReadGroup(
        MappedFile manifest, JsonElement group, List<MappedFile> files, OrderedDictionary<string, StoredTensor> tensors)
    {
        List<MappedFile> shards = OpenShards(
            manifest, JsonManifest.Field(manifest, "a group", group, "paths", JsonValueKind.Array), files);
        JsonElement list = JsonManifest.Field(manifest, "a group", group, "weights", JsonValueKind.Array);
        List<Weight> weights = [.. list.EnumerateArray().Select(weight => Weight.Parse(manifest, weight))];
        long stored = shards.Sum(shard => shard.Length);
        long claimed = weights.Sum(weight => (long)weight.StoredLength);
        if (stored != claimed || stored > int.MaxValue)
        {
            throw manifest.Error(
                "a group of weights", null, $"{stored} bytes in its files", $"the {claimed} that its weights take, below 2 GiB");
        }

        // A tensor may lie across two files; joining them is simpler than reading around the seams, and published
        // files of this kind are small.
        byte[]? joined = shards.Count == 1 ? null : Join(shards, (int)stored);
        MappedFile first = shards.Count == 0 ? manifest : shards[0];
        int offset = 0;
        foreach (Weight weight in weights)
        {
            if (!tensors.TryAdd(weight.Name, weight.At(first, joined, offset)))
                throw manifest.Error(weight.Name, null, "the same name a second time", "every name once");

            offset += weight.StoredLength;
        }
    }

    private static List<MappedFile> OpenShards(MappedFile manifest, JsonElement paths, List<MappedFile> files)
    {
        List<MappedFile> shards = [];
        foreach (JsonElement path in paths.EnumerateArray())
        {
            MappedFile shard = JsonManifest.OpenBeside(manifest, path);
            bool again = files.Exists(file => file.Path == shard.Path);
            files.Add(shard);
            shards.Add(shard);

            // Else a few lines of JSON could ask for any amount of memory.
            if (again)
                throw manifest.Error("paths", null, $"{shard.Path} a second time", "every file once");
        }

        return shards;
    }

    private static byte[] Join(List<MappedFile> shards, int length)
    {
        byte[] joined = new byte[length];
        int at = 0;
        foreach (MappedFile shard in shards)
        {
            shard.Slice(0, (int)shard.Length).CopyTo(joined.AsSpan(at));
            at += (int)shard.Length;
        }

        return joined;
    }

    private enum Encoding
    {
        Plain,
        Half,
        Level8,
        Level16,
    }

    /// <summary>
    /// One entry of a manifest: the tensor that comes out, and how it is stored. A level stands for level * scale +
    /// min.
    /// </summary>
    private sealed record Weight(string Name, TensorLayout Layout, Encoding Encoding, double Scale, double Min)
    {
        public int StoredLength => Layout.ElementCount * Encoding switch
        {
            Encoding.Level8 => sizeof(byte),
            Encoding.Level16 or Encoding.Half => sizeof(ushort),
            _ => Layout.Type.Size(),
        };

        public static Weight Parse(MappedFile manifest, JsonElement weight)
        {
            string name = JsonManifest.Field(manifest, "a weight", weight, "name", JsonValueKind.String).GetString()!;
            string type = JsonManifest.Field(manifest, name, weight, "dtype", JsonValueKind.String).GetString()!;
            ElementType dtype = type switch
            {
                "float32" => ElementType.Float32,
                "int32" => ElementType.Int32,
                "uint8" => ElementType.UInt8,
                "bool" => ElementType.Bool,
                _ => throw manifest.Error($"dtype of {name}", null, $"\"{type}\"", "float32, int32, uint8 or bool"),
            };
            TensorLayout layout = TensorLayout.Checked(
                manifest, $"shape of {name}", null, dtype, Shape(manifest, name, weight));
            if (!weight.TryGetProperty("quantization", out JsonElement quantization))
                return new Weight(name, layout, Encoding.Plain, 1, 0);

            string where = $"quantization of {name}";
            string stored = JsonManifest.Field(manifest, where, quantization, "dtype", JsonValueKind.String).GetString()!;
            if (stored == "float16" && dtype == ElementType.Float32)
                return new Weight(name, layout, Encoding.Half, 1, 0);

            if (stored is not ("uint8" or "uint16") || dtype is not (ElementType.Float32 or ElementType.Int32))
            {
                throw manifest.Error(
                    where, null, $"{type} stored as \"{stored}\"", "float32 or int32 as uint8 or uint16, float32 as float16");
            }

            double scale = Number(manifest, where, quantization, "scale");
            double min = Number(manifest, where, quantization, "min");
            return new Weight(name, layout, stored == "uint8" ? Encoding.Level8 : Encoding.Level16, scale, min);
        }

        public StoredTensor At(MappedFile file, byte[]? joined, int offset)
        {
            if (Encoding == Encoding.Plain && joined is null)
                return new StoredTensor(Name, Layout, file, offset);

            return new StoredTensor(
                Name,
                Layout,
                file,
                () => Convert(joined is null ? file.Slice(offset, StoredLength) : joined.AsSpan(offset, StoredLength)));
        }

        private byte[] Convert(ReadOnlySpan<byte> stored)
        {
            if (Encoding == Encoding.Plain)
                return stored.ToArray();

            byte[] bytes = new byte[Layout.ByteCount];
            Span<float> floats = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
            Span<int> integers = MemoryMarshal.Cast<byte, int>(bytes.AsSpan());
            for (int i = 0; i < Layout.ElementCount; i++)
            {
                if (Encoding == Encoding.Half)
                {
                    floats[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(stored[(i * 2)..]);
                    continue;
                }

                // In double precision and then rounded, as JavaScript does it.
                int level = Encoding == Encoding.Level8
                    ? stored[i]
                    : BinaryPrimitives.ReadUInt16LittleEndian(stored[(i * 2)..]);
                double value = (level * Scale) + Min;
                if (Layout.Type == ElementType.Float32)
                {
                    floats[i] = (float)value;
                }
                else
                {
                    integers[i] = (int)Math.Floor(value + 0.5);
                }
            }

            return bytes;
        }

        private static long[] Shape(MappedFile manifest, string name, JsonElement weight)
        {
            JsonElement sizes = JsonManifest.Field(manifest, name, weight, "shape", JsonValueKind.Array);
            return
            [
                .. sizes.EnumerateArray().Select(size => size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out long value)
                    ? value
                    : throw manifest.Error($"shape of {name}", null, size.GetRawText(), "whole numbers")),
            ];
        }

        private static double Number(MappedFile manifest, string where, JsonElement owner, string field)
        {
            double value = JsonManifest.Field(manifest, where, owner, field, JsonValueKind.Number).GetDouble();
            return double.IsFinite(value)
                ? value
                : throw manifest.Error(where, null, $"{field} {value}", "a finite number");
        }
    }
}
