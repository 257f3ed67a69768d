using Affekt.Models.Fusion;
using Affekt.Tests;
using Affekt.Training.Fusion;
using Affekt.Training.Recipes;

namespace Affekt.Training.Tests.Fusion;

/// <summary>The numbers of a fusion of experts, and what they are fitted on.</summary>
public sealed class ExpertTrainerTests : IDisposable
{
    private static readonly ExpertsConfig _start = new(new ExpertConfig(1), new ExpertConfig(1), new ExpertConfig(1));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Experts_that_are_right_as_often_as_they_say_and_know_nothing_of_each_other_count_as_they_are()
    {
        ExpertsConfig found = ExpertTrainer.Train(Pairs((_, _) => true), _start, TestContext.Current.CancellationToken);
        Assert.All(All(found), expert =>
        {
            Assert.InRange(expert.Weight, 0.8, 1.2);
            Assert.InRange(expert.Trust, 0.8, 1.2);
            Assert.InRange(expert.Unshown, 0, 0.15);
        });
    }

    [Fact]
    public void An_expert_that_often_sees_neutral_where_something_is_meant_is_told_to()
    {
        // Half of all emotions are not shown in the picture.
        ExpertsConfig found = ExpertTrainer.Train(
            Pairs((random, expert) => expert != 2 || random.Next(2) == 0), _start, TestContext.Current.CancellationToken);
        Assert.InRange(found.Video.Unshown, 0.15, 0.7);
        Assert.InRange(found.Audio.Unshown, 0, 0.15);
        Assert.InRange(found.Video.Trust, 0.7, 1.4);
    }

    [Fact]
    public void What_an_expert_usually_says_is_kept_where_it_learned_a_prior()
    {
        AnsweredPair[] pairs = Pairs((random, expert) => expert != 2 || random.Next(2) == 0);
        ExpertsConfig found = ExpertTrainer.Train(
            pairs, _start with { Video = new ExpertConfig(1) { Prior = EmotionPrior.Meld.Values } }, TestContext.Current.CancellationToken);
        Assert.Null(found.Audio.Usual);
        Assert.Equal(pairs.Average(pair => pair.Video[0]), found.Video.Usual![0], 0.01);
        Assert.Equal(1, found.Video.Usual.Sum(), 9);
    }

    [Fact]
    public void Experts_that_say_the_same_count_less_together_than_apart()
    {
        AnsweredPair[] twice = [.. Pairs((_, _) => true).Select(pair => pair with { Video = pair.Audio! })];
        ExpertsConfig found = ExpertTrainer.Train(twice, _start, TestContext.Current.CancellationToken);
        Assert.InRange(found.Audio.Weight + found.Video.Weight, 0.9, 1.5);
        Assert.InRange(found.Audio.Trust, 0.8, 1.2);
    }

    [Fact]
    public void What_is_shown_follows_the_votes_of_the_clip_and_surprise_those_of_another_emotion()
    {
        HumanVotes votes = HumanVotes.Read(_folder.Write("votes.csv", $"""
            clip,shown,A,D,F,H,N,S
            1001_IEO_ANG_XX,voice,3,0,0,0,1,0
            1001_IEO_ANG_XX,face,1,0,0,0,0,0
            1001_IEO_ANG_XX,both,0,0,0,0,9,0
            {Lines("DIS", "0,1,0,0,0,0")}
            {Lines("FEA", "0,0,1,0,0,0")}
            {Lines("HAP", "0,0,0,1,0,0")}
            {Lines("NEU", "0,0,0,0,1,0")}
            {Lines("SAD", "0,0,0,0,0,1")}

            """.ReplaceLineEndings("\n").TrimEnd()));
        Random random = new(1);
        (Emotion Voice, Emotion Face)[] angry = [.. Enumerable.Range(0, 4000).Select(_ => votes.Draw(Emotion.Anger, random))];
        Assert.All(angry, shown => Assert.Equal(Emotion.Anger, shown.Face));
        Assert.InRange(angry.Count(shown => shown.Voice == Emotion.Anger) / 4000.0, 0.72, 0.78);
        Assert.DoesNotContain(angry, shown => shown.Voice is not (Emotion.Anger or Emotion.Neutral));
        Assert.Equal((Emotion.Joy, Emotion.Joy), votes.Draw(Emotion.Joy, random));

        // One in five is shown as anger is, of which a quarter sounds neutral.
        (Emotion Voice, Emotion Face)[] surprised = [.. Enumerable.Range(0, 4000).Select(_ => votes.Draw(Emotion.Surprise, random))];
        Assert.All(surprised, shown => Assert.Equal(Emotion.Surprise, shown.Face));
        Assert.InRange(surprised.Count(shown => shown.Voice == Emotion.Neutral) / 4000.0, 0.03, 0.07);
        Assert.All(votes.Faces().Index(), row => Assert.Equal(1, row.Item[row.Index], 12));

        static string Lines(string meant, string votes) => $"1001_IEO_{meant}_XX,voice,{votes}\n1001_IEO_{meant}_XX,face,{votes}";
    }

