using System.IO.Compression;
using System.Text;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

public sealed class TorchZipTests
{
    [Theory]
    [InlineData("bert-relu-short", "bert.", "model.safetensors")]
    [InlineData("wav2vec2-group", "wav2vec2.", "model.safetensors")]
    [InlineData("wav2vec2-ctc", "", "model.safetensors")]
    [InlineData("wav2vec2-layer", "wav2vec2.", "model.safetensors.index.json")]
    public void A_published_bin_holds_the_same_bytes_as_the_safetensors_beside_it(string folder, string prefix, string other)
    {
        string path = TestPaths.Shared($"data/fixtures/huggingface/{folder}");
        using StateFile bin = StateFile.Open(Path.Combine(path, "pytorch_model.bin"));
        using StateFile safetensors = StateFile.Open(Path.Combine(path, other));

        Assert.NotEmpty(bin.Tensors);
        foreach (StoredTensor tensor in bin.Tensors.Values)
        {
            string name = tensor.Name.StartsWith(prefix, StringComparison.Ordinal) ? tensor.Name[prefix.Length..] : tensor.Name;
            StoredTensor twin = safetensors.Tensors[ModernName(name)];
            Assert.Equal((twin.Type, twin.Length), (tensor.Type, tensor.Length));
            Assert.Equal(twin.Shape, tensor.Shape);
            Assert.True(twin.Bytes.SequenceEqual(tensor.Bytes), tensor.Name);
        }
    }

    [Fact]
    public void Plain_values_beside_the_tensors_become_metadata()
    {
        using TemporaryFolder folder = new();
        using StateFile file = StateFile.Open(folder.Write("a", Zip("}q\0(X\u0005\0\0\0epochK\u0003X\u0004\0\0\0nameX\u0002\0\0\0xyu.")));

        Assert.Equal(new Dictionary<string, string> { ["epoch"] = "3", ["name"] = "xy" }, file.Metadata);
    }

    [Fact]
    public void A_pickle_that_would_call_a_function_is_refused_by_its_name()
    {
        StateFileException error = Fails("call.pth");

        Assert.Contains("print", error.Found);
        Assert.Equal("pickle", error.Where);
    }

    [Fact]
    public void The_format_from_before_1_6_holds_the_same_tensors()
    {
        using StateFile file = StateFile.Open(StateFileFixtures.PathOf("legacy.pth"));

        StateFileFixtures.AssertHolds(file, "state.pth");
    }

    [Fact]
    public void A_file_from_before_1_6_that_ends_within_a_storage_is_refused()
    {
        using TemporaryFolder folder = new();
        byte[] whole = File.ReadAllBytes(StateFileFixtures.PathOf("legacy.pth"));

        Assert.StartsWith("storage ", folder.OpenFails(whole.AsSpan()[..^9]).Where);
    }

    [Fact]
    public void A_bare_pickle_is_refused_with_the_way_out()
    {
        using TemporaryFolder folder = new();

        Assert.Contains("torch.save", folder.OpenFails([0x80, 2, .. "}."u8]).Expected);
    }

    [Theory]
    [InlineData("no code", "")]
    [InlineData("no stop", "}")]
    [InlineData("nothing left", ".")]
    [InlineData("a bare value", "N.")]
    [InlineData("an unknown opcode", "i.")]
    [InlineData("memo that was never stored", "h\u0005.")]
    [InlineData("no mark", "}u.")]
    [InlineData("a mark as a value", "(.")]
    [InlineData("a key that is no name", "}K\u0001K\u0002s.")]
    [InlineData("a nested dictionary", "}X\u0001\0\0\0a}s.")]
    [InlineData("a key twice", "}(X\u0001\0\0\0aNX\u0001\0\0\0aNu.")]
    [InlineData("a key without a value", "}(Nu.")]
    [InlineData("text beyond the end", "}X\u00ff\u00ff\u00ff\u00ffa")]
    [InlineData("another function", "cos\nsystem\n)R.")]
    [InlineData("a constructor call with arguments", "ccollections\nOrderedDict\nN\u0085R.")]
    [InlineData("a call of a storage class", "ctorch\nFloatStorage\n)R.")]
    [InlineData("an integer of 9 bytes", "\u008a\u0009\0\0\0\0\0\0\0\0\u0001.")]
    public void A_pickle_that_is_no_state_dictionary_is_refused(string what, string code)
    {
        using TemporaryFolder folder = new();

        Assert.False(string.IsNullOrEmpty(folder.OpenFails(Zip(code)).Message), what);
    }

    [Theory]
    [InlineData("fits", 0, 4, 1, true)]
    [InlineData("fits with strides", 1, 2, 2, true)]
    [InlineData("past the end", 1, 4, 1, false)]
    [InlineData("stride past the end", 0, 3, 2, false)]
    [InlineData("starts past the end", 5, 0, 1, false)]
    [InlineData("a small overlap", 0, 5, 0, true)]
    [InlineData("an overlap of a million elements", 0, 1_000_000, 0, false)]
    public void Views_must_lie_in_their_storage(string what, int offset, int size, int stride, bool fits)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a", Zip(Tensor(offset, size, stride, 4), new byte[16]));

        if (fits)
        {
            using StateFile file = StateFile.Open(path);
            Assert.Equal(size * 4, file.Tensors["w"].Bytes.Length);
        }
        else
        {
            Assert.True(Assert.Throws<StateFileException>(() => StateFile.Open(path)).Where == "w", what);
        }
    }

    [Theory]
    [InlineData(5, 16)]
    [InlineData(3, 16)]
    [InlineData(4, 15)]
    public void A_storage_must_have_the_length_that_the_pickle_says(int claimed, int stored)
    {
        using TemporaryFolder folder = new();

        Assert.Equal("storage of w", folder.OpenFails(Zip(Tensor(0, 1, 1, claimed), new byte[stored])).Where);
    }

    [Fact]
    public void Compressed_entries_are_refused()
    {
        using TemporaryFolder folder = new();

        folder.OpenFails(Zip("}.", new byte[1000], CompressionLevel.Optimal));
    }

    private static StateFileException Fails(string fixture) =>
        Assert.Throws<StateFileException>(() => StateFile.Open(StateFileFixtures.PathOf(fixture)));

    private static string Tensor(int offset, int size, int stride, int storageLength)
    {
        static string Number(int value) => "J" + Encoding.Latin1.GetString(BitConverter.GetBytes(value));
        return "}X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00"
            + $"X\u0003\0\0\0cpu{Number(storageLength)}tQ{Number(offset)}{Number(size)}\u0085{Number(stride)}\u0085"
            + "\u0089ccollections\nOrderedDict\n)RtRs.";
    }

    private static byte[] Zip(string pickle, byte[]? storage = null, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("a/data.pkl", Encoding.Latin1.GetBytes(pickle));
            Add("a/data/0", storage ?? []);
            void Add(string name, byte[] bytes)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    private static string ModernName(string name) => name
        .Replace(".gamma", ".weight", StringComparison.Ordinal)
        .Replace(".beta", ".bias", StringComparison.Ordinal)
        .Replace(".weight_g", ".parametrizations.weight.original0", StringComparison.Ordinal)
        .Replace(".weight_v", ".parametrizations.weight.original1", StringComparison.Ordinal);
}
