using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Onnx.Sessions;
using Affekt.Torch;

namespace Affekt.Tests.Audio;

/// <summary>
/// Against ONNX Runtime on the published graph: of each clip every seventh frame and ninth feature; see
/// make_moonshine.mjs beside the fixture.
/// </summary>
public sealed class MoonshineParityTests
{
    private const double Tolerance = 1e-4;
    private const int FrameStep = 7;
    private const int FeatureStep = 9;

    [Fact]
    public Task The_first_three_layers_give_what_ONNX_Runtime_gives_for_a_synthetic_sound() =>
        CompareAsync("synthetic", SyntheticSound.Make());

    [Theory]
    [InlineData("clips/meld_test_dia0_utt0.wav")]
    [InlineData("clips/meld_train_dia1_utt0.mp4")]
    [InlineData("ravdess/03-01-05-01-01-01-01.flac")]
    public async Task The_first_three_layers_give_what_ONNX_Runtime_gives_for_a_real_clip(string clip)
    {
        MediaTools tools = MediaTools.Find();
        MediaInfo info = await tools.ProbeAsync(TestPaths.Shared($"data/{clip}"), TestContext.Current.CancellationToken);
        Sound sound = await tools.ReadSoundAsync(info, null, TestContext.Current.CancellationToken);
        await CompareAsync(clip, sound.Samples);
    }

    private static async Task CompareAsync(string clip, float[] samples)
    {
        string file = await MoonshineFile.PathAsync();
        using TensorScope scope = new();
        using Network network = MoonshineGraphs.FirstLayers(file, 3);
        Dictionary<string, Tensor> expected = Stored.Read(Stored.Fixture("moonshine/moonshine.safetensors"));
        using NetworkTensor sound = NetworkTensor.Over(samples, 1, samples.Length);
        using NetworkOutputs states = network.Run(("input_values", sound));
        for (int layer = 0; layer < 3; layer++)
        {
            Tensor state_TD = Tensor.From(states[layer].Span<float>(), [.. states[layer].Shape]).Squeeze(0);
            Assert.Equal(expected[$"{clip}/frames"].Item(), state_TD.Shape[0]);
            Tensor chosen = Every(Every(state_TD, 0, FrameStep), 1, FeatureStep);
            Stored.Close(expected[$"{clip}/layer{layer}"], chosen, Tolerance, $"layer {layer}");
        }
    }

    private static Tensor Every(Tensor tensor, int dimension, int step)
    {
        long[] places = [.. Enumerable.Range(0, (int)tensor.Shape[dimension]).Where(i => i % step == 0).Select(i => (long)i)];
        return tensor.IndexSelect(dimension, Tensor.From<long>(places, places.Length));
    }
}
