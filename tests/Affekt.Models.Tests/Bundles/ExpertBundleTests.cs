using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Video;
using Affekt.Torch;

namespace Affekt.Tests.Bundles;

/// <summary>What a bundle of experts says, whatever is missing.</summary>
[Collection(nameof(Alone))]
public sealed class ExpertBundleTests : IDisposable
{
    private static readonly ExpertsConfig _experts = new(
        new ExpertConfig(0.8) { Prior = EmotionPrior.Meld.Values, Trust = 0.7, Unshown = 0.5 }, new ExpertConfig(0.6),
        new ExpertConfig(0.9) { Shown = [.. Enumerable.Range(0, 7).Select(meant => Enumerable.Range(0, 7).Select(seen => seen == meant ? 1.0 : 0).ToArray())] });

    private static readonly FusionConfig _fusion = new() { Kind = FusionKind.Experts, Experts = _experts };
    private static readonly BundleCalibration _calibration = new(2, 0.5, 3, 0) { Video = 0.7 };

    private readonly BundleFolder _folder = new(_calibration, _fusion, sound: true);
    private readonly Bundle _bundle;
    private readonly UtteranceFeatures _whole;

    public ExpertBundleTests()
    {
        _bundle = _folder.Open();
        _whole = NewUtterance(_bundle, seed: 3);
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Each_expert_is_asked_with_its_own_modality_and_the_answers_are_joined()
    {
        using DialogueMemory memory = new(_bundle);
        UtteranceAnswer all = memory.Ask(_whole)!;
        double[] words = memory.Ask(_whole.Keep(text: true, audio: false, video: false))!.Probabilities;
        double[] sound = memory.Ask(_whole.Keep(text: false, audio: true, video: false))!.Probabilities;
        UtteranceAnswer seen = memory.Ask(_whole.Keep(text: false, audio: false, video: true))!;
        Assert.Equal(words, all.Experts!.Text!.Probabilities);
        Assert.Equal(sound, all.Experts.Audio!.Probabilities);

        // This video branch reads words too: with them it says something else.
        Assert.NotEqual(seen.Probabilities, all.Experts.Video!.Probabilities);
        Assert.Equal(all.Experts.Video.Probabilities, all.Video!.Probabilities);
        AssertClose(
            Joined((0.8, words), (0.6, sound), (0.9, all.Experts.Video.Probabilities)), all.Probabilities);
        AssertClose(Joined((0.8, words), (0.6, sound)), all.AudioText!.Probabilities);

        // The two branches add up as the three experts do.
        AssertClose(Joined((all.AudioText.Weight, all.AudioText.Probabilities), (all.Video.Weight, all.Video.Probabilities)), all.Probabilities);
        UtteranceAnswer without = memory.Ask(_whole.Keep(text: true, audio: false, video: true))!;
        AssertClose(
            Joined((without.AudioText!.Weight, without.AudioText.Probabilities), (without.Video!.Weight, without.Video.Probabilities)),
            without.Probabilities);
    }

    [Fact]
    public void The_words_expert_remembers_words_alone_and_the_sounds_the_voice()
    {
        using DialogueMemory both = new(_bundle), words = new(_bundle);
        UtteranceFeatures next = NewUtterance(_bundle, seed: 4);
        both.Next(_whole);
        words.Next(_whole.Keep(text: true, audio: false, video: false));
        Assert.Equal(words.Ask(next)!.Experts!.Text!.Probabilities, both.Ask(next)!.Experts!.Text!.Probabilities);

        Assert.Equal((0, 1), (words.Ask(next)!.BaselineUtterances, both.Ask(next)!.BaselineUtterances));
        Assert.NotEqual(words.Ask(next)!.Experts!.Audio!.Probabilities, both.Ask(next)!.Experts!.Audio!.Probabilities);
        Assert.Equal(0, both.Ask(next with { Speaker = "another" })!.BaselineUtterances);
        Assert.Null(both.Ask(next.Keep(text: true, audio: false, video: false))!.BaselineUtterances);

        using DialogueMemory enrolled = new(_bundle, null, SpeakerBaseline.None with { Voice = VoiceBaseline.None.With(_whole.Audio!) });
        Assert.Equal(both.Ask(next)!.Experts!.Audio!.Probabilities, enrolled.Ask(next)!.Experts!.Audio!.Probabilities);
    }

    [Fact]
    public void A_face_is_seen_against_how_it_looked_before_where_the_bundle_knows_faces_at_rest()
    {
        UtteranceFeatures seen = _whole.Keep(text: false, audio: false, video: true) with { Speaker = "Ann" };
        using DialogueMemory unknowing = new(_bundle);
        unknowing.Next(seen);
        Assert.Null(unknowing.Ask(seen)!.BaselineFaces);

        ExpertConfig picture = _experts.Video with { Resting = [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1] };
        using BundleFolder folder = new(
            _calibration, new FusionConfig { Kind = FusionKind.Experts, Experts = _experts with { Video = picture } }, sound: true);
        using Bundle bundle = folder.Open();
        using DialogueMemory memory = new(bundle);
        UtteranceFeatures next = NewUtterance(bundle, seed: 4).Keep(text: false, audio: false, video: true) with { Speaker = "Ann" };
        double[] before = memory.AskFace(next)!;
        memory.Next(seen);
        Assert.Equal((0, 1), (memory.Ask(next with { Speaker = "Bob" })!.BaselineFaces, memory.Ask(next)!.BaselineFaces));

        // Alone and under the prior that it learned, the expert's answer is the memory's, but for its trust.
        FaceBaseline usual = FaceBaseline.None.With(memory.AskFace(seen)!, picture);
        AssertClose(usual.Against(before, picture), memory.AskExperts(next).Video!);
        AssertClose(before, memory.AskExperts(next with { Speaker = "Bob" }).Video!);
        using DialogueMemory enrolled = new(bundle, null, SpeakerBaseline.None with { Face = usual });
        Assert.Equal(memory.Ask(next)!.Probabilities, enrolled.Ask(next)!.Probabilities);
    }

    [Fact]
    public void Without_a_sound_branch_the_audio_text_branch_hears()
    {
        using BundleFolder folder = new(_calibration, _fusion);
        using Bundle bundle = folder.Open();
        using DialogueMemory memory = new(bundle);
        UtteranceFeatures heard = NewUtterance(bundle, seed: 3).Keep(text: false, audio: true, video: false);
        double[] first = memory.Ask(heard)!.Probabilities;
        using TensorScope scope = new();
        double[] logits = memory.NextLogits(heard);
        double[] powers = [.. logits.Select(logit => Math.Exp(logit / 0.5))];
        AssertClose([.. powers.Select(power => power / powers.Sum())], first, 1e-4);

        // What was said before does not change how a voice sounds.
        Assert.Equal(first, memory.Ask(heard)!.Probabilities);
    }

    [Fact]
    public void A_prior_is_the_bundles_or_the_callers_and_refused_where_branches_are_fused()
    {
        using DialogueMemory own = new(_bundle), meld = new(_bundle, EmotionPrior.Meld);
        Assert.Equal(EmotionPrior.Uniform.Values, own.Prior!.Values);
        UtteranceFeatures words = _whole.Keep(text: true, audio: false, video: false);
        double[] logits = new DialogueMemory(_bundle).NextLogits(words);
        double[] powers = [.. logits.Select(logit => Math.Exp(logit / 2))];
        AssertClose([.. powers.Select(power => power / powers.Sum())], meld.Ask(words)!.Probabilities);

        using BundleFolder folder = new();
        using Bundle bundle = folder.Open();
        Assert.Contains("fusion.kind", Assert.Throws<ModelException>(() => new DialogueMemory(bundle, EmotionPrior.Meld)).Message, StringComparison.Ordinal);
        Assert.Null(new DialogueMemory(bundle).Prior);
    }

    [Theory]
    [InlineData("fusion.experts", "null", "fusion.experts")]
    [InlineData("fusion.experts.text.weight", "0", "fusion.experts.text.weight: found 0")]
    [InlineData("fusion.experts.text.trust", "-1", "fusion.experts.text.trust")]
    [InlineData("fusion.experts.text.unshown", "1", "fusion.experts.text.unshown")]
    [InlineData("fusion.experts.video.shown", "[[1,0,0,0,0,0,0]]", "fusion.experts.video.shown")]
    [InlineData("fusion.experts.text.prior", "[1,2]", "fusion.experts.text.prior")]
    [InlineData("fusion.experts.text.prior", "[0.5,0.5]", "fusion.experts.text.prior")]
    [InlineData("fusion.kind", "\"late\"", "fusion.kind: found late")]
    [InlineData("sound.network.audio_width", "5", "sound.network.audio_width")]
    [InlineData("sound.weights", "\"elsewhere.safetensors\"", "elsewhere.safetensors")]
    [InlineData("sound.network.hidden_width", "9", "hidden")]
    public void Experts_that_cannot_be_are_refused_by_their_place(string field, string value, string place) =>
        Assert.Contains(place, _folder.RefusedWith(field, value), StringComparison.Ordinal);

    [Fact]
    public void The_hash_covers_the_sound_branch() => Assert.Contains("sound.safetensors", _bundle.FileNames);

    private static UtteranceFeatures NewUtterance(Bundle bundle, int seed)
    {
        Random random = new(seed);
        VideoConfig sizes = bundle.Config.Video!.Network;
        return new UtteranceFeatures(
            Values(bundle.Config.AudioText.Network.TextWidth), Values(bundle.Config.AudioText.Network.AudioWidth),
            new MetadataTracker(bundle.Metadata).Next("Joey", 1500))
        {
            Tokens = Values(3 * sizes.TokenWidth),
            Frames = new FrameFeatures(Values(4 * sizes.FrameWidth), [true, false, true, true], null, []),
            Speaker = "Joey",
        };

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    // Under a uniform prior: the product of powers.
    private static double[] Joined(params (double Weight, double[] Probabilities)[] parts)
    {
        double[] product = [.. Enumerable.Range(0, 7).Select(i => parts.Aggregate(1.0, (all, part) => all * Math.Pow(part.Probabilities[i], part.Weight)))];
        return [.. product.Select(value => value / product.Sum())];
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-9) =>
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < tolerance);
}
