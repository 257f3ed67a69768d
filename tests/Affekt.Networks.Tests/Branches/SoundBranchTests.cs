using Affekt.Models.Branches;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Tests.Branches;

/// <summary>What the branch hears of an utterance and of its speaker's voice.</summary>
public sealed class SoundBranchTests : IDisposable
{
    private const int Width = 4;
    private const int Hidden = 5;

    private static readonly SoundConfig _config = new() { AudioWidth = Width, HiddenWidth = Hidden, Networks = 2, Shrinkage = 2 };
    private static readonly float[] _mean = [0.5f, -1, 0, 2], _deviation = [1, 2, 0.5f, 3], _difference = [0.5f, 1, 0.25f, 2];
    private static readonly float[] _sound = [1, 2, -0.3f, 90];

    private readonly SoundBranch _branch;

    public SoundBranchTests()
    {
        TorchRuntime.ManualSeed(5);
        _branch = new SoundBranch(_config);
        _branch.SetTemperatures(1.5, 3);
        _branch.SetStatistics(_mean, _deviation, _difference);
    }

    public void Dispose() => _branch.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    public void Logits_are_those_of_the_formula(int utterances)
    {
        VoiceBaseline baseline = VoiceBaseline.None;
        for (int i = 0; i < utterances; i++)
            baseline = baseline.With([0.5f + i, 1, -i, 80]);
        double[] usual = [0.5 + ((utterances - 1) / 2.0), 1, -(utterances - 1) / 2.0, 80];
        double known = utterances / (utterances + 2.0);

        double[] heard = new double[Width];
        for (int i = 0; i < Width; i++)
        {
            double reference = utterances == 0 ? _mean[i] : _mean[i] + (known * (usual[i] - _mean[i]));
            heard[i] = Math.Clamp((_sound[i] - reference) / (((1 - known) * _deviation[i]) + (known * _difference[i])), -5, 5);
        }

        Dictionary<string, float[]> weights = _branch.State().ToDictionary(entry => entry.Name, entry => entry.Tensor.ToArray<float>());
        double[] expected = [.. Mean(weights, "networks", heard).Select(logit => logit / ((1.5 * (1 - known)) + (3 * known)))];

        double[] found = _branch.Logits(_sound, baseline);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void The_home_corpus_s_networks_count_as_far_as_a_recording_sounds_like_it()
    {
        using SoundBranch branch = new(_config with { HomeNetworks = 2, HomeWeight = 0.6, HomeOdds = 0.25 });
        branch.SetTemperatures(1.5, 3, 0.7);
        branch.SetStatistics(_mean, _deviation, _difference);
        Dictionary<string, float[]> weights = branch.State().ToDictionary(entry => entry.Name, entry => entry.Tensor.ToArray<float>());
        double[] usual = [.. Enumerable.Range(0, Width).Select(i => Math.Clamp((_sound[i] - _mean[i]) / _deviation[i], -5, 5))];
        double odds = 0.25 * Math.Exp(Layer(weights, "home.gate", usual, 1)[0]), home = odds / (1 + odds);
        double[] strange = Mean(weights, "networks", usual), own = Mean(weights, "home", usual);

        double[] found = branch.Logits(_sound, VoiceBaseline.None);

        double temperature = (1.5 * (1 - home)) + (0.7 * home);
        Assert.All(
            strange.Zip(own, (of, at) => ((of * (1 - (0.6 * home))) + (at * 0.6 * home)) / temperature).Zip(found),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1.1, 0.5)]
    [InlineData(1.2, 0)]
    [InlineData(3, 0)]
    public void What_is_farther_than_voices_are_is_answered_less_and_then_not_at_all(double distance, double share)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using SoundBranch near = new(_config), far = new(_config with { FarthestVoice = 1 });
        foreach ((string name, Tensor tensor) in far.State())
            tensor.CopyFrom(near.State().Single(other => other.Name == name).Tensor);
        float[] sound = [.. Enumerable.Repeat((float)distance, Width)];

        double[] expected = near.Logits(sound, VoiceBaseline.None), found = far.Logits(sound, VoiceBaseline.None);

        Assert.All(expected.Zip(found), pair => Assert.Equal(share * pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void A_batch_mixes_known_and_unknown_voices_and_unknown_ones_are_not_touched_by_what_stands_in_their_place()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        float[] usual = [1, 1, 1, 1];
        float[] rows = _branch.Forward(new SoundInput(
            Tensor.From<float>([.. _sound, .. _sound], 2, Width),
            Tensor.From<float>([float.NaN, float.NaN, float.NaN, float.NaN, .. usual], 2, Width),
            Tensor.From<float>([0, 3], 2, 1))).ToArray<float>();

        double[] unknown = _branch.Logits(_sound, VoiceBaseline.None);
        double[] known = _branch.Logits(_sound, VoiceBaseline.None.With(usual).With(usual).With(usual));
        Assert.All(unknown.Concat(known).Zip(rows), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.NotEqual(unknown, known);
    }

    [Fact]
    public void A_voice_is_known_by_what_it_said_before_and_by_nothing_that_others_said()
    {
        SpeakerMemory memory = new();
        memory.Hear("Ann", [1, 2]);
        memory.Hear("Bob", [9, 9]);
        memory.Hear("Ann", [3, 6]);
        memory.Hear("Ann", null);
        memory.Hear(null, [5, 5]);

        float[] mean = [0, 0];
        memory.Of("Ann").Voice.CopyMean(mean);
        Assert.Equal([2, 4], mean);
        Assert.Equal(2, memory.Of("Ann").Voice.Utterances);
        Assert.Equal(1, memory.Of("Bob").Voice.Utterances);
        Assert.Equal(1, memory.Of(null).Voice.Utterances);
        Assert.Equal(0, memory.Of("Cid").Voice.Utterances);
    }

    [Fact]
    public void An_enrolled_voice_counts_from_the_first_utterance_on_and_is_itself_left_as_it_was()
    {
        VoiceBaseline enrolled = VoiceBaseline.None.With([1, 1]).With([3, 1]);
        SpeakerMemory memory = new(SpeakerBaseline.None with { Voice = enrolled });
        Assert.Equal(2, memory.Of("Ann").Voice.Utterances);
        memory.Hear("Ann", [8, 4]);

        float[] mean = [0, 0];
        memory.Of("Ann").Voice.CopyMean(mean);
        Assert.Equal([4, 2], mean);
        Assert.Equal(2, memory.Of("Bob").Voice.Utterances);
        Assert.Equal(2, enrolled.Utterances);
    }

    [Fact]
    public void Features_of_another_width_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => VoiceBaseline.None.With([1, 2]).With([1]));
        Assert.Contains("1 features, expected 2", error.Message, StringComparison.Ordinal);
    }

    private static double[] Mean(Dictionary<string, float[]> weights, string group, double[] read)
    {
        double[] mean = new double[Emotions.Count];
        for (int network = 0; network < 2; network++)
        {
            double[] hidden = Layer(weights, $"{group}.{network}.hidden", read, Hidden);
            double[] logits = Layer(weights, $"{group}.{network}.output", [.. hidden.Select(value => Math.Max(0, value))], Emotions.Count);
            for (int i = 0; i < logits.Length; i++)
                mean[i] += logits[i] / 2;
        }

        return mean;
    }

    private static double[] Layer(Dictionary<string, float[]> weights, string name, double[] input, int outputs)
    {
        float[] matrix = weights[name + ".weight"], bias = weights[name + ".bias"];
        return [.. Enumerable.Range(0, outputs).Select(o => bias[o] + input.Select((value, i) => value * matrix[(o * input.Length) + i]).Sum())];
    }
}
