using System.Text;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

public sealed class TfjsTests
{
    [Theory]
    [InlineData("fits", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[2],"dtype":"float32"}]}""", true)]
    [InlineData("too small", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[1],"dtype":"float32"}]}""", false)]
    [InlineData("too large", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[3],"dtype":"float32"}]}""", false)]
    [InlineData("no files", """{"paths":[],"weights":[{"name":"w","shape":[2],"dtype":"float32"}]}""", false)]
    [InlineData("a file twice", """{"paths":["a.bin","a.bin"],"weights":[{"name":"w","shape":[4],"dtype":"float32"}]}""", false)]
    [InlineData("a file elsewhere", """{"paths":["../a.bin"],"weights":[{"name":"w","shape":[2],"dtype":"float32"}]}""", false)]
    [InlineData("a name twice", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[1],"dtype":"float32"},{"name":"w","shape":[1],"dtype":"float32"}]}""", false)]
    [InlineData("strings", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[2],"dtype":"string"}]}""", false)]
    [InlineData("negative size", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[-1,-2],"dtype":"float32"}]}""", false)]
    [InlineData("no shape", """{"paths":["a.bin"],"weights":[{"name":"w","dtype":"float32"}]}""", false)]
    [InlineData("unknown quantization", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[8],"dtype":"float32","quantization":{"dtype":"int4","scale":1,"min":0}}]}""", false)]
    [InlineData("no scale", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[8],"dtype":"float32","quantization":{"dtype":"uint8","min":0}}]}""", false)]
    [InlineData("infinite scale", """{"paths":["a.bin"],"weights":[{"name":"w","shape":[8],"dtype":"float32","quantization":{"dtype":"uint8","scale":1e999,"min":0}}]}""", false)]
    public void A_manifest_must_fit_its_files(string what, string group, bool fits)
    {
        using TemporaryFolder folder = new();
        folder.Write("a.bin", new byte[8]);
        string path = folder.Write("model.json", Encoding.UTF8.GetBytes($"[{group}]"));

        Exception? error = Record.Exception(() =>
        {
            using StateFile file = StateFile.Open(path);
            Assert.Equal(8, file.Tensors["w"].Bytes.Length);
        });

        Assert.True(fits ? error is null : error is StateFileException, what);
    }
}
