using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class NamedFileCorpusTests
{
    [Fact]
    public void Ravdess_of_twenty_actors_has_sixty_utterances_of_each_with_calm_as_neutral()
    {
        Corpus corpus = RavdessCorpus.Read(TestPaths.Shared("data/ravdess"));

        Assert.Equal(20, corpus.Utterances.CountBy(u => u.Speaker!).Count());
        Assert.All(corpus.Utterances.CountBy(u => u.Speaker!), speaker => Assert.Equal(60, speaker.Value));
        Assert.Equal([240, 160, 160, 160, 160, 160, 160], CountEmotions(corpus));
        Assert.Equal([840, 120, 240], Enum.GetValues<Split>().Select(split => corpus.In(split).Count()));
        Assert.Empty(corpus.Notes);
    }

    [Fact]
    public void Ravdess_without_calm_keeps_only_what_was_acted_as_neutral() => Assert.Equal(
        [80, 160, 160, 160, 160, 160, 160],
        CountEmotions(RavdessCorpus.Read(TestPaths.Shared("data/ravdess"), new RavdessOptions { CalmAs = CalmAs.LeftOut })));

    [Fact]
    public void Ravdess_can_be_read_for_some_actors() => Assert.Equal(
        ["actor 17", "actor 20"],
        RavdessCorpus.Read(TestPaths.Shared("data/ravdess"), new RavdessOptions { Actors = SpeakerList.Parse("17,20") })
            .Utterances.Select(u => u.Speaker).Distinct().Order());

    [Fact]
    public void A_ravdess_name_gives_every_field()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("Actor_16/03-01-06-02-02-01-16.wav", "x");

        Utterance utterance = Assert.Single(RavdessCorpus.Read(folder.Path).Utterances);

        Assert.Equal(
            new Utterance
            {
                Id = "03-01-06-02-02-01-16",
                Dialogue = "03-01-06-02-02-01-16",
                Index = 0,
                Speaker = "actor 16",
                Text = "Dogs are sitting by the door.",
                TextIsFixed = true,
                Label = (int)Emotion.Fear,
                Split = Split.Dev,
                Media = path,
            },
            utterance);
    }

    [Fact]
    public void A_ravdess_performance_is_read_once_film_first_and_songs_are_left_out()
    {
        using TemporaryFolder folder = new();
        folder.Write("a/03-01-05-01-01-01-01.wav", "x");
        folder.Write("b/01-01-05-01-01-01-01.mp4", "x");
        folder.Write("b/02-01-05-01-01-01-01.mp4", "x");
        folder.Write("copy/01-01-05-01-01-01-01.mp4", "x");
        folder.Write("a/03-02-05-01-01-01-01.wav", "x");
        folder.Write("b/01-01-05-01-01-01-01.csv", "x");
        folder.Write("b/notes.mp4", "x");

        Corpus corpus = RavdessCorpus.Read(folder.Path);

        Assert.EndsWith("b/01-01-05-01-01-01-01.mp4", Assert.Single(corpus.Utterances).Media);
        Assert.Equal(["1 songs", "3 files"], corpus.Notes.Select(note => string.Join(' ', note.Message.Split(' ').Take(2))));
    }

    [Theory]
    [InlineData("03-01-09-01-01-01-01.wav", "emotion")]
    [InlineData("04-01-01-01-01-01-01.wav", "modality")]
    [InlineData("03-03-01-01-01-01-01.wav", "channel")]
    [InlineData("03-01-01-01-03-01-01.wav", "statement")]
    [InlineData("03-01-01-01-01-01-25.wav", "actor")]
    public void A_ravdess_name_with_an_undefined_value_is_an_error(string name, string field)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write(name, "x");

        CorpusException error = Assert.Throws<CorpusException>(() => RavdessCorpus.Read(folder.Path));

        Assert.Equal((path, field), (error.File, error.Field));
    }

    [Fact]
    public void A_folder_without_such_names_is_an_error_and_so_is_none()
    {
        using TemporaryFolder folder = new();
        string nowhere = Path.Combine(folder.Path, "nowhere");

        Assert.Throws<CorpusException>(() => RavdessCorpus.Read(folder.Path));
        Assert.Throws<CorpusException>(() => TessCorpus.Read(folder.Path));
        Assert.Equal(nowhere, Assert.Throws<CorpusException>(() => RavdessCorpus.Read(nowhere)).File);
        Assert.Equal(nowhere, Assert.Throws<CorpusException>(() => TessCorpus.Read(nowhere)).File);
    }

    [Fact]
    public void A_quarter_of_tess_has_a_hundred_recordings_of_each_emotion_all_for_testing()
    {
        Corpus corpus = TessCorpus.Read(TestPaths.Shared("data/tess"));

        Assert.Equal(Enumerable.Repeat(100, 7), CountEmotions(corpus));
        Assert.Equal([350, 350], corpus.Utterances.CountBy(u => u.Speaker!).Select(speaker => speaker.Value));
        Assert.All(corpus.Utterances, u => Assert.True(u.Split == Split.Test && u.TextIsFixed));
    }

    [Fact]
    public void A_tess_name_gives_speaker_word_and_emotion_and_a_copy_is_left_out()
    {
        using TemporaryFolder folder = new();
        folder.Write("1/OA_bite_neutral.wav", "x");
        folder.Write("1/YAF_door_ps.wav", "x");
        folder.Write("2/YAF_door_ps.wav", "x");

        Corpus corpus = TessCorpus.Read(folder.Path, new TessOptions { TrainSpeakers = ["YAF"] });

        Assert.Equal(
            [("OAF", "Say the word bite.", Emotion.Neutral, Split.Test), ("YAF", "Say the word door.", Emotion.Surprise, Split.Train)],
            corpus.Utterances.Select(u => (u.Speaker, u.Text, (Emotion)u.Label!.Value, u.Split)));
        Assert.Single(corpus.Notes);
    }

    [Fact]
    public void A_tess_name_with_an_unknown_emotion_is_an_error()
    {
        using TemporaryFolder folder = new();
        folder.Write("OAF_door_bored.wav", "x");

        Assert.Equal("'bored'", Assert.Throws<CorpusException>(() => TessCorpus.Read(folder.Path)).Found);
    }

    [Fact]
    public void Goemotions_keeps_the_comments_with_one_label()
    {
        Corpus corpus = GoEmotionsCorpus.Read(TestPaths.Shared("data/goemotions"));

        Assert.Equal([39_555, 4_946, 4_968], Enum.GetValues<Split>().Select(split => corpus.In(split).Count()));
        Assert.Equal(
            ["3855", "480", "459"], corpus.Notes.Select(note => note.Message.Split(' ')[0]));
        Utterance first = corpus.Utterances.First();
        Assert.Equal("My favourite food is anything I didn't have to cook myself.", first.Text);
        Assert.Equal(("train_eebbqej", Emotion.Neutral, null), (first.Id, (Emotion)first.Label!.Value, first.Speaker));
    }

    [Theory]
    [InlineData("text\t7\tid", "labels")]
    [InlineData("text\tjoy\tid", "labels")]
    [InlineData("text\t\tid", "labels")]
    [InlineData("text\t1", null)]
    public void A_goemotions_line_that_makes_no_sense_is_an_error_on_its_line(string line, string? field)
    {
        using TemporaryFolder folder = new();
        folder.Write("labels.txt", "anger\ndisgust\nfear\njoy\nneutral\nsadness\nsurprise");
        folder.Write("train.tsv", $"fine\t0\ta\n{line}\n");

        CorpusException error = Assert.Throws<CorpusException>(() => GoEmotionsCorpus.Read(folder.Path));

        Assert.Equal((2, field), (error.Line, error.Field));
    }

    private static int[] CountEmotions(Corpus corpus) =>
        [.. Enum.GetValues<Emotion>().Select(emotion => corpus.Utterances.Count(u => (Emotion?)u.Label == emotion))];
}
