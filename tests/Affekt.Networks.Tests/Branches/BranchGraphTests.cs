using Affekt.Models.Branches;
using Affekt.Networks;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Branches;

/// <summary>The branches as graphs in ONNX Runtime give what the same weights give where they were trained.</summary>
public sealed class BranchGraphTests
{
    private const double Tolerance = 1e-5;
    private const int Batch = 2, Time = 3;

    private readonly Random _random = new(7);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void The_audio_text_branch_answers_and_remembers_as_in_training_whatever_is_missing(bool direct, bool int8)
    {
        AudioTextConfig config = new()
        {
            TextWidth = 24,
            AudioWidth = 40,
            MetadataSizes = [5, 4, 3],
            MetadataEmbeddingWidth = 6,
            MetadataWidth = 10,
            LstmWidth = 16,
            HeadWidth = 12,
            DirectLogits = direct,
        };
        using TemporaryFolder folder = new();
        using AudioTextBranch branch = new(config);
        using TensorScope scope = new();
        using GradMode noGrad = GradMode.NoGrad();
        Randomize(branch);
        using Network network = Open(branch, folder, int8, weights => AudioTextGraph.Build(config, weights));
        float[] text = Numbers(Batch * Time * 24), audio = Numbers(Batch * Time * 40), hidden = Numbers(Batch * 16), cell = Numbers(Batch * 16);
        float[] hasText = [1, 0, 1, 1, 0, 0], hasAudio = [1, 1, 0, 1, 0, 1];
        (text[24], audio[80]) = (float.NaN, float.NaN);
        long[] metadata = [.. Enumerable.Range(0, Batch * Time * 3).Select(i => (long)i % 3)];

        (Tensor logits, LstmState after) = branch.Forward(
            new AudioTextInput(
                Tensor.From<float>(text, Batch, Time, 24), Tensor.From<float>(hasText, Batch, Time, 1),
                Tensor.From<float>(audio, Batch, Time, 40), Tensor.From<float>(hasAudio, Batch, Time, 1),
                Tensor.From<long>(metadata, Batch, Time, 3)),
            new LstmState(Tensor.From<float>(hidden, 1, Batch, 16), Tensor.From<float>(cell, 1, Batch, 16)));
        using NetworkOutputs outputs = network.Run(
            ("text", NetworkTensor.Over(text, Batch, Time, 24)), ("has_text", NetworkTensor.Over(hasText, Batch, Time, 1)),
            ("audio", NetworkTensor.Over(audio, Batch, Time, 40)), ("has_audio", NetworkTensor.Over(hasAudio, Batch, Time, 1)),
            ("metadata", NetworkTensor.Over(metadata, Batch, Time, 3)), ("hidden", NetworkTensor.Over(hidden, 1, Batch, 16)),
            ("cell", NetworkTensor.Over(cell, 1, Batch, 16)));

        Stored.Close(logits.ToArray<float>(), outputs["logits"].ToArray<float>(), Tolerance, "logits");
        Stored.Close(after.Hidden.ToArray<float>(), outputs["hidden_after"].ToArray<float>(), Tolerance, "hidden");
        Stored.Close(after.Cell.ToArray<float>(), outputs["cell_after"].ToArray<float>(), Tolerance, "cell");
    }

