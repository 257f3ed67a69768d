using System.Runtime.InteropServices;
using System.Text;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;

namespace Affekt.Training.Features;

/// <summary>Features as the tensors of a shard: the values under the key's name, what else is known under names after it.</summary>
internal static class StoredTensors
{
    private const string Present = ".present";
    private const string Duration = ".duration_ms";
    private const string Reason = ".reason";

    /// <summary>Whether a tensor holds a feature's values.</summary>
    public static bool IsValues(string name) => !name.EndsWith(Present, StringComparison.Ordinal)
        && !name.EndsWith(Duration, StringComparison.Ordinal) && !name.EndsWith(Reason, StringComparison.Ordinal);

    public static IEnumerable<TensorToWrite> Of(FeatureKey key, StoredFeature feature)
    {
        string name = key.Name;
        yield return Floats(name, [.. feature.Shape], feature.Values ?? []);
        if (feature.Present is { } present)
            yield return Floats(name + Present, [present.Length], present);
        if (feature.DurationMs is { } duration)
            yield return new TensorToWrite(name + Duration, ElementType.Int32, [1], BitConverter.GetBytes(duration));
        if (feature.Reason is { } reason)
        {
            byte[] text = Encoding.UTF8.GetBytes(reason);
            yield return new TensorToWrite(name + Reason, ElementType.UInt8, [text.Length], (ReadOnlyMemory<byte>)text);
        }
    }

    /// <exception cref="FeatureStoreException">The tensors are not what the store writes.</exception>
    public static StoredFeature Read(StateFile shard, string name)
    {
        if (!shard.Tensors.TryGetValue(name, out StoredTensor? values) || values.Type != ElementType.Float32)
            throw new FeatureStoreException(shard.Path, values is null ? $"no {name}" : $"{name} as {values.Type}", $"{ElementType.Float32}");
        string? reason = shard.Tensors.TryGetValue(name + Reason, out StoredTensor? text) ? Encoding.UTF8.GetString(text.Bytes) : null;
        return new StoredFeature
        {
            Values = reason is null ? Floats(values) : null,
            Shape = [.. values.Shape.Select(size => (int)size)],
            Present = shard.Tensors.TryGetValue(name + Present, out StoredTensor? present) ? Floats(present) : null,
            DurationMs = shard.Tensors.TryGetValue(name + Duration, out StoredTensor? duration) && duration.Length == sizeof(int)
                ? BitConverter.ToInt32(duration.Bytes)
                : null,
            Reason = reason,
        };
    }

    private static TensorToWrite Floats(string name, ReadOnlySpan<int> shape, float[] values) => new(
        name, ElementType.Float32, [.. shape.ToArray().Select(size => (long)size)],
        (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static float[] Floats(StoredTensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray();
}
