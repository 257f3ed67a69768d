using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Tests.Bundles;

/// <summary>Following a dialogue with a bundle.</summary>
[Collection(nameof(Alone))]
public sealed class DialogueMemoryTests : IDisposable
{
    private static readonly BundleCalibration _calibration = new(Text: 2, Audio: 0.5, AudioText: 3, AbstainBelow: 0.3);

    private readonly BundleFolder _folder = new(_calibration);
    private readonly Bundle _bundle;
    private readonly UtteranceFeatures[] _dialogue;

    public DialogueMemoryTests()
    {
        _bundle = _folder.Open();
        MetadataTracker tracker = new(_bundle.Metadata);
        Random random = new(1);
        _dialogue =
        [
            .. Enumerable.Range(0, 8).Select(i => new UtteranceFeatures(
                i % 4 == 2 || i == 5 ? null : Values(_bundle.Config.AudioText.Network.TextWidth),
                i % 4 == 3 || i == 5 ? null : Values(_bundle.Config.AudioText.Network.AudioWidth),
                tracker.Next(i % 2 == 0 ? "Joey" : "Ross", 1500 * i))),
        ];

        float[] Values(int width) => [.. Enumerable.Range(0, width).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Utterance_by_utterance_the_logits_are_those_of_the_whole_dialogue()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        int text = _bundle.Config.AudioText.Network.TextWidth, audio = _bundle.Config.AudioText.Network.AudioWidth;
        long[] metadata = new long[5 * _dialogue.Length];
        for (int i = 0; i < _dialogue.Length; i++)
            _dialogue[i].Metadata.CopyTo(metadata.AsSpan(5 * i));
        AudioTextInput whole = new(
            Tensor.From<float>([.. _dialogue.SelectMany(u => u.Text ?? new float[text])], 1, 8, text),
            Tensor.From<float>([.. _dialogue.Select(u => u.Text is null ? 0f : 1)], 1, 8, 1),
            Tensor.From<float>([.. _dialogue.SelectMany(u => u.Audio ?? new float[audio])], 1, 8, audio),
            Tensor.From<float>([.. _dialogue.Select(u => u.Audio is null ? 0f : 1)], 1, 8, 1),
            Tensor.From<long>(metadata, 1, 8, 5));
        using AudioTextBranch trained = _folder.Branch();
        float[] expected = trained.Forward(whole, trained.Start(1)).Logits.ToArray<float>();
        using DialogueMemory memory = new(_bundle);
        float[] found = [.. _dialogue.SelectMany(memory.NextLogits).Select(logit => (float)logit)];
        Stored.Close(expected, found, 1e-4);
    }

    [Fact]
    public void Probabilities_are_the_softmax_of_logits_over_the_temperature_of_what_is_there()
    {
        using DialogueMemory asked = new(_bundle);
        using DialogueMemory logits = new(_bundle);
        foreach (UtteranceFeatures utterance in _dialogue)
        {
            double[]? found = asked.Next(utterance)?.Probabilities;
            double[] scores = logits.NextLogits(utterance);
            if (utterance is { Text: null, Audio: null })
            {
                Assert.Null(found);
                continue;
            }

            double temperature = utterance.Text is null ? 0.5 : utterance.Audio is null ? 2 : 3;
            double sum = scores.Sum(score => Math.Exp(score / temperature));
            Assert.Equal(scores.Select(score => Math.Exp(score / temperature) / sum), found!, (a, b) => Math.Abs(a - b) < 1e-9);
            Assert.Equal(1, found!.Sum(), 9);
        }
    }

    [Fact]
    public void Asking_remembers_nothing()
    {
        using DialogueMemory asked = new(_bundle);
        using DialogueMemory told = new(_bundle);
        foreach (UtteranceFeatures utterance in _dialogue)
        {
            foreach (UtteranceFeatures other in _dialogue)
                asked.Ask(other);
            Assert.Equal(told.Next(utterance)?.Probabilities, asked.Next(utterance)?.Probabilities);
        }
    }

    [Fact]
    public void Asking_gives_what_would_come_next()
    {
        using DialogueMemory memory = new(_bundle);
        foreach (UtteranceFeatures utterance in _dialogue)
        {
            double[]? asked = memory.Ask(utterance)?.Probabilities;
            Assert.Equal(memory.Next(utterance)?.Probabilities, asked);
        }
    }

    [Fact]
    public void An_utterance_without_any_modality_has_no_answer_but_is_remembered()
    {
        UtteranceFeatures nothing = _dialogue[5];
        using DialogueMemory memory = new(_bundle);
        Assert.Null(memory.Ask(nothing));
        double[] fresh = memory.Ask(_dialogue[0])!.Probabilities;
        Assert.Null(memory.Next(nothing));
        Assert.NotEqual(fresh, memory.Ask(_dialogue[0])!.Probabilities);
    }

    [Fact]
    public void Features_of_a_wrong_width_are_refused_and_forget_nothing()
    {
        using DialogueMemory memory = new(_bundle);
        memory.Next(_dialogue[0]);
        double[] before = memory.Ask(_dialogue[1])!.Probabilities;
        Assert.Throws<ArgumentException>(() => memory.Next(_dialogue[1] with { Text = [1, 2, 3] }));
        Assert.Equal(before, memory.Ask(_dialogue[1])!.Probabilities);
    }

    [Fact]
    public void Five_hundred_utterances_hold_as_many_tensors_as_one()
    {
        long before = Alone.SettledTensors();
        using (DialogueMemory memory = new(_bundle))
        {
            memory.Next(_dialogue[0]);
            long afterOne = TorchRuntime.LiveTensors;
            for (int i = 1; i < 500; i++)
                memory.Next(_dialogue[i % _dialogue.Length]);
            Assert.Equal(afterOne, TorchRuntime.LiveTensors);
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }
}
