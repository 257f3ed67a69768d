using System.Text.Json;
using Affekt.Models;
using Affekt.Models.Fusion;
using Affekt.Models.Video;

namespace Affekt.Tests.Fusion;

/// <summary>Joining what experts say, under a prior that can be chosen.</summary>
public sealed class ExpertFusionTests : IDisposable
{
    private static readonly IReadOnlyList<double> _meld = EmotionPrior.Meld.Values;
    private static readonly double[] _words = [0.5, 0.2, 0.1, 0.05, 0.05, 0.05, 0.05];
    private static readonly double[] _voice = [0.1, 0.5, 0.1, 0.1, 0.1, 0.05, 0.05];
    private static readonly double[] _face = [0.2, 0.1, 0.3, 0.1, 0.1, 0.1, 0.1];

    private static readonly ExpertsConfig _config = new(
        new ExpertConfig(0.7) { Prior = _meld, Trust = 0.8, Unshown = 0.6 }, new ExpertConfig(0.9), new ExpertConfig(1.1));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_answer_follows_from_what_each_expert_says_its_weight_and_the_prior()
    {
        EmotionPrior prior = EmotionPrior.Of("made up", [3, 1, 1, 1, 2, 1, 1]);
        ExpertAnswer answer = new ExpertFusion(_config, prior).Fuse(_words, _voice, _face);
        ExpertShare[] shares = [answer.Text!, answer.Audio!, answer.Video!];
        Assert.Equal([0.7, 0.9, 1.1], shares.Select(share => share.Weight));
        AssertClose(Joined(prior.Values, shares), answer.Probabilities);
        AssertClose(Joined(prior.Values, shares[..2]), answer.AudioText!);
        Assert.All(shares, share => Assert.Equal(1, share.Probabilities.Sum(), 12));
    }

    [Fact]
    public void An_expert_that_is_alone_counts_as_it_is()
    {
        ExpertAnswer answer = new ExpertFusion(_config).Fuse(null, null, _face);
        Assert.Equal(1, answer.Video!.Weight);
        AssertClose(_face, answer.Probabilities);
        Assert.Null(answer.AudioText);
        Assert.Throws<ArgumentException>(() => new ExpertFusion(_config).Fuse(null, null, null));
    }

    [Fact]
    public void Under_the_prior_that_it_learned_an_expert_is_believed_as_it_is()
    {
        ExpertAnswer answer = new ExpertFusion(_config, EmotionPrior.Meld).Fuse(_words, null, null);
        AssertClose(_words, answer.Probabilities);
    }

    [Fact]
    public void Under_another_prior_its_own_is_taken_out_and_what_looks_neutral_says_little()
    {
        double[] told = new ExpertFusion(_config).Fuse(_words, null, null).Probabilities;
        double[] evidence = [.. _words.Zip(_meld, (p, q) => Math.Pow((0.4 * p / q) + (0.6 * _words[0] / _meld[0]), 0.8))];
        AssertClose([.. evidence.Select(value => value / evidence.Sum())], told);

        // "It's eleven o'clock": 16 : 1 against joy taken at its word, less than 2 : 1 as evidence.
        double[] plain = [0.94, 0.02, 0.01, 0.01, 0.01, 0.005, 0.005];
        double[] weak = new ExpertFusion(_config).Fuse(plain, null, null).Probabilities;
        Assert.Equal(0, Array.IndexOf(weak, weak.Max()));
        Assert.True(weak[0] < 2 * weak[1]);
        Assert.True(plain[0] / _meld[0] > 15 * plain[1] / _meld[1]);

        // Halfway to the prior that it learned, half of that.
        double[] half = [.. _meld.Select(p => (p + (1.0 / 7)) / 2)];
        double[] between = new ExpertFusion(_config, EmotionPrior.Of("half", half)).Fuse(_words, null, null).Probabilities;
        double[] expected = [.. _words.Zip(_meld, (p, q) => Math.Pow((0.7 * p / q) + (0.3 * _words[0] / _meld[0]), 0.9)).Zip(half, (l, p) => l * p)];
        AssertClose([.. expected.Select(value => value / expected.Sum())], between);
    }

    [Fact]
    public void A_prior_may_be_of_weights_whose_sum_is_beyond_every_number_but_not_of_one_that_vanishes_beside_another()
    {
        Assert.Equal(EmotionPrior.Of("large", [3, 1, 1, 1, 2, 1, 1]).Values, EmotionPrior.Of("larger", [1.5e308, .5e308, .5e308, .5e308, 1e308, .5e308, .5e308]).Values, Close);
        Assert.Throws<ArgumentException>(() => EmotionPrior.Of("none", [1e308, 1e-300, 1, 1, 1, 1, 1]));
        static bool Close(double one, double other) => Math.Abs(one - other) < 1e-15;
    }