    [Fact]
    public void Faces_show_an_emotion_as_often_as_votes_say_clip_by_clip()
    {
        HumanVotes votes = HumanVotes.Read(_folder.Write("votes.csv", string.Join('\n', (string[])
        [
            "clip,shown,A,D,F,H,N,S", .. Clip("1001_IEO_ANG_XX", "3,1,0,0,0,0"), .. Clip("1002_IEO_ANG_XX", "1,0,0,0,1,0"), .. Clip("1001_IEO_DIS_XX", "0,1,0,0,0,0"),
            .. Clip("1001_IEO_FEA_XX", "0,0,1,0,0,0"), .. Clip("1001_IEO_HAP_XX", "0,0,0,1,0,0"), .. Clip("1001_IEO_NEU_XX", "0,0,0,0,1,0"),
            .. Clip("1001_IEO_SAD_XX", "0,0,0,0,1,1"),
        ])));
        IReadOnlyList<IReadOnlyList<double>> shown = votes.Faces();
        Close([0.25, 0, 0, 0.625, 0, 0.125, 0], shown[(int)Emotion.Anger]);
        Close([0.5, 0, 0.5, 0, 0, 0, 0], shown[(int)Emotion.Sadness]);

        // Surprise is shown as the five others are: a fifth as anger, a fifth as sadness, the rest always.
        Close([0.15, 0, 0, 0, 0, 0.025, 0.825], shown[(int)Emotion.Surprise]);

        // Nothing is to be found where it is known.
        ExpertsConfig found = ExpertTrainer.Train(
            Pairs((_, _) => true), _start with { Video = new ExpertConfig(1) { Shown = shown } }, TestContext.Current.CancellationToken);
        Assert.Equal((0, shown), (found.Video.Unshown, found.Video.Shown));

        static string[] Clip(string name, string votes) => [$"{name},voice,{votes}", $"{name},face,{votes}"];
        static void Close(double[] expected, IReadOnlyList<double> actual) => Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void How_surprise_looks_is_told_by_those_who_could_choose_it()
    {
        // Of those who see fear a quarter would say surprise; where surprise is not seen, three of four see fear and one sees joy.
        double[][] confusion = [.. Enumerable.Range(0, 7).Select(most => Enumerable.Range(0, 7).Select(seen => seen == most ? 1.0 : 0).ToArray())];
        (confusion[4][4], confusion[4][6], confusion[6][6], confusion[6][4], confusion[6][1]) = (0.6, 0.2, 0.6, 0.3, 0.1);
        string[] emotions = ["ANG", "DIS", "FEA", "HAP", "NEU", "SAD"];
        HumanVotes votes = HumanVotes.Read(
            _folder.Write("votes.csv", string.Join('\n', emotions.SelectMany((meant, i) => (string[])
            [
                $"1001_IEO_{meant}_XX,voice,1,0,0,0,0,0",
                $"1001_IEO_{meant}_XX,face,{string.Join(',', Enumerable.Range(0, 6).Select(seen => (seen == i ? 1 : 0) + (seen == 2 ? 1 : 0)))}",
            ]).Prepend("clip,shown,A,D,F,H,N,S"))),
            confusion);
        IReadOnlyList<IReadOnlyList<double>> shown = votes.Faces();

        // Half of the angry look afraid to those who cannot say surprised.
        Assert.Equal([0, 0, 0, 0.5, 0.375, 0, 0.125], shown[(int)Emotion.Anger].Select(share => Math.Round(share, 12)));
        Assert.Equal([0, 0.1, 0, 0, 0.3, 0, 0.6], shown[(int)Emotion.Surprise].Select(share => Math.Round(share, 12)));
        Random random = new(1);
        foreach (Emotion meant in (Emotion[])[Emotion.Anger, Emotion.Surprise])
        {
            double[] drawn = new double[7];
            for (int i = 0; i < 4000; i++)
                drawn[(int)votes.Draw(meant, random).Face] += 1 / 4000.0;
            Assert.All(shown[(int)meant].Zip(drawn), share => Assert.Equal(share.First, share.Second, 0.03));
        }
    }

    [Theory]
    [InlineData("clip,shown\n", "line 1")]
    [InlineData("clip,shown,A,D,F,H,N,S\n1001_IEO_ANG_XX,voice,1,2\n", "line 2")]
    [InlineData("clip,shown,A,D,F,H,N,S\n1001_IEO_ANG_XX,voice,1,2,x,0,0,0\n", "line 2")]
    [InlineData("clip,shown,A,D,F,H,N,S\n", "clips of 0 emotions")]
    public void Votes_that_are_not_as_stated_are_refused_by_their_line(string text, string place) => Assert.Contains(
        place, Assert.Throws<RecipeException>(() => HumanVotes.Read(_folder.Write("votes.csv", text))).Message, StringComparison.Ordinal);

    private static ExpertConfig[] All(ExpertsConfig config) => [config.Text, config.Audio, config.Video];

    // Each expert sees one of seven signs, which shows the emotion in 55 of 100 cases and else any other; it knows that.
    private static AnsweredPair[] Pairs(Func<Random, int, bool> shows)
    {
        const double Right = 0.55;
        Random random = new(7);
        return
        [
            .. Enumerable.Range(0, 1001).Select(i =>
            {
                int truth = i % 7;
                double[][] said = [.. Enumerable.Range(0, 3).Select(expert => Say(shows(random, expert) ? truth : 0))];
                return new AnsweredPair("made up", false, $"{i}", $"{i}", truth, said[0], said[2]) { Text = said[0], Audio = said[1] };
            }),
        ];

        double[] Say(int shown)
        {
            int sign = random.NextDouble() < Right ? shown : (shown + random.Next(1, 7)) % 7;
            return [.. Enumerable.Range(0, 7).Select(emotion => emotion == sign ? Right : (1 - Right) / 6)];
        }
    }
}
