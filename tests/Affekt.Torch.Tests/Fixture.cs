using System.Text.Json;
using Affekt.Torch;

namespace Affekt.Tests;

/// <summary>Tensors that PyTorch computed, by name: fixtures/layers.json, which fixtures/make_layers.py wrote.</summary>
internal static class Fixture
{
    private static readonly Lazy<Dictionary<string, JsonElement>> _entries = new(() =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            File.ReadAllText(TestPaths.InRepository("tests/Affekt.Torch.Tests/fixtures/layers.json")))!);

    public static bool Has(string name) => _entries.Value.ContainsKey(name);

    public static Tensor Floats(string name) =>
        Tensor.From<float>(Data(name, number => number.GetSingle()), Shape(name));

    public static Tensor Longs(string name) => Tensor.From<long>(Data(name, number => number.GetInt64()), Shape(name));

    /// <summary>All tensors whose names begin so, by the rest of their names.</summary>
    public static Dictionary<string, Tensor> Under(string prefix) => _entries.Value.Keys
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(name => name[prefix.Length..], Floats);

    /// <summary>Fails unless the tensor has that shape and those numbers, up to float rounding.</summary>
    public static void AssertEqual(string name, Tensor actual)
    {
        Assert.Equal(Shape(name), actual.Shape);
        float[] expected = Data(name, number => number.GetSingle());
        float[] found = actual.To(Dtype.Float32).ToArray<float>();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - found[i]) <= 2e-6 + (2e-5 * Math.Abs(expected[i])),
                $"{name}[{i}]: found {found[i]}, PyTorch has {expected[i]}");
        }
    }

    private static long[] Shape(string name) =>
        [.. _entries.Value[name].GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];

    private static T[] Data<T>(string name, Func<JsonElement, T> read) =>
        [.. _entries.Value[name].GetProperty("data").EnumerateArray().Select(read)];
}
