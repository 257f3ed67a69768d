using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Audio;

/// <summary>Against what Hugging Face's transformers gives, and sounds alone against sounds together.</summary>
public sealed class Wav2Vec2ParityTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly GradMode _noGrad = GradMode.NoGrad();
    private readonly TensorScope _scope = new();

    public void Dispose()
    {
        _scope.Dispose();
        _noGrad.Dispose();
    }

    [Theory]
    [InlineData("group")]
    [InlineData("layer")]
    [InlineData("ctc")]
    public void A_published_folder_gives_the_reference_outputs_as_it_is(string name) =>
        CompareWithReference(name, Wav2Vec2Fixture.Folder(name));

    [Theory]
    [InlineData("group")]
    [InlineData("layer")]
    [InlineData("ctc")]
    public void An_old_checkpoint_with_prefix_and_the_old_names_of_weight_norm_gives_the_same(string name)
    {
        using Wav2Vec2Fixture copy = new(name);
        copy.CopyOldCheckpoint();
        CompareWithReference(name, copy.CopyPath);
    }

    // Its graph gives what transformers gives (tests of the published families).
    [Fact]
    public void HuBERT_by_the_layers_of_wav2vec2_gives_what_its_graph_gives()
    {
        string folder = TestPaths.Shared("data/fixtures/zoo/hubert");
        Assert.True(Wav2Vec2Config.FitsAccelerator(folder));
        using Wav2Vec2Network graph = Wav2Vec2Network.Load(folder, family: Wav2Vec2Config.Hubert);
        using IWav2Vec2Network layers = new TorchEncoders(Precision.Float32).OpenSpeech(folder, Wav2Vec2Config.Hubert);
        float[][] sounds = [.. ((int[])[8_000, 5_000]).Select(length => Enumerable.Range(0, length).Select(i => MathF.Sin(i * i * 1e-5f)).ToArray())];

        foreach ((float[] expected, float[] found) in graph.States(sounds, TestContext.Current.CancellationToken).Zip(layers.States(sounds, TestContext.Current.CancellationToken)))
            Stored.Close(expected, found, Tolerance);
    }

    [Fact]
    public void An_odd_number_of_position_taps_gives_what_an_even_number_and_an_empty_tap_give()
    {
        using Wav2Vec2Fixture copy = new("group");
        copy.Replace("config.json", "\"num_conv_pos_embeddings\": 128", "\"num_conv_pos_embeddings\": 129");
        Dictionary<string, Tensor> weights = copy.Weights();
        const string Convolution = "encoder.pos_conv_embed.conv.parametrizations.weight.original";
        Tensor directions = weights[$"{Convolution}1"];
        weights[$"{Convolution}0"] = Tensor.Concat([weights[$"{Convolution}0"], Tensor.Zeros(1, 1, 1)], 2);
        weights[$"{Convolution}1"] = Tensor.Concat([directions, Tensor.Full(1, directions.Shape[0], directions.Shape[1], 1)], 2);
        copy.Write(weights);
        CompareWithReference("group", copy.CopyPath);
    }

    [Theory]
    [InlineData("group")]
    [InlineData("layer")]
    public void Sounds_of_any_length_and_order_together_give_what_each_gives_alone(string name)
    {
        using Wav2Vec2Model network = Wav2Vec2Model.Load(Wav2Vec2Fixture.Folder(name), head: false, out _);
        float[][] three = Wav2Vec2Fixture.Io(name, "input_values");
        // The shortest that fills a frame, and a length that comes twice.
        float[][] sounds = [.. three, three[2][..400], Wav2Vec2Encoder.Normalize(SyntheticSound.Make().AsSpan(0, three[1].Length))];
        Tensor[] alone = [.. sounds.Select(sound => network.Forward(network.Extract(Tensor.From<float>(sound, 1, sound.Length))).Squeeze(0))];
        Assert.Equal([24, 65, 149, 1, 65], alone.Select(states => states.Shape[0]));
        foreach (int[] order in (int[][])[[0, 1, 2, 3, 4], [3, 2, 4, 0, 1], [2, 0], [1, 4], [3]])
        {
            Tensor[] together = network.States([.. order.Select(i => sounds[i])]);
            Assert.Equal(order.Length, together.Length);
            for (int place = 0; place < order.Length; place++)
                Stored.Close(alone[order[place]], together[place], Tolerance, $"sound {order[place]} in {string.Join(", ", order)}");
        }
    }

    [Theory]
    [InlineData("group")]
    [InlineData("layer")]
    public void A_sound_gives_the_same_bits_alone_and_among_others_once_weights_are_laid_out(string name)
    {
        Assert.SkipUnless(PackedKernels.Available, "this processor has no AVX-512 VNNI");
        float[][] sounds = Wav2Vec2Fixture.Io(name, "input_values");
        foreach (Precision precision in Enum.GetValues<Precision>())
        {
            using Wav2Vec2Model network = Wav2Vec2Model.Load(Wav2Vec2Fixture.Folder(name), head: false, out _);
            network.Prepare(precision, keepWeights: false);
            Tensor[] together = network.States(sounds);
            Dictionary<string, Tensor> io = Wav2Vec2Fixture.Io(name);
            for (int i = 0; i < sounds.Length; i++)
            {
                Assert.Equal(network.States([sounds[i]])[0].ToArray<float>(), together[i].ToArray<float>());
                Assert.InRange(Stored.Cosine(io[$"output{i}"].Squeeze(0), together[i]), precision == Precision.Int8 ? 0.98 : 0.999, 1.00001);
            }
        }
    }

    private static void CompareWithReference(string name, string folder)
    {
        using Wav2Vec2Model network = Wav2Vec2Model.Load(folder, head: true, out IReadOnlyList<string> unused);
        Assert.Empty(unused);
        Assert.Equal(name == "ctc", network.HasHead);
        Assert.DoesNotContain(network.NamedParameters(), parameter => parameter.Tensor.RequiresGrad);
        Dictionary<string, Tensor> io = Wav2Vec2Fixture.Io(name);
        Compare("as loaded");
        network.Prepare(Precision.Float32);
        Compare("laid out");

        void Compare(string how)
        {
            for (int i = 0; i < Wav2Vec2Fixture.Sounds; i++)
            {
                Tensor states = network.Forward(network.Extract(io[$"input_values{i}"].Unsqueeze(0)));
                Tensor output = network.HasHead ? network.Logits(states) : states;
                Stored.Close(io[$"output{i}"], output.Squeeze(0), Tolerance, $"{how}, sound {i}");
            }
        }
    }
}
