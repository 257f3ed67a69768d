using Affekt.Corpora;
using Affekt.Models;
using Affekt.Tests;

namespace Affekt.Training.Tests;

public sealed class MetadataTests
{
    [Fact]
    public void Each_category_follows_its_definition()
    {
        MetadataVocabulary vocabulary = new(["Ann", "Bob"]);
        MetadataTracker tracker = new(vocabulary);

        MetadataFeatures[] features =
        [
            tracker.Next("Bob", 499), tracker.Next("Bob", 500), tracker.Next("Ann", 1_000), tracker.Next(null, null),
            tracker.Next("Ann", 0), tracker.Next("Cy", 16_000),
        ];

        Assert.Equal(
            [
                new(2, 1, 1, 0, 1), new(2, 2, 1, 1, 2), new(1, 3, 2, 2, 3), new(0, 4, 2, 0, 0),
                new(1, 4, 2, 0, 0), new(0, 5, 3, 2, 7),
            ],
            features);
    }

    [Fact]
    public void Every_index_stays_below_its_size_in_a_dialogue_of_any_length()
    {
        MetadataTracker tracker = new(MetadataVocabulary.Empty);
        long[] largest = new long[5];
        long[] indexes = new long[5];

        for (int i = 0; i < 100; i++)
        {
            tracker.Next(i % 2 == 0 ? "Ann" : $"speaker {i}", int.MaxValue).CopyTo(indexes);
            largest = [.. largest.Zip(indexes, Math.Max)];
        }

        Assert.Equal([0, 8, 6, 2, 7], largest);
        Assert.Equal([1, 9, 7, 3, 8], MetadataVocabulary.Empty.Sizes);
        Assert.Equal(MetadataVocabulary.Empty.Sizes.Count, MetadataFeatures.Names.Count);
    }

    [Fact]
    public void What_is_said_later_changes_nothing()
    {
        Corpus corpus = MeldCorpus.Read(TestPaths.Shared("data/meld"));
        MetadataVocabulary vocabulary = CorpusMetadata.Learn(corpus.Dialogues);

        Assert.All(corpus.In(Split.Test), dialogue =>
        {
            Dialogue half = dialogue with { Utterances = [.. dialogue.Utterances.Take((dialogue.Utterances.Count + 1) / 2)] };
            Assert.Equal(
                CorpusMetadata.Follow(vocabulary, dialogue).Take(half.Utterances.Count),
                CorpusMetadata.Follow(vocabulary, half));
        });
    }

    [Fact]
    public void Labels_change_nothing()
    {
        Corpus corpus = MeldCorpus.Read(TestPaths.Shared("data/meld"));
        IReadOnlyList<Dialogue> unlabeled =
            [.. corpus.Dialogues.Select(d => d with { Utterances = [.. d.Utterances.Select(u => u with { Label = null })] })];

        MetadataVocabulary vocabulary = CorpusMetadata.Learn(corpus.Dialogues);
        MetadataVocabulary blind = CorpusMetadata.Learn(unlabeled);

        Assert.Equal(vocabulary.Speakers, blind.Speakers);
        Assert.Equal(
            corpus.Dialogues.SelectMany(dialogue => CorpusMetadata.Follow(vocabulary, dialogue)),
            unlabeled.SelectMany(dialogue => CorpusMetadata.Follow(blind, dialogue)));
    }

    [Fact]
    public void Speakers_are_learned_from_train_alone_and_the_frequent_come_first()
    {
        MetadataVocabulary vocabulary = CorpusMetadata.Learn(
            [
                NewDialogue(Split.Train, "Ann", "Bob", "Bob", "Cy", null, null),
                NewDialogue(Split.Dev, "Cy", "Cy"),
                NewDialogue(Split.Train, "Ann", "Bob"),
                NewDialogue(Split.Test, "Di", "Di"),
            ],
            minimumUtterances: 2);

        Assert.Equal(["Bob", "Ann"], vocabulary.Speakers);
        Assert.Equal((2, 0, 0), (vocabulary.IndexOf("Ann"), vocabulary.IndexOf("Cy"), vocabulary.IndexOf(null)));
    }

    [Fact]
    public void The_speakers_of_meld_with_ten_training_utterances_are_61_and_the_six_friends_lead()
    {
        MetadataVocabulary vocabulary = CorpusMetadata.Learn(MeldCorpus.Read(TestPaths.Shared("data/meld")).Dialogues);

        Assert.Equal(61, vocabulary.Speakers.Count);
        Assert.Equal(["Joey", "Ross", "Rachel", "Phoebe", "Monica", "Chandler"], vocabulary.Speakers.Take(6));
    }

    private static Dialogue NewDialogue(Split split, params string?[] speakers) => new(
        "d",
        split,
        [.. speakers.Select((speaker, i) => new Utterance { Id = $"u{i}", Dialogue = "d", Index = i, Speaker = speaker, Split = split })]);
}