    [Fact]
    public void What_an_expert_usually_says_to_strangers_is_taken_out_of_what_it_says_to_them()
    {
        double[] usual = [0.3, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1];
        ExpertsConfig config = _config with
        {
            Audio = new ExpertConfig(1) { Usual = usual },
            Text = new ExpertConfig(1) { Prior = _meld, Usual = usual },
        };
        double[] evidence = [.. _voice.Zip(usual, (p, q) => p / q)];
        AssertClose([.. evidence.Select(value => value / evidence.Sum())], new ExpertFusion(config).Fuse(null, _voice, null).Probabilities);
        AssertClose(new ExpertFusion(config).Fuse(null, _words, null).Probabilities, new ExpertFusion(config).Fuse(_words, null, null).Probabilities);
        AssertClose(_words, new ExpertFusion(config, EmotionPrior.Meld).Fuse(_words, null, null).Probabilities);
    }

    [Fact]
    public void What_people_show_of_an_emotion_tells_what_a_face_says_of_it()
    {
        // Half of the sad look neutral, a fifth of the angry disgusted; the others look as they feel.
        double[][] shown = [.. Enumerable.Range(0, 7).Select(meant => Enumerable.Range(0, 7).Select(seen => seen == meant ? 1.0 : 0).ToArray())];
        (shown[2][0], shown[2][2], shown[3][3], shown[3][5]) = (0.5, 0.5, 0.8, 0.2);
        ExpertsConfig config = _config with { Video = new ExpertConfig(1) { Shown = shown }, Text = new ExpertConfig(1) { Prior = _meld, Shown = shown } };
        double[] meant = [.. _face];
        (meant[2], meant[3]) = ((0.5 * _face[0]) + (0.5 * _face[2]), (0.8 * _face[3]) + (0.2 * _face[5]));
        AssertClose([.. meant.Select(value => value / meant.Sum())], new ExpertFusion(config).Fuse(null, null, _face).Probabilities);

        // People it learned from are believed as they look.
        AssertClose(_words, new ExpertFusion(config, EmotionPrior.Meld).Fuse(_words, null, null).Probabilities);
    }

    [Fact]
    public void A_photograph_is_halfway_to_the_pictures_that_the_expert_learned_from()
    {
        double[] usual = [0.3, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1];
        double[][] shown = [.. Enumerable.Range(0, 7).Select(_ => Enumerable.Repeat(1.0 / 7, 7).ToArray())];
        ExpertConfig expert = new(0.8) { Prior = _meld, Usual = usual, Trust = 0.7, Shown = shown };
        ExpertFusion fusion = new(_config with { Video = expert });
        double[] likelihood = [.. _face.Select((p, i) => p / Math.Sqrt(_meld[i] * usual[i]))];
        double[] evidence = [.. likelihood.Select(l => Math.Pow((l + likelihood.Average()) / 2, 0.85))];
        AssertClose([.. evidence.Select(value => value / evidence.Sum())], fusion.Fuse(null, null, _face, still: true).Probabilities);
        AssertClose(Joined(EmotionPrior.Uniform.Values, [fusion.Fuse(_words, _voice, _face).Text!, fusion.Fuse(null, null, _face, still: true).Video! with { Weight = 0.8 }]),
            fusion.Fuse(_words, null, _face, still: true).Probabilities);

        // Somebody who speaks and shows nothing of what is meant tells nothing.
        AssertClose([.. Enumerable.Repeat(1.0 / 7, 7)], fusion.Fuse(null, null, _face).Probabilities);

        // An expert that nothing is known of is asked as ever.
        ExpertFusion plain = new(_config with { Video = expert with { Shown = null } });
        AssertClose(plain.Fuse(null, null, _face).Probabilities, plain.Fuse(null, null, _face, still: true).Probabilities);
    }

    [Fact]
    public void Frames_that_are_all_alike_are_a_photograph()
    {
        FrameFeatures photograph = new([1, 2, 1, 2.00001f, 1, 2], [true, true, true], null, []);
        Assert.True(photograph.IsStill);
        Assert.False((photograph with { Values = [1, 2, 1, 2.01f, 1, 2] }).IsStill);
        Assert.False((photograph with { Values = [1, 2, 0, 0, 1, 2], Present = [true, false, true] }).IsStill);
        Assert.False((photograph with { Values = [1, 2], Present = [true] }).IsStill);
        Assert.False(FrameFeatures.Unusable(3, "no face").IsStill);
    }

    [Fact]
    public void An_expert_that_knows_nothing_changes_nothing()
    {
        double[] flat = [.. Enumerable.Repeat(1.0 / 7, 7)];
        ExpertFusion fusion = new(_config with { Video = new ExpertConfig(1) });
        AssertClose(fusion.Fuse(null, _voice, _face).Probabilities, fusion.Fuse([.. _meld], _voice, _face).Probabilities);
        double[] seen = fusion.Fuse(null, flat, _face).Probabilities;
        AssertClose(_face, seen);
    }

