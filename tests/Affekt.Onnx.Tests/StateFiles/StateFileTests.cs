using System.Text;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

public sealed class StateFileTests
{
    [Theory]
    [InlineData("state.pth")]
    [InlineData("protocol4.pth")]
    [InlineData("wrapped.pth")]
    [InlineData("linear.pt")]
    [InlineData("zip64.pth")]
    [InlineData("small.onnx")]
    [InlineData("model.json")]
    [InlineData("tfjs-weights_manifest.json")]
    public void A_file_holds_what_its_makers_library_reads(string name)
    {
        using StateFile file = StateFile.Open(StateFileFixtures.PathOf(name));

        StateFileFixtures.AssertHolds(file, name);
    }

    [Theory]
    [InlineData("state.pth")]
    [InlineData("small.onnx")]
    [InlineData("model.json")]
    public void Tensors_of_any_format_survive_a_rewrite_as_safetensors(string name)
    {
        using TemporaryFolder folder = new();
        string copy = folder.At("copy");
        using (StateFile original = StateFile.Open(StateFileFixtures.PathOf(name)))
        {
            SafetensorsWriter.Write(copy, original.Tensors.Values.Select(tensor => new TensorToWrite(tensor)));
        }

        using StateFile file = StateFile.Open(copy);
        StateFileFixtures.AssertHolds(file, name);
    }

    [Fact]
    public void The_format_is_told_from_the_content_not_from_the_name()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("weights.safetensors", File.ReadAllBytes(StateFileFixtures.PathOf("small.onnx")));

        using StateFile file = StateFile.Open(path);

        StateFileFixtures.AssertHolds(file, "small.onnx");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("<!DOCTYPE html>")]
    [InlineData("version https://git-lfs.github.com/spec/v1")]
    [InlineData("PK\x03\x04")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"weight_map\": \"\\ud800\"}")]
    public void A_file_of_no_known_format_is_refused(string content)
    {
        using TemporaryFolder folder = new();

        folder.OpenFails(Encoding.Latin1.GetBytes(content));
    }

    [Fact]
    public void The_refusal_shows_how_the_file_begins()
    {
        using TemporaryFolder folder = new();

        Assert.Contains("<!DOCTYPE html>", folder.OpenFails("<!DOCTYPE html>"u8).Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_state_file_error()
    {
        using TemporaryFolder folder = new();
        string path = folder.At("absent.safetensors");

        Assert.Equal(path, Assert.Throws<StateFileException>(() => StateFile.Open(path)).File);
    }

    [Fact]
    public void Reading_a_tensor_after_the_file_is_disposed_is_an_error_not_a_crash()
    {
        StateFile file = StateFile.Open(StateFileFixtures.PathOf("linear.pt"));
        StoredTensor tensor = file.Tensors["weight"];
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => tensor.Bytes.Length);
    }
}
