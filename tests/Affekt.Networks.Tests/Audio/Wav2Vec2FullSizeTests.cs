using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Audio;

/// <summary>
/// The published sizes with weights that are a formula, against torchaudio (make_full_size.py beside the fixture).
/// </summary>
public sealed class Wav2Vec2FullSizeTests
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void Wav2vec2_base_gives_the_states_of_torchaudio() => Compare("base", new Wav2Vec2Config
    {
        HiddenSize = 768,
        NumHiddenLayers = 12,
        NumAttentionHeads = 12,
        IntermediateSize = 3072,
    });

    [Fact]
    public void Two_layers_of_wav2vec2_large_lv60_give_the_states_of_torchaudio() => Compare("large", new Wav2Vec2Config
    {
        HiddenSize = 1024,
        NumHiddenLayers = 2,
        NumAttentionHeads = 16,
        IntermediateSize = 4096,
        ConvBias = true,
        FeatExtractNorm = "layer",
        DoStableLayerNorm = true,
    });

    private static void Compare(string name, Wav2Vec2Config config)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        using Wav2Vec2Model network = Make(config);
        Tensor states_TD = network.States([Wav2Vec2Encoder.Normalize(SyntheticSound.Make())])[0];
        Tensor expected = Stored.Read(Stored.Fixture("wav2vec2/full_size.safetensors"))[name];
        Tensor found = states_TD.IndexSelect(0, EveryNth(7, states_TD.Shape[0])).IndexSelect(1, EveryNth(9, states_TD.Shape[1]));
        Stored.Close(expected, found, Tolerance);

        network.Prepare(Precision.Float32);
        states_TD = network.States([Wav2Vec2Encoder.Normalize(SyntheticSound.Make())])[0];
        found = states_TD.IndexSelect(0, EveryNth(7, states_TD.Shape[0])).IndexSelect(1, EveryNth(9, states_TD.Shape[1]));
        Stored.Close(expected, found, Tolerance, "laid out");
    }

    private static Wav2Vec2Model Make(Wav2Vec2Config config)
    {
        using IDisposable skipped = Initial.Skipped();
        Wav2Vec2Model network = new(config, head: false);
        foreach ((string name, Tensor tensor) in network.NamedParameters())
        {
            using Tensor values = Tensor.From<float>(Weights(name, [.. tensor.Shape]), [.. tensor.Shape]);
            tensor.CopyFrom(values);
        }

        return network;
    }

    // Integers mixed from the name and the place, to (-1, 1), and scaled as initial weights are.
    private static float[] Weights(string name, long[] shape)
    {
        uint seed = 2166136261;
        foreach (char character in name)
            seed = unchecked((seed ^ character) * 16777619);
        float[] weights = new float[shape.Aggregate(1L, (product, size) => product * size)];
        (double offset, double scale) = name switch
        {
            _ when name.EndsWith("weight_g", StringComparison.Ordinal) => (2.5, 0.25),
            _ when name.EndsWith("layer_norm.weight", StringComparison.Ordinal) => (1, 0.3),
            _ when shape.Length == 1 => (0, 0.05),
            _ => (0, Math.Sqrt(3.0 * shape[0] / weights.Length)),
        };
        Parallel.For(0, weights.Length, i =>
        {
            uint x = unchecked(((uint)i * 2654435761) + seed);
            x = unchecked((x ^ (x >> 16)) * 0x7FEB352D);
            x = unchecked((x ^ (x >> 15)) * 0x846CA68B);
            x ^= x >> 16;
            weights[i] = (float)(offset + (scale * (((x >> 8) / 8388608.0) - 1)));
        });
        return weights;
    }

    private static Tensor EveryNth(int step, long length) =>
        Tensor.From<long>([.. Enumerable.Range(0, (int)((length + step - 1) / step)).Select(i => (long)i * step)], (length + step - 1) / step);
}
