using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class SpeakerDisjointSplitTests
{
    [Fact]
    public void No_speaker_is_in_two_splits_and_no_dialogue_is_divided()
    {
        Corpus split = SpeakerDisjointSplit.Apply(Talkers(60), new SpeakerSplitOptions());

        Assert.Equal(60, split.Dialogues.Count);
        Assert.All(
            split.Utterances.GroupBy(utterance => utterance.Speaker).Where(group => group.Key is not null),
            group => Assert.Single(group.Select(utterance => utterance.Split).Distinct()));
        Assert.All(split.Dialogues, dialogue => Assert.All(dialogue.Utterances, u => Assert.Equal(dialogue.Split, u.Split)));
    }

    [Fact]
    public void Ravdess_is_split_by_actor_near_the_shares_with_every_emotion_in_proportion()
    {
        Corpus corpus = RavdessCorpus.Read(TestPaths.Shared("data/ravdess"));

        Corpus split = SpeakerDisjointSplit.Apply(corpus, new SpeakerSplitOptions { Seed = 3 });

        Assert.Equal([14, 3, 3], Enum.GetValues<Split>().Select(part => Speakers(split, part).Count));
        Assert.Empty(Speakers(split, Split.Train).Intersect(Speakers(split, Split.Test)));
        Assert.All(Enum.GetValues<Split>(), part => Assert.Equal(
            0.2, split.In(part).Average(dialogue => (Emotion?)dialogue.Utterances[0].Label == Emotion.Neutral ? 1 : 0), precision: 9));
    }

    [Fact]
    public void The_same_seed_gives_the_same_split_and_another_one_another()
    {
        Corpus corpus = Talkers(60);

        Corpus first = SpeakerDisjointSplit.Apply(corpus, new SpeakerSplitOptions { Seed = 1 });
        Corpus again = SpeakerDisjointSplit.Apply(corpus, new SpeakerSplitOptions { Seed = 1 });
        Corpus other = SpeakerDisjointSplit.Apply(corpus, new SpeakerSplitOptions { Seed = 2 });

        Assert.Equal(first.Utterances, again.Utterances);
        Assert.NotEqual(first.Utterances, other.Utterances);
    }

    [Fact]
    public void Rare_emotions_are_spread_over_the_splits()
    {
        // Every tenth speaker is afraid; the others are neutral.
        Corpus corpus = NewCorpus(Enumerable.Range(0, 100).Select(i =>
            (Speakers: new[] { $"s{i}" }, Emotion: i % 10 == 0 ? Emotion.Fear : Emotion.Neutral)));

        Corpus split = SpeakerDisjointSplit.Apply(corpus, new SpeakerSplitOptions { Shares = [60, 20, 20] });

        Assert.Equal(
            [6, 2, 2],
            Enum.GetValues<Split>().Select(part => split.In(part).Count(dialogue => (Emotion?)dialogue.Utterances[0].Label == Emotion.Fear)));
    }

    [Fact]
    public void Speakers_who_all_talk_to_each_other_cannot_be_split_which_is_an_error()
    {
        Corpus friends = NewCorpus(Enumerable.Range(0, 20).Select(i => (new[] { "Ann", $"s{i}" }, Emotion.Joy)));

        CorpusException error = Assert.Throws<CorpusException>(() => SpeakerDisjointSplit.Apply(friends, new SpeakerSplitOptions()));

        Assert.Contains("1 groups", error.Found);
        Assert.Equal("speaker", error.Field);
    }

    [Fact]
    public void A_split_with_a_share_is_never_empty_while_there_are_groups_enough()
    {
        Corpus three = NewCorpus([(["a"], Emotion.Joy), (["b"], Emotion.Fear), (["c"], Emotion.Joy)]);

        Corpus split = SpeakerDisjointSplit.Apply(three, new SpeakerSplitOptions { Shares = [98, 1, 1] });

        Assert.Equal(3, split.Dialogues.Select(dialogue => dialogue.Split).Distinct().Count());
    }

    [Theory]
    [InlineData(70d, 15d)]
    [InlineData(0d, 0d, 0d)]
    [InlineData(-1d, 1d, 1d)]
    [InlineData(double.NaN, 1d, 1d)]
    public void Shares_that_are_none_are_an_error(params double[] shares) => Assert.Equal(
        "shares",
        Assert.Throws<CorpusException>(() => SpeakerDisjointSplit.Apply(Talkers(9), new SpeakerSplitOptions { Shares = shares })).Field);

    private static HashSet<string> Speakers(Corpus corpus, Split split) =>
        [.. corpus.In(split).SelectMany(dialogue => dialogue.Utterances).Select(utterance => utterance.Speaker!)];

    // Pairs of speakers, each pair in three dialogues, and every tenth dialogue of nobody that is known.
    private static Corpus Talkers(int dialogues) => NewCorpus(Enumerable.Range(0, dialogues).Select(i =>
        (i % 10 == 9 ? [] : new[] { $"a{i / 3}", $"b{i / 3}" }, (Emotion)(i % 7))));

    private static Corpus NewCorpus(IEnumerable<(string[] Speakers, Emotion Emotion)> dialogues) => new(
        "some",
        [
            .. dialogues.Select((dialogue, i) => new Dialogue($"d{i}", Split.Train,
            [
                .. (dialogue.Speakers.Length == 0 ? (string?[])[null] : dialogue.Speakers).Select((speaker, u) => new Utterance
                {
                    Id = $"d{i}u{u}",
                    Dialogue = $"d{i}",
                    Index = u,
                    Speaker = speaker,
                    Label = (int)dialogue.Emotion,
                    Split = Split.Train,
                }),
            ])),
        ],
        []);
}
