using Affekt.Models.Audio;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Torch;

namespace Affekt.Tests.Audio;

/// <summary>wav2vec 2.0 through ONNX Runtime against what Hugging Face's transformers gives.</summary>
public sealed class Wav2Vec2GraphTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("group")]
    [InlineData("layer")]
    public void A_published_folder_gives_the_reference_states(string name) => CompareWithReference(name, Wav2Vec2Fixture.Folder(name));

    [Fact]
    public void An_old_checkpoint_gives_the_same()
    {
        using Wav2Vec2Fixture copy = new("group");
        copy.CopyOldCheckpoint();
        CompareWithReference("group", copy.CopyPath);
    }

    [Theory]
    [InlineData("group")]
    [InlineData("layer")]
    public void Sounds_together_give_what_each_gives_alone(string name)
    {
        using TensorScope scope = new();
        using Networks networks = new(Wav2Vec2Fixture.Folder(name));
        Tensor[] features = [.. Wav2Vec2Fixture.Io(name, "input_values").Select(sound => networks.Convolve(Tensor.From<float>(sound, 1, sound.Length)))];
        long longest = features.Max(part => part.Shape[1]);
        float[] mask = new float[features.Length * longest];
        for (int row = 0; row < features.Length; row++)
            mask.AsSpan(row * (int)longest, (int)features[row].Shape[1]).Fill(1);

        // Padding that is not zero: nobody may read it.
        Tensor together = networks.Transform(
            Tensor.Concat([.. features.Select(part => Tensor.Concat([part, Tensor.Full(3, 1, longest - part.Shape[1], part.Shape[2])], 1))], 0),
            Tensor.From<float>(mask, features.Length, longest));

        for (int row = 0; row < features.Length; row++)
        {
            long frames = features[row].Shape[1];
            Tensor alone = networks.Transform(features[row], Tensor.Full(1, 1, frames));
            Stored.Close(alone.Squeeze(0), together.Select(0, row).Narrow(0, 0, frames), Tolerance, $"sound {row}");
        }
    }

    private static void CompareWithReference(string name, string folder)
    {
        using TensorScope scope = new();
        Dictionary<string, Tensor> io = Wav2Vec2Fixture.Io(name);
        using Networks networks = new(folder);
        for (int i = 0; i < Wav2Vec2Fixture.Sounds; i++)
        {
            Tensor features = networks.Convolve(io[$"input_values{i}"].Unsqueeze(0));
            Tensor states = networks.Transform(features, Tensor.Full(1, 1, features.Shape[1]));
            Stored.Close(io[$"output{i}"], states.Squeeze(0), Tolerance, $"sound {i}");
        }
    }

    private sealed class Networks : IDisposable
    {
        private readonly Network _convolutions;
        private readonly Network _transformer;

        public Networks(string folder)
        {
            Wav2Vec2Config config = Wav2Vec2Config.Load(Path.Combine(folder, "config.json"));
            using NetworkWeights weights = Wav2Vec2Weights.Open(folder);
            _convolutions = Network.Open(Wav2Vec2Graph.Convolutions(config, weights));
            _transformer = Network.Open(Wav2Vec2Graph.Transformer(config, weights));
            Assert.Empty(weights.Unused);
        }

        public Tensor Convolve(Tensor sounds) => _convolutions.Call((Wav2Vec2Graph.Sound, sounds))[Wav2Vec2Graph.Features];

        public Tensor Transform(Tensor features, Tensor mask) => _transformer
            .Call((Wav2Vec2Graph.Features, features), (Wav2Vec2Graph.Mask, mask.To(Dtype.Int64)))[Wav2Vec2Graph.LastStates];

        public void Dispose()
        {
            _convolutions.Dispose();
            _transformer.Dispose();
        }
    }
}
