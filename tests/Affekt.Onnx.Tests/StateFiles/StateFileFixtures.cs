using System.Text.Json;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

/// <summary>The committed small files, and what their makers' own libraries read from them.</summary>
internal static class StateFileFixtures
{
    public static string PathOf(string name) =>
        TestPaths.InRepository($"tests/Affekt.Onnx.Tests/StateFiles/Fixtures/{name}");

    public static void AssertHolds(StateFile file, string name)
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(PathOf("expected.json")));
        JsonElement tensors = expected.RootElement.GetProperty(name);

        Assert.Equal(
            tensors.EnumerateObject().Select(tensor => tensor.Name).Order(StringComparer.Ordinal),
            file.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (JsonProperty tensor in tensors.EnumerateObject())
        {
            StoredTensor stored = file.Tensors[tensor.Name];
            Assert.Equal(Enum.Parse<ElementType>(tensor.Value.GetProperty("dtype").GetString()!), stored.Type);
            Assert.Equal(tensor.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()), stored.Shape);
            Assert.Equal(tensor.Value.GetProperty("hex").GetString(), Convert.ToHexStringLower(stored.Bytes));
            Assert.Equal(stored.Bytes.Length, stored.Length);
        }
    }
}
