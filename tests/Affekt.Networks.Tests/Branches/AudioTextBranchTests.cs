using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Branches;

/// <summary>What the branch may know when, and what it is made of.</summary>
public sealed class AudioTextBranchTests : IDisposable
{
    private const int TextWidth = 6;
    private const int AudioWidth = 5;
    private const double Rounding = 1e-5;

    private static readonly AudioTextConfig _plain = new()
    {
        TextWidth = TextWidth,
        AudioWidth = AudioWidth,
        MetadataSizes = [3, 4],
        MetadataEmbeddingWidth = 2,
        MetadataWidth = 3,
        LstmWidth = 8,
        HeadWidth = 7,
    };

    private readonly TensorScope _scope = new();

    public AudioTextBranchTests() => TorchRuntime.ManualSeed(17);

    public static TheoryData<bool> Both => [false, true];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Both))]
    public void Later_utterances_never_change_earlier_logits_and_earlier_ones_change_later(bool direct)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using AudioTextBranch branch = Make(direct);
        AudioTextInput one = Random(2, 5);
        float[] Logits(AudioTextInput input, int from, int count) =>
            branch.Forward(input, branch.Start(2)).Logits.Narrow(1, from, count).ToArray<float>();

        AudioTextInput otherEnd = Join(Part(one, 0, 3), Random(2, 2));
        Stored.Close(Logits(one, 0, 3), Logits(otherEnd, 0, 3), Rounding);
        AudioTextInput otherStart = Join(Random(2, 3), Part(one, 3, 2));
        float[] expected = Logits(one, 3, 2), found = Logits(otherStart, 3, 2);
        Assert.True(expected.Zip(found).Max(pair => Math.Abs(pair.First - pair.Second)) > 1e-3);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void A_shorter_dialogue_in_a_padded_batch_gives_what_it_gives_alone(bool direct)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using AudioTextBranch branch = Make(direct);
        AudioTextInput batch = Random(3, 6);
        Tensor together = branch.Forward(batch, branch.Start(3)).Logits;
        AudioTextInput alone = Part(Dialogue(batch, 1), 0, 4);
        Stored.Close(branch.Forward(alone, branch.Start(1)).Logits, together.Narrow(0, 1, 1).Narrow(1, 0, 4), Rounding);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Step_by_step_with_the_memory_carried_on_is_the_whole_dialogue_at_once(bool direct)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using AudioTextBranch branch = Make(direct);
        AudioTextInput dialogue = Random(2, 7);
        (Tensor whole, LstmState end) = branch.Forward(dialogue, branch.Start(2));
        LstmState state = branch.Start(2);
        for (int t = 0; t < 7; t++)
        {
            (Tensor step, state) = branch.Forward(Part(dialogue, t, 1), state);
            Stored.Close(whole.Narrow(1, t, 1), step, Rounding, $"utterance {t}");
        }

        Stored.Close(end.Hidden, state.Hidden, Rounding);
        Stored.Close(end.Cell, state.Cell, Rounding);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 3)]
    [InlineData(true, 1e30)]
    [InlineData(false, double.NaN)]
    [InlineData(true, double.NaN)]
    [InlineData(true, double.PositiveInfinity)]
    public void What_stands_in_the_place_of_a_missing_modality_makes_no_difference(bool direct, double anything)
    {
        using AudioTextBranch branch = Make(direct);
        AudioTextInput input = Random(2, 4);
        foreach ((bool text, bool audio) in ((bool, bool)[])[(true, false), (false, true), (false, false)])
        {
            Assert.Equal(Gradients(branch, With(0)), Gradients(branch, With(anything)));

            AudioTextInput With(double value) => input with
            {
                Text = text ? input.Text : Tensor.Full(value, 2, 4, TextWidth),
                HasText = Tensor.Full(text ? 1 : 0, 2, 4, 1),
                Audio = audio ? input.Audio : Tensor.Full(value, 2, 4, AudioWidth),
                HasAudio = Tensor.Full(audio ? 1 : 0, 2, 4, 1),
            };
        }
    }

    [Fact]
    public void With_direct_logits_training_starts_from_what_each_modality_says_by_itself()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using AudioTextBranch branch = new(_plain with { DirectLogits = true });
        AudioTextInput input = Random(1, 3);
        Dictionary<string, Tensor> state = branch.State().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        Assert.All(state["head.output.weight"].ToArray<float>(), weight => Assert.Equal(0, weight));
        Assert.All(state["head.output.bias"].ToArray<float>(), weight => Assert.Equal(0, weight));

        Tensor text = input.Text.Linear(state["direct_text.weight"], state["direct_text.bias"]);
        Tensor audio = input.Audio.Linear(state["direct_audio.weight"], state["direct_audio.bias"]);
        Stored.Close(text + audio, branch.Forward(input, branch.Start(1)).Logits, Rounding);

        // The trust in sound counts where there is text, and only there.
        branch.AudioTrust = 0.25;
        Assert.Equal(0.25, branch.AudioTrust);
        Stored.Close(text + (audio * 0.25), branch.Forward(input, branch.Start(1)).Logits, Rounding);
        AudioTextInput soundOnly = input with { HasText = Tensor.Zeros(1, 3, 1) };
        Stored.Close(audio, branch.Forward(soundOnly, branch.Start(1)).Logits, Rounding);
    }

    [Fact]
    public void Sound_is_standardized_and_outliers_are_held_at_five_deviations()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using AudioTextBranch branch = Make(direct: true);
        AudioTextInput standard = Random(1, 2) with { Audio = Tensor.Full(5, 1, 2, AudioWidth) };
        Tensor expected = branch.Forward(standard, branch.Start(1)).Logits;
        branch.SetAudioStatistics([1, 2, 3, 4, 5], [2, 2, 2, 2, 2]);
        AudioTextInput atLimit = standard with { Audio = Repeat([11, 12, 13, 14, 15]) };
        Stored.Close(expected, branch.Forward(atLimit, branch.Start(1)).Logits, Rounding);
        AudioTextInput beyond = standard with { Audio = Repeat([1000, 1000, 1000, 1000, 1000]) };
        Stored.Close(expected, branch.Forward(beyond, branch.Start(1)).Logits, Rounding);

        static Tensor Repeat(float[] row) => Tensor.From<float>([.. row, .. row], 1, 2, AudioWidth);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Gradients_reach_every_parameter(bool direct)
    {
        using AudioTextBranch branch = Make(direct);
        AudioTextInput input = Random(4, 5) with
        {
            HasText = Tensor.From<float>([.. Enumerable.Range(0, 20).Select(i => i % 3 == 0 ? 0f : 1)], 4, 5, 1),
            HasAudio = Tensor.From<float>([.. Enumerable.Range(0, 20).Select(i => i % 4 == 0 ? 0f : 1)], 4, 5, 1),
        };
        branch.Forward(input, branch.Start(4)).Logits.Reshape(20, 7)
            .CrossEntropy(Tensor.From<long>([.. Enumerable.Range(0, 20).Select(i => (long)(i % 7))], 20)).Backward();
        foreach ((string name, Tensor parameter) in branch.NamedParameters())
        {
            using Tensor? gradient = parameter.Grad;
            Assert.True(gradient is not null && gradient.Norm().Item() is > 0 and < 1e3, name);
        }
    }

    [Fact]
    public void The_paper_grade_branch_has_these_tensors()
    {
        using IDisposable skipped = Initial.Skipped();
        using AudioTextBranch branch = new(new AudioTextConfig
        {
            TextWidth = 768,
            AudioWidth = 768,
            MetadataSizes = MetadataVocabulary.Empty.Sizes,
        });
        string[] expected =
        [
            "missing_text [768]", "missing_audio [768]",
            "metadata.categories.0.weight [1, 32]", "metadata.categories.1.weight [9, 32]", "metadata.categories.2.weight [7, 32]",
            "metadata.categories.3.weight [3, 32]", "metadata.categories.4.weight [8, 32]",
            "metadata.projection.weight [256, 160]", "metadata.projection.bias [256]",
            "lstm.weight_ih_l0 [2048, 1792]", "lstm.weight_hh_l0 [2048, 512]", "lstm.bias_ih_l0 [2048]", "lstm.bias_hh_l0 [2048]",
            "head.hidden.weight [512, 512]", "head.hidden.bias [512]", "head.output.weight [7, 512]", "head.output.bias [7]",
            "audio_mean [768]", "audio_deviation [768]", "audio_trust [1]",
        ];
        Assert.Equal(expected, branch.State().Select(entry => $"{entry.Name} [{string.Join(", ", entry.Tensor.Shape)}]"));
    }

    // Random everywhere: with direct logits the last layer would start at 0 and hide what lies before it.
    private static AudioTextBranch Make(bool direct)
    {
        AudioTextBranch branch = new(_plain with { DirectLogits = direct });
        using GradMode noGrad = GradMode.NoGrad();
        foreach ((_, Tensor parameter) in branch.NamedParameters())
            parameter.Normal(0, 0.4);
        return branch;
    }

    // The logits and all gradients, as numbers in a row.
    private static float[] Gradients(AudioTextBranch branch, AudioTextInput input)
    {
        Tensor logits = branch.Forward(input, branch.Start(2)).Logits;
        (logits * logits).Sum().Backward();
        List<float> all = [.. logits.ToArray<float>()];
        foreach ((_, Tensor parameter) in branch.NamedParameters())
        {
            using Tensor? gradient = parameter.Grad;
            all.AddRange(gradient?.ToArray<float>() ?? []);
            parameter.ClearGrad();
        }

        Assert.All(all, value => Assert.True(float.IsFinite(value)));
        return [.. all];
    }

    private static AudioTextInput Random(long dialogues, long utterances) => new(
        Tensor.Randn(dialogues, utterances, TextWidth), Tensor.Full(1, dialogues, utterances, 1),
        Tensor.Randn(dialogues, utterances, AudioWidth), Tensor.Full(1, dialogues, utterances, 1),
        Tensor.From<long>(
            [.. Enumerable.Range(0, (int)(dialogues * utterances)).SelectMany(i => new long[] { i % 3, i % 4 })],
            dialogues, utterances, 2));

    private static AudioTextInput Map(AudioTextInput input, Func<Tensor, Tensor> map) =>
        new(map(input.Text), map(input.HasText), map(input.Audio), map(input.HasAudio), map(input.Metadata));

    private static AudioTextInput Part(AudioTextInput input, long from, long count) => Map(input, x => x.Narrow(1, from, count));

    private static AudioTextInput Dialogue(AudioTextInput input, long row) => Map(input, x => x.Narrow(0, row, 1));

    private static AudioTextInput Join(AudioTextInput left, AudioTextInput right) => new(
        Tensor.Concat([left.Text, right.Text], 1), Tensor.Concat([left.HasText, right.HasText], 1),
        Tensor.Concat([left.Audio, right.Audio], 1), Tensor.Concat([left.HasAudio, right.HasAudio], 1),
        Tensor.Concat([left.Metadata, right.Metadata], 1));
}
