using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class TranscriptFileTests
{
    [Theory]
    [InlineData("""{"d1": [{"turn": 1, "speaker": "A", "utterance": "Hey", "emotion": "happiness"}, {"turn": 2, "speaker": "B", "utterance": "Oh"}]}""")]
    [InlineData("""{"d1": [[{"turn": 1, "speaker": "A", "utterance": "Hey", "emotion": "happiness"}, {"turn": 2, "speaker": "B", "utterance": "Oh"}]]}""")]
    [InlineData("""{"d1": [{"index": 1, "speaker": "A", "text": "Hey", "emotion": "joy"}, {"index": 2, "speaker": "B", "text": "Oh", "emotion": null}]}""")]
    public void Dialogues_are_lists_of_utterances(string json)
    {
        Dialogue dialogue = Assert.Single(Read("talk_dev.json", json).Dialogues);

        Assert.Equal(("d1", Split.Dev), (dialogue.Id, dialogue.Split));
        Assert.Equal(
            [
                new Utterance { Id = "d1_0", Dialogue = "d1", Index = 1, Speaker = "A", Text = "Hey", Label = (int)Emotion.Joy, Split = Split.Dev },
                new Utterance { Id = "d1_1", Dialogue = "d1", Index = 2, Speaker = "B", Text = "Oh", Split = Split.Dev },
            ],
            dialogue.Utterances);
    }

    [Fact]
    public void Single_texts_are_dialogues_of_their_own_and_lists_may_hold_texts()
    {
        Corpus corpus = Read("t_train.json", """{"clip1": "Hey", "clip2": " ", "d": ["One", "Two"]}""");

        Assert.Equal(["clip1", "clip2", "d_0", "d_1"], corpus.Utterances.Select(u => u.Id));
        Assert.Equal(["Hey", null, "One", "Two"], corpus.Utterances.Select(u => u.Text));
        Assert.Equal([1, 1, 2], corpus.Dialogues.Select(dialogue => dialogue.Utterances.Count));
    }

    [Fact]
    public void Media_and_times_are_read_as_in_a_manifest()
    {
        using TemporaryFolder folder = new();
        string media = folder.Write("a.mp4", "x");
        string file = folder.Write("t_test.json", """
            {"d": [{"utterance": "Hey", "media": "a.mp4", "start_ms": 5, "end_ms": 9}, {"utterance": "Oh", "media": "gone.mp4"}]}
            """);

        Corpus corpus = Manifest.Read(file);

        Utterance[] utterances = [.. corpus.Utterances];
        Assert.Equal((media, 5, 9), (utterances[0].Media, utterances[0].StartMs, utterances[0].EndMs));
        Assert.Null(utterances[1].Media);
        Assert.EndsWith("gone.mp4", utterances[1].MissingMedia);
        Assert.Equal(CorpusNote.MissingMedia, Assert.Single(corpus.Notes).Code);
    }

    [Theory]
    [InlineData("a_train.json", Split.Train, 0)]
    [InlineData("a.valid.json", Split.Dev, 0)]
    [InlineData("val.json", Split.Dev, 0)]
    [InlineData("test-a.json", Split.Test, 0)]
    [InlineData("a.json", Split.Test, 1)]
    [InlineData("training.json", Split.Test, 1)]
    public void The_split_is_what_the_file_s_name_says_and_else_test_with_a_note(string name, Split split, int notes)
    {
        Corpus corpus = Read(name, """{"d": ["Hey"]}""");

        Assert.Equal(split, corpus.Dialogues[0].Split);
        Assert.Equal(notes, corpus.Notes.Count);
    }

    [Fact]
    public void Labels_that_are_none_of_the_seven_and_fields_of_no_use_are_noted_once_each()
    {
        Corpus corpus = Read("t_test.json", """
            {"d": [{"utterance": "a", "emotion": "bored", "flag": 1}, {"utterance": "b", "emotion": "bored", "flag": 2},
                   {"utterance": "c", "emotion": "happines"}, {"utterance": "d", "emotion": "excited"}]}
            """);

        Assert.Equal([null, null, Emotion.Joy, null], corpus.Utterances.Select(u => (Emotion?)u.Label));
        Assert.Equal(
            [
                "2 labeled bored, which is none of the seven; left out. --map bored=EMOTION counts them in",
                "1 labeled excited, which is none of the seven; left out. --map excited=EMOTION counts them in",
                "field 'flag' is not part of a transcript; ignored",
            ],
            corpus.Notes.Select(note => note.Message));
    }

    [Theory]
    [InlineData("[]", null)]
    [InlineData("7", null)]
    [InlineData("{\"d\": 7}", "d")]
    [InlineData("{\"d\": [7]}", "d[0]")]
    [InlineData("{\"d\": [\"a\", {\"utterance\": 7}]}", "d[1].utterance")]
    [InlineData("{\"d\": [\"a\", {\"turn\": 0}]}", "d[1].turn")]
    [InlineData("{\"d\": [{\"id\": \"x\"}, {\"id\": \"x\"}]}", "d[1].id")]
    [InlineData("{\"d\": [\"\\ud800\"]}", "d[0]")]
    [InlineData("{\"\": []}", null)]
    [InlineData("{\"d\": [], \"d\": []}", null)]
    [InlineData("{\"d\": [", null)]
    public void What_is_no_transcript_is_an_error_that_says_where(string json, string? field)
    {
        CorpusException error = Assert.Throws<CorpusException>(() => Read("t_test.json", json));

        Assert.EndsWith("t_test.json", error.File);
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void A_folder_s_files_are_one_corpus_in_which_nothing_comes_twice()
    {
        using TemporaryFolder folder = new();
        folder.Write("a_train.json", """{"d": ["Hey"]}""");
        folder.Write("a_test.json", """{"e": ["Oh"]}""");
        Assert.Equal([Split.Test, Split.Train], Manifest.Read(folder.Path).Dialogues.Select(dialogue => dialogue.Split));

        folder.Write("a_dev.json", """{"d": ["Again"]}""");
        Assert.Contains("d_0", Assert.Throws<CorpusException>(() => Manifest.Read(folder.Path)).Message);
    }

    [Fact]
    public void Dailydialog_gives_its_own_counts()
    {
        Corpus corpus = Manifest.Read(TestPaths.Shared("data/dailydialog"));

        Assert.Equal([834, 47, 225], Enum.GetValues<Split>().Select(split => corpus.In(split).Count()));
        Assert.Equal([8_206, 493, 2_405], Enum.GetValues<Split>().Select(split => corpus.In(split).Sum(d => d.Utterances.Count)));

        // Counted with Python's json: 5,243 neutral; happiness, happy and happines 4,352, 5 and 1; 3 are excited.
        Assert.Equal(5_243, corpus.Utterances.Count(u => (Emotion?)u.Label == Emotion.Neutral));
        Assert.Equal(4_358, corpus.Utterances.Count(u => (Emotion?)u.Label == Emotion.Joy));
        Assert.Equal(3, corpus.Utterances.Count(u => u.Label is null));
    }

    private static Corpus Read(string name, string json)
    {
        using TemporaryFolder folder = new();
        return Manifest.Read(folder.Write(name, json));
    }
}
