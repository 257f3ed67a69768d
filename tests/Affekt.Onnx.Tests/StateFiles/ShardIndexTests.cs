using System.Text;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

public sealed class ShardIndexTests
{
    [Fact]
    public void The_shards_of_an_index_open_as_one_file()
    {
        using StateFile file = StateFile.Open(
            TestPaths.Shared("data/fixtures/huggingface/wav2vec2-layer/model.safetensors.index.json"));

        Assert.Equal(70, file.Tensors.Count);
        Assert.Equal("428800", file.Metadata["total_size"]);
        Assert.Equal(428800, file.Tensors.Values.Sum(tensor => tensor.Length));
    }

    [Theory]
    [InlineData("""{"weight_map":{"w":"absent.safetensors"}}""")]
    [InlineData("""{"weight_map":{"w":"../a.safetensors"}}""")]
    [InlineData("""{"weight_map":{"w":"/etc/hostname"}}""")]
    [InlineData("""{"weight_map":{"w":".."}}""")]
    [InlineData("""{"weight_map":{"w":"a\u0000"}}""")]
    [InlineData("""{"weight_map":{"w":"index.json"}}""")]
    [InlineData("""{"weight_map":{"w":1}}""")]
    [InlineData("""{"weight_map":[]}""")]
    [InlineData("""{"weight_map":{"v":"a.safetensors"}}""")]
    [InlineData("""{"weight_map":{"w":"a.safetensors","v":"a.safetensors"}}""")]
    [InlineData("""{"weight_map":{"w":"a.safetensors","w":"a.safetensors"}}""")]
    [InlineData("""{"metadata":1,"weight_map":{"w":"a.safetensors"}}""")]
    public void An_index_that_does_not_fit_its_shards_is_refused(string index)
    {
        using TemporaryFolder folder = new();
        SafetensorsWriter.Write(folder.At("a.safetensors"), [new("w", ElementType.UInt8, [1], new byte[1])]);
        string path = folder.Write("index.json", Encoding.UTF8.GetBytes(index));

        Assert.Throws<StateFileException>(() => StateFile.Open(path));
    }
}
