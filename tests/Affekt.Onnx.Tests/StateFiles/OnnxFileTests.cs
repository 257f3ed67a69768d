using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

public sealed class OnnxFileTests
{
    [Fact]
    public void Metadata_properties_are_given()
    {
        using StateFile file = StateFile.Open(StateFileFixtures.PathOf("small.onnx"));

        Assert.Equal(new Dictionary<string, string> { ["licence"] = "MIT", ["author"] = "Ä" }, file.Metadata);
    }

    [Theory]
    [InlineData("no graph", new byte[] { 8, 7 })]
    [InlineData("endless integer", new byte[] { 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 })]
    [InlineData("a length beyond the file", new byte[] { 8, 7, 58, 100 })]
    [InlineData("a group", new byte[] { 8, 7, 11 })]
    [InlineData("field 0", new byte[] { 8, 7, 0 })]
    [InlineData("two graphs", new byte[] { 8, 7, 58, 0, 58, 0 })]
    [InlineData("a tensor without type", new byte[] { 8, 7, 58, 2, 42, 0 })]
    [InlineData("two floats for a scalar", new byte[] { 8, 7, 58, 14, 42, 12, 16, 1, 74, 8, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("2^56 floats without data", new byte[] { 8, 7, 58, 14, 42, 12, 8, 128, 128, 128, 128, 128, 128, 128, 128, 1, 16, 1 })]
    [InlineData("a negative size", new byte[] { 8, 7, 58, 15, 42, 13, 8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 16, 1 })]
    [InlineData("one hundred million integers without data", new byte[] { 8, 7, 58, 9, 42, 7, 8, 128, 194, 215, 47, 16, 7 })]
    [InlineData("200 for an int8", new byte[] { 8, 7, 58, 9, 42, 7, 16, 3, 42, 3, 200, 1, 0 })]
    [InlineData("weights in another file", new byte[] { 8, 7, 58, 6, 42, 4, 16, 1, 112, 1 })]
    [InlineData("a sparse initializer", new byte[] { 8, 7, 58, 2, 122, 0 })]
    public void A_model_that_is_broken_or_not_supported_is_refused(string what, byte[] model)
    {
        using TemporaryFolder folder = new();

        Assert.False(string.IsNullOrEmpty(folder.OpenFails(model).Message), what);
    }

    [Fact]
    public void Graphs_nested_without_end_are_refused()
    {
        using TemporaryFolder folder = new();
        byte[] graph = [];
        for (int depth = 0; depth < 100; depth++)
        {
            byte[] attribute = Field(6, graph);
            byte[] node = Field(5, attribute);
            graph = Field(1, node);
        }

        Assert.Contains("nested", folder.OpenFails([8, 7, .. Field(7, graph)]).Found);
    }

    private static byte[] Field(int number, byte[] value) =>
        [(byte)((number << 3) | 2), (byte)(value.Length | 0x80), (byte)(value.Length >> 7), .. value];
}