    [Theory]
    [InlineData(32, 0)]
    [InlineData(20, 12)]
    public void The_video_branch_answers_as_in_training_whatever_is_missing(int frameWidth, int textWidth)
    {
        VideoConfig config = new()
        {
            FrameWidth = frameWidth,
            TokenWidth = 14,
            MetadataSizes = textWidth == 0 ? [] : [5, 4],
            ModelWidth = 32,
            Blocks = 2,
            Heads = 4,
            FeedForwardWidth = 48,
            TextWidth = textWidth,
            MetadataEmbeddingWidth = 6,
            MetadataWidth = 10,
            HeadWidth = 12,
        };
        const int Utterances = 3, Frames = 8, Length = 4;
        using TemporaryFolder folder = new();
        using VideoBranch branch = new(config);
        using TensorScope scope = new();
        using GradMode noGrad = GradMode.NoGrad();
        Randomize(branch);
        using Network network = Open(branch, folder, false, weights => VideoGraph.Build(config, weights));
        float[] frames = Numbers(Utterances * Frames * frameWidth), tokens = Numbers(Utterances * Length * 14);
        float[] hasFrame = [.. Enumerable.Range(0, Utterances * Frames).Select(i => i < Frames ? 1f : i < 2 * Frames ? i % 2 : 0)];
        float[] hasToken = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
        frames[^1] = float.NaN;
        long[] metadata = [1, 2, 0, 3, 4, 1];

        Tensor logits = branch.Forward(new VideoInput(
            Tensor.From<float>(frames, Utterances, Frames, frameWidth), Tensor.From<float>(hasFrame, Utterances, Frames, 1),
            Tensor.From<float>(tokens, Utterances, Length, 14), Tensor.From<float>(hasToken, Utterances, Length, 1),
            Tensor.From<long>(metadata, Utterances, 2)));
        List<(string, NetworkTensor)> inputs =
        [
            ("frames", NetworkTensor.Over(frames, Utterances, Frames, frameWidth)), ("has_frame", NetworkTensor.Over(hasFrame, Utterances, Frames, 1)),
        ];
        if (textWidth > 0)
        {
            inputs.Add(("tokens", NetworkTensor.Over(tokens, Utterances, Length, 14)));
            inputs.Add(("has_token", NetworkTensor.Over(hasToken, Utterances, Length, 1)));
            inputs.Add(("metadata", NetworkTensor.Over(metadata, Utterances, 2)));
        }

        using NetworkOutputs outputs = network.Run([.. inputs]);

        Stored.Close(logits.ToArray<float>(), outputs["logits"].ToArray<float>(), Tolerance, "logits");
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(2, null)]
    [InlineData(2, 0.5)]
    public void The_sound_branch_answers_as_in_training_with_and_without_a_baseline(int home, double? farthest)
    {
        SoundConfig config = new()
        {
            AudioWidth = 20,
            HiddenWidth = 16,
            Networks = 3,
            HomeNetworks = home,
            HomeOdds = 0.5,
            FarthestVoice = farthest,
        };
        const int Utterances = 3;
        using TemporaryFolder folder = new();
        using SoundBranch branch = new(config);
        using TensorScope scope = new();
        using GradMode noGrad = GradMode.NoGrad();
        Randomize(branch);
        using Network network = Open(branch, folder, false, weights => SoundGraph.Build(config, weights));
        float[] features = Numbers(Utterances * 20), baseline = Numbers(Utterances * 20), utterances = [0, 1, 12];
        baseline[0] = float.NaN;

        Tensor logits = branch.Forward(new SoundInput(
            Tensor.From<float>(features, Utterances, 20), Tensor.From<float>(baseline, Utterances, 20), Tensor.From<float>(utterances, Utterances, 1)));
        using NetworkOutputs outputs = network.Run(
            ("features", NetworkTensor.Over(features, Utterances, 20)), ("baseline", NetworkTensor.Over(baseline, Utterances, 20)),
            ("utterances", NetworkTensor.Over(utterances, Utterances, 1)));

        Stored.Close(logits.ToArray<float>(), outputs["logits"].ToArray<float>(), Tolerance, "logits");
    }

    [Fact]
    public void Weights_of_another_branch_are_refused()
    {
        using TemporaryFolder folder = new();
        using SoundBranch branch = new(new SoundConfig { AudioWidth = 20, HiddenWidth = 16 });

        Assert.Throws<WeightsMismatchException>(() => Open(
            branch, folder, false, weights => SoundGraph.Build(new SoundConfig { AudioWidth = 21, HiddenWidth = 16 }, weights)));
    }

    private static Network Open(Module branch, TemporaryFolder folder, bool int8, Func<NetworkWeights, NetworkGraph> build)
    {
        string file = folder.At("branch.safetensors");
        NetworkState.Save(branch, file, matricesAsInt8: int8);
        NetworkState.Load(branch, file);
        branch.Train(false);
        using NetworkWeights weights = NetworkWeights.Open(file);
        return Network.Open(build(weights));
    }

    // What begins as zeros or ones, too: learned vectors, last layers, and what numbers are divided by.
    private void Randomize(Module branch)
    {
        foreach ((string name, Tensor tensor) in branch.State())
        {
            if (tensor.Dtype != Dtype.Float32)
                continue;
            float[] numbers = Numbers((int)tensor.Count);
            if (name.Contains("deviation", StringComparison.Ordinal) || name.Contains("temperature", StringComparison.Ordinal))
                numbers = Array.ConvertAll(numbers, number => 0.5f + Math.Abs(number));
            tensor.CopyFrom(Tensor.From<float>(numbers, [.. tensor.Shape]));
        }
    }

    private float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((_random.NextDouble() * 2) - 1))];
}
