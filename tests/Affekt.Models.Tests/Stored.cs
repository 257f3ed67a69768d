using Affekt.Networks;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;

namespace Affekt.Tests;

/// <summary>Fixtures, and comparisons with what they hold.</summary>
internal static class Stored
{
    public static string Fixture(string name) =>
        TestPaths.InRepository(Path.Combine("tests", "Affekt.Models.Tests", "Fixtures", name));

    public static Dictionary<string, Tensor> Read(string file)
    {
        using StateFile state = StateFile.Open(file);
        return state.Tensors.Values.ToDictionary(
            stored => stored.Name, stored => stored.ToTorch());
    }

    public static float[] Floats(StoredTensor stored)
    {
        using TensorScope scope = new();
        return stored.ToTorch().To(Dtype.Float32).ToArray<float>();
    }

    public static void Close(Tensor expected, Tensor actual, double tolerance, string what = "")
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Close(expected.ToArray<float>(), actual.ToArray<float>(), tolerance, what);
    }

    public static void Close(float[] expected, float[] actual, double tolerance, string what = "")
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            // Written so that NaN fails.
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance, $"{what} element {i}: expected {expected[i]}, found {actual[i]}");
        }
    }

    public static double Cosine(Tensor left, Tensor right) =>
        (left * right).Sum().Item() / (left.Norm().Item() * right.Norm().Item());
}
