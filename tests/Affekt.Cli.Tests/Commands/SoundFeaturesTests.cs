using System.Runtime.InteropServices;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

public sealed class SoundFeaturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("wav2vec2-group", "token", "output")]
    [InlineData("wav2vec2-ctc", "logits", "output")]
    [InlineData("wav2vec2-ctc", "ids", "ids")]
    public async Task A_wav2vec2_folder_gives_the_references_numbers_for_files(string model, string level, string reference)
    {
        string encoder = TestPaths.Shared($"data/fixtures/huggingface/{model}");
        using StateFile io = StateFile.Open(Path.Combine(encoder, "io.safetensors"));
        string[] clips = [.. Enumerable.Range(0, 3).Select(i => WaveFile.WriteFloats(_folder.At($"clip{i}.wav"), io.Tensors[$"wave{i}"].Bytes))];
        string target = _folder.At("features.safetensors");

        CliOutcome outcome = await CliRun.HereAsync(
            ["features", .. clips, "--encoder", encoder, "--level", level, "--out", target]);

        Assert.True(outcome.ExitCode == 0, outcome.Errors);
        using StateFile features = StateFile.Open(target);
        for (int i = 0; i < clips.Length; i++)
        {
            StoredTensor expected = io.Tensors[$"{reference}{i}"], found = features.Tensors[$"clip{i}.wav"];
            Assert.Equal(expected.Length, found.Length);
            if (found.Type == ElementType.Int64)
                Assert.Equal(expected.Bytes.ToArray(), found.Bytes.ToArray());
            else
                Assert.All(Floats(expected).Zip(Floats(found)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public async Task A_network_without_a_head_has_no_logits()
    {
        string encoder = TestPaths.Shared("data/fixtures/huggingface/wav2vec2-group");
        string clip = WaveFile.WriteFloats(_folder.At("clip.wav"), new byte[64_000]);

        CliOutcome outcome = await CliRun.HereAsync(
            "features", clip, "--encoder", encoder, "--level", "logits", "--out", _folder.At("f.safetensors"));

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("projector.weight: missing", outcome.Errors, StringComparison.Ordinal);
    }

    private static float[] Floats(StoredTensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray();
}
