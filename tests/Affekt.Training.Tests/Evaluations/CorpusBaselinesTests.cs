using Affekt.Corpora;
using Affekt.Models.Branches;
using Affekt.Training.Evaluations;

namespace Affekt.Tests.Evaluations;

/// <summary>What an evaluation knows of a speaker's voice.</summary>
public sealed class CorpusBaselinesTests
{
    private static readonly Utterance[] s_utterances =
    [
        .. Enumerable.Range(0, 6).Select(i => new Utterance
        {
            Id = $"u{i}", Dialogue = $"u{i}", Index = 0, Split = Split.Test, Speaker = i == 5 ? null : i < 3 ? "Ann" : "Bob",
        }),
    ];

    [Fact]
    public void All_are_the_others_of_the_same_speaker()
    {
        Dictionary<string, VoiceBaseline> baselines = Of(s_utterances, Features, BaselineUse.All);

        Assert.Equal((2, 1.5f), Known(baselines["u0"]));
        Assert.Equal((2, 0.5f), Known(baselines["u2"]));
        Assert.Equal((1, 4f), Known(baselines["u3"]));
        Assert.False(baselines.ContainsKey("u5"));
    }

    [Fact]
    public void Earlier_ones_add_up_in_an_order_that_is_the_same_however_the_corpus_is_sorted()
    {
        Dictionary<string, VoiceBaseline> baselines = Of(s_utterances, Features, BaselineUse.Earlier);
        Dictionary<string, VoiceBaseline> reversed = Of(s_utterances.Reverse(), Features, BaselineUse.Earlier);

        Assert.Equal([0, 1, 2], s_utterances[..3].Select(utterance => baselines[utterance.Id].Utterances).Order());
        Assert.All(baselines, baseline => Assert.Equal(Known(baseline.Value), Known(reversed[baseline.Key])));
    }

    [Fact]
    public void None_is_nothing_even_where_a_dialogue_tells_more() =>
        Assert.All(Of(s_utterances, Features, BaselineUse.None).Values, baseline => Assert.Equal(0, baseline.Utterances));

    [Fact]
    public void An_utterance_whose_sound_cannot_be_used_is_nobodys_baseline()
    {
        Dictionary<string, VoiceBaseline> baselines = Of(
            s_utterances, utterance => utterance.Id == "u1" ? null : Features(utterance), BaselineUse.All);
        Assert.Equal((1, 2f), Known(baselines["u0"]));
    }

    private static Dictionary<string, VoiceBaseline> Of(IEnumerable<Utterance> utterances, Func<Utterance, float[]?> features, BaselineUse use) =>
        CorpusBaselines.Of(
            utterances, features, use, VoiceBaseline.None, (voice, sound) => voice.With(sound), (voice, sound) => voice.Without(sound));

    private static float[] Features(Utterance utterance) => [utterance.Id[1] - '0'];

    private static (int, float) Known(VoiceBaseline baseline)
    {
        float[] mean = [0];
        baseline.CopyMean(mean);
        return (baseline.Utterances, mean[0]);
    }
}