    // Log-linear by hand: prior times each answer over the prior that it holds, to its weight.
    [Fact]
    public void Experts_of_other_labels_are_joined_under_a_prior_of_theirs()
    {
        double[] learned = [0.5, 0.3, 0.2], wanted = [0.2, 0.2, 0.6], words = [0.6, 0.3, 0.1], face = [0.1, 0.2, 0.7];
        ExpertsConfig config = new(new ExpertConfig(0.8) { Prior = learned }, new ExpertConfig(1), new ExpertConfig(0.5)) { Prior = learned };
        EmotionPrior prior = EmotionPrior.Of("own", wanted, LabelSet.Sentiments);
        double[] told = [.. words.Select((p, i) => wanted[i] * p / learned[i])], seen = [.. face.Select((p, i) => wanted[i] * p)];
        double[] product = [.. wanted.Select((p, i) => p * Math.Pow(told[i] / told.Sum() / p, 0.8) * Math.Pow(seen[i] / seen.Sum() / p, 0.5))];
        AssertClose([.. product.Select(p => p / product.Sum())], new ExpertFusion(config, prior, LabelSet.Sentiments).Fuse(words, null, face).Probabilities);

        // Under the prior that it learned an expert says what it says.
        AssertClose(words, new ExpertFusion(config, null, LabelSet.Sentiments).Fuse(words, null, null).Probabilities);
        Assert.Throws<ArgumentException>(() => new ExpertFusion(config, EmotionPrior.Meld, LabelSet.Sentiments));
        config.Check("config.json", LabelSet.Sentiments);
        foreach (ExpertConfig seven in (ExpertConfig[])[new(1) { Unshown = 0.2 }, new(1) { Resting = learned }, new(1) { Prior = EmotionPrior.Meld.Values }])
            Assert.Throws<ModelException>(() => (config with { Video = seven }).Check("config.json", LabelSet.Sentiments));
    }

    [Fact]
    public void A_prior_goes_by_the_names_of_its_labels()
    {
        EmotionPrior prior = EmotionPriors.Find(Write("""{"negative":6,"neutral":3,"positive":1}"""));
        AssertClose([0.3, 0.1, 0.6], [.. prior.For(LabelSet.Sentiments).Values]);
        Assert.Equal(0.25, EmotionPrior.Uniform.For(LabelSet.Of(["a", "b", "c", "d"])).Values[3]);
        Assert.Equal("found negative, neutral, positive", Assert.Throws<ArgumentException>(() => prior.For(LabelSet.Emotions)).Message[..33]);
        AssertClose([.. prior.Values], [.. JsonSerializer.Deserialize<EmotionPrior>(JsonSerializer.Serialize(prior))!.Values]);
    }

    [Fact]
    public void A_prior_has_a_name_or_lies_in_a_file()
    {
        Assert.Equal(EmotionPrior.Uniform, EmotionPriors.Find("uniform"));
        Assert.Equal(4710.0 / 9989, EmotionPriors.Find("meld").Values[0], 12);
        Assert.Equal(EmotionPrior.Meld, EmotionPriors.Find("MELD"));
        EmotionPrior read = EmotionPriors.Find(Write("""{"surprise":4,"neutral":2,"joy":1,"sadness":1,"anger":1,"fear":0.5,"disgust":0.5}"""));
        AssertClose([0.2, 0.1, 0.1, 0.1, 0.05, 0.05, 0.4], [.. read.Values]);
    }

    [Theory]
    [InlineData("""{"neutral":1}""", "found neutral, expected uniform, meld")]
    [InlineData("""{"neutral":1,"joy":0,"sadness":1,"anger":1,"fear":1,"disgust":1,"surprise":1}""", "joy: found 0")]
    [InlineData("[1,2]", "uniform, meld, or a JSON file")]
    public void A_file_that_is_no_prior_is_refused_by_its_place(string text, string place)
    {
        string file = Write(text);
        string message = Assert.Throws<ModelException>(() => EmotionPriors.Find(file)).Message;
        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.Contains(place, message, StringComparison.Ordinal);
        Assert.Contains("uniform, meld", Assert.Throws<ModelException>(() => EmotionPriors.Find("no-such")).Message, StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        File.WriteAllText(_folder.At("prior.json"), text);
        return _folder.At("prior.json");
    }

    private static double[] Joined(IReadOnlyList<double> prior, IReadOnlyList<ExpertShare> shares)
    {
        double[] product = [.. prior.Select((p, i) => p * shares.Aggregate(1.0, (all, share) => all * Math.Pow(share.Probabilities[i] / p, share.Weight)))];
        return [.. product.Select(value => value / product.Sum())];
    }

    private static void AssertClose(double[] expected, double[] actual) =>
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-9);
}
