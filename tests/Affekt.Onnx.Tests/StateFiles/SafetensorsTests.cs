using System.Buffers.Binary;
using System.Text;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

public sealed class SafetensorsTests
{
    [Theory]
    [InlineData("models/all-MiniLM-L6-v2/model.safetensors")]
    [InlineData("data/fixtures/huggingface/bert/model.safetensors")]
    [InlineData("data/fixtures/huggingface/bert/io.safetensors")]
    [InlineData("data/fixtures/huggingface/wav2vec2-layer/model-00003-of-00007.safetensors")]
    public void Rewriting_a_file_of_the_reference_writer_gives_the_same_bytes(string name)
    {
        string original = TestPaths.Shared(name);
        using TemporaryFolder folder = new();
        string copy = folder.At("copy.safetensors");
        using StateFile file = StateFile.Open(original);

        SafetensorsWriter.Write(
            copy, file.Tensors.Values.Reverse().Select(tensor => new TensorToWrite(tensor)), file.Metadata);

        Assert.True(File.ReadAllBytes(original).AsSpan().SequenceEqual(File.ReadAllBytes(copy)));
    }

    [Fact]
    public void MiniLM_opens_with_its_metadata_its_order_and_its_position_ids()
    {
        using StateFile file = StateFile.Open(TestPaths.Shared("models/all-MiniLM-L6-v2/model.safetensors"));

        Assert.Equal("pt", file.Metadata["format"]);
        StoredTensor positions = file.Tensors.Values.First();
        Assert.Equal(("embeddings.position_ids", ElementType.Int64), (positions.Name, positions.Type));
        Assert.Equal([1, 512], positions.Shape);
        Assert.Equal(511, BinaryPrimitives.ReadInt64LittleEndian(positions.Bytes[^8..]));
        Assert.Equal([30522, 384], file.Tensors["embeddings.word_embeddings.weight"].Shape);
    }

    [Fact]
    public void What_is_written_is_read_back_and_aligned()
    {
        using TemporaryFolder folder = new();
        string path = folder.At("a.safetensors");
        SafetensorsWriter.Write(
            path,
            [
                new("flag", ElementType.Bool, [3], new byte[] { 1, 0, 1 }),
                new("größe \"1\"", ElementType.Float64, [], BitConverter.GetBytes(1.5)),
                new("none", ElementType.Float32, [0, 4], ReadOnlyMemory<byte>.Empty),
                new("half", ElementType.BFloat16, [1, 2], new byte[] { 1, 2, 3, 4 }),
            ],
            new Dictionary<string, string> { ["b"] = "2", ["a"] = "ü\n" });

        using StateFile file = StateFile.Open(path);

        Assert.Equal(["größe \"1\"", "none", "half", "flag"], file.Tensors.Keys);
        Assert.Equal(1.5, BinaryPrimitives.ReadDoubleLittleEndian(file.Tensors["größe \"1\""].Bytes));
        Assert.Equal([1, 2, 3, 4], file.Tensors["half"].Bytes.ToArray());
        Assert.Equal([1, 0, 1], file.Tensors["flag"].Bytes.ToArray());
        Assert.Equal([0, 4], file.Tensors["none"].Shape);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "ü\n", ["b"] = "2" }, file.Metadata);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(path)) % 8);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.safetensors", "old"u8);

        Assert.Throws<ArgumentException>(() =>
            SafetensorsWriter.Write(path, [new("w", ElementType.Float32, [2], new byte[7])]));

        Assert.Equal("old"u8, File.ReadAllBytes(path));
        Assert.Equal(["a.safetensors"], Directory.EnumerateFiles(folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("w", "w")]
    [InlineData("__metadata__", "w")]
    [InlineData("", "w")]
    public void Names_that_a_reader_would_refuse_are_not_written(string first, string second)
    {
        using TemporaryFolder folder = new();

        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(
            folder.At("a"), [new(first, ElementType.UInt8, [1], new byte[1]), new(second, ElementType.UInt8, [1], new byte[1])]));
    }

    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"w":{"data_offsets":[4,8],"shape":[1],"dtype":"F32"},"v":{"dtype":"I16","shape":[2,1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"e":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"w":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{},"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}   """)]
    public void Headers_that_the_format_allows_are_read(string header)
    {
        using TemporaryFolder folder = new();

        using StateFile file = StateFile.Open(folder.Write("a", Container(header, new byte[8])));

        Assert.Equal(8, file.Tensors.Values.Sum(tensor => tensor.Bytes.Length));
    }

    [Theory]
    [InlineData("no JSON", "{w}")]
    [InlineData("no end", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""")]
    [InlineData("a second value", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}{}""")]
    [InlineData("no object", """{"w":7}""")]
    [InlineData("no tensors for the data", "{}")]
    [InlineData("duplicate tensor", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("duplicate field", """{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("duplicate metadata", """{"__metadata__":{"a":"","a":""},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("metadata of numbers", """{"__metadata__":{"a":1},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("unknown field", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""")]
    [InlineData("unknown dtype", """{"w":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""")]
    [InlineData("missing shape", """{"w":{"dtype":"F32","data_offsets":[0,8]}}""")]
    [InlineData("negative size", """{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""")]
    [InlineData("size with a fraction", """{"w":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""")]
    [InlineData("overflowing product", """{"w":{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]}}""")]
    [InlineData("huge tensor", """{"w":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}}""")]
    [InlineData("one offset", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""")]
    [InlineData("offsets that do not fit the shape", """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""")]
    [InlineData("offsets backwards", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""")]
    [InlineData("offsets beyond the file", """{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""")]
    [InlineData("a hole", """{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("bytes at the end", """{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("overlap", """{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("half a surrogate pair", """{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    public void Headers_that_the_format_forbids_are_refused(string what, string header)
    {
        using TemporaryFolder folder = new();

        StateFileException error = folder.OpenFails(Container(header, new byte[8]));

        Assert.False(string.IsNullOrEmpty(error.Found) || string.IsNullOrEmpty(error.Expected), what);
    }

    [Fact]
    public void The_error_names_tensor_offset_and_both_sides()
    {
        using TemporaryFolder folder = new();

        StateFileException error = folder.OpenFails(Container("""{"a.w":{"dtype":"F8","shape":[8],"data_offsets":[0,8]}}""", new byte[8]));

        Assert.Equal(("dtype of a.w", 8L + 16, "\"F8\""), (error.Where, error.Offset, error.Found));
        Assert.Contains("BF16", error.Expected);
    }

    [Theory]
    [InlineData(100_000_001UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(11UL)]
    public void A_header_length_beyond_the_file_or_the_limit_is_refused(ulong length)
    {
        using TemporaryFolder folder = new();
        byte[] file = Container("{}", new byte[8]);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);

        Assert.Equal("header length", folder.OpenFails(file).Where);
    }

    [Fact]
    public void A_header_that_is_not_UTF8_is_refused()
    {
        using TemporaryFolder folder = new();

        folder.OpenFails([4, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'"', 0xff, (byte)'"']);
    }

    [Fact]
    public void A_header_of_123_bytes_is_not_taken_for_JSON()
    {
        using TemporaryFolder folder = new();
        string header = """{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""".PadRight(123);

        using StateFile file = StateFile.Open(folder.Write("a", Container(header, new byte[8])));

        Assert.Single(file.Tensors);
    }

    private static byte[] Container(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data];
    }
}
