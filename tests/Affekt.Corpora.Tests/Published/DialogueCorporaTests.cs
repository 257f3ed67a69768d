using Affekt.Tests;

namespace Affekt.Corpora.Tests.Published;

/// <summary>Corpora of written dialogues.</summary>
public sealed class DialogueCorporaTests : IDisposable
{
    private const string Scene = """
        {"episodes": [{"episode_id": "s01_e02", "scenes": [{"scene_id": "s01_e02_c01", "utterances": [
          {"utterance_id": "s01_e02_c01_u002", "speakers": ["Joey Tribbiani"], "transcript": "Yeah, right!", "tokens": [["Yeah"]], "emotion": "Neutral"},
          {"utterance_id": "s01_e02_c01_u003", "speakers": ["Phoebe Buffay", "Monica Geller"], "transcript": "Oh, yeah!", "emotion": "Joyful"},
          {"utterance_id": "s01_e02_c01_u004", "speakers": ["Rachel Green"], "transcript": "", "emotion": "Powerful"}]}]}]}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Emorynlp_s_scenes_are_dialogues_and_powerful_and_peaceful_are_told()
    {
        foreach ((string split, string id) in ((string, string)[])[("trn", "s01_e02"), ("dev", "s01_e15"), ("tst", "s01_e01")])
        {
            _folder.Write($"json/emotion-detection-{split}.json", Scene.Replace("s01_e02", id));
        }

        Corpus corpus = CorpusReader.Read("emorynlp", _folder.Path);

        Assert.Equal(
            [
                ("s01_e02_c01_u002", "Joey Tribbiani", "Yeah, right!", Emotion.Neutral), ("s01_e02_c01_u003", "Phoebe Buffay, Monica Geller", "Oh, yeah!", Emotion.Joy),
                ("s01_e02_c01_u004", "Rachel Green", null, null),
            ],
            corpus.Dialogues[0].Utterances.Select(u => (u.Id, u.Speaker, u.Text, (Emotion?)u.Label)));
        Assert.Equal([Split.Train, Split.Dev, Split.Test], corpus.Dialogues.Select(dialogue => dialogue.Split));
        Assert.StartsWith("3 labeled Powerful, which is none of the seven", corpus.Notes[0].Message);
        Assert.Contains(corpus.Notes, note => note.Message == "3 utterances; the published file has 9934");
    }

    [Fact]
    public void Emorynlp_is_read_from_the_tables_of_meld_s_authors_too()
    {
        const string Rows = """
            Utterance,Speaker,Emotion,Scene_ID,Utterance_ID,Season,Episode
            "Oh, no.",['Monica Geller'],Mad,4,1,1,1
            Hey!,"['Joey Tribbiani', 'Chandler Bing']",Scared,4,2,1,1

            """;
        foreach (string split in Splits.Names)
        {
            _folder.Write($"emorynlp_{split}_final.csv", Rows.Replace(",1,1\n", $",1,{split.Length}\n").Replace("4,", split == "dev" ? "4," : split == "test" ? "5," : "6,"));
        }

        Assert.Equal(
            [("Monica Geller", "Oh, no.", Emotion.Anger), ("Joey Tribbiani, Chandler Bing", "Hey!", Emotion.Fear)],
            CorpusReader.Read("emorynlp", _folder.Path).Dialogues[1].Utterances.Select(u => (u.Speaker, u.Text, (Emotion)u.Label!.Value)));
    }

    [Theory]
    [InlineData("""{"scenes": []}""", "episodes")]
    [InlineData("""{"episodes": [{"scenes": [{"scene_id": 3, "utterances": []}]}]}""", "episodes[0].scenes[0].scene_id")]
    [InlineData("""{"episodes": [{"scenes": [{"scene_id": "a", "utterances": [{"speakers": []}]}]}]}""", "episodes[0].scenes[0].utterances[0].utterance_id")]
    [InlineData("""{"episodes": 1}""", "episodes")]
    [InlineData("7", null)]
    public void A_file_of_another_shape_is_an_error_that_names_the_place(string json, string? field)
    {
        _folder.Write("emotion-detection-trn.json", json);

        CorpusException error = Assert.Throws<CorpusException>(() => CorpusReader.Read("emorynlp", _folder.Path));

        Assert.EndsWith("emotion-detection-trn.json", error.File);
        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void Dailydialog_s_splits_pair_utterances_with_emotions_and_the_speakers_take_turns()
    {
        _folder.Write("train/dialogues_train.txt", "Say , Jim ? __eou__ You know that ! __eou__\nHi . __eou__ Oh ? __eou__ Ah . __eou__\nLost . __eou__ Line . __eou__\n");
        _folder.Write("train/dialogues_emotion_train.txt", "0 4 \n1 2 3\n5\n");
        _folder.Write("validation/validation/dialogues_validation.txt", "So __eou__ sad . __eou__\n");
        _folder.Write("validation/validation/dialogues_emotion_validation.txt", "6 5\n");

        Corpus corpus = CorpusReader.Read("dailydialog", _folder.Path);

        Assert.Equal(
            [
                ("train_dialogue 1_0", "train_dialogue 1 A", "Say , Jim ?", Emotion.Neutral), ("train_dialogue 1_1", "train_dialogue 1 B", "You know that !", Emotion.Joy),
                ("train_dialogue 2_0", "train_dialogue 2 A", "Hi .", Emotion.Anger), ("train_dialogue 2_1", "train_dialogue 2 B", "Oh ?", Emotion.Disgust),
                ("train_dialogue 2_2", "train_dialogue 2 A", "Ah .", Emotion.Fear), ("dev_dialogue 1_0", "dev_dialogue 1 A", "So", Emotion.Surprise),
                ("dev_dialogue 1_1", "dev_dialogue 1 B", "sad .", Emotion.Sadness),
            ],
            corpus.Utterances.Select(u => (u.Id, u.Speaker, u.Text, (Emotion)u.Label!.Value)));
        Assert.Contains(corpus.Notes, note => note is { Code: CorpusNote.LeftOut, Line: 3 } && note.Message.StartsWith("2 utterances, but 1 emotions in line 3"));
    }

    [Fact]
    public void Of_dailydialog_as_a_whole_every_tenth_dialogue_is_test_and_the_one_before_it_dev()
    {
        _folder.Write("dialogues_text.txt", string.Concat(Enumerable.Repeat("Hi . __eou__ Oh ? __eou__\n", 20)));
        _folder.Write("dialogues_emotion.txt", string.Concat(Enumerable.Repeat("0 6\n", 20)));

        Corpus corpus = CorpusReader.Read("dailydialog", _folder.Path);

        Assert.Equal(["dialogue 10", "dialogue 20"], corpus.In(Split.Test).Select(dialogue => dialogue.Id));
        Assert.Equal(["dialogue 9", "dialogue 19"], corpus.In(Split.Dev).Select(dialogue => dialogue.Id));
        _folder.Write("dialogues_emotion.txt", "0 6\n");
        Assert.Equal("1 lines", Assert.Throws<CorpusException>(() => CorpusReader.Read("dailydialog", _folder.Path)).Found);
    }

    [Fact]
    public void Dailydialog_as_reccon_has_it_is_read_under_its_name_and_excited_is_not_joy_unasked()
    {
        _folder.Write("dailydialog_train.json", """{"tr_1": [[{"turn": 1, "speaker": "A", "utterance": "Hi", "emotion": "excited"}]]}""");

        Corpus corpus = CorpusReader.Read("dailydialog", _folder.Path);
        Corpus mapped = CorpusReader.Read("dailydialog", _folder.Path, new CorpusReadOptions { Labels = LabelMap.Parse(["excited=joy"]) });

        Assert.Equal(("dailydialog", null), (corpus.Name, Assert.Single(corpus.Utterances).Label));
        Assert.Equal("1 labeled excited, which is none of the seven; left out. --map excited=EMOTION counts them in", Assert.Single(corpus.Notes).Message);
        Assert.Equal((int)Emotion.Joy, Assert.Single(mapped.Utterances).Label);
        Assert.Throws<CorpusException>(() => CorpusReader.Read("dailydialog", Path.Combine(_folder.Path, "nowhere")));
    }

    [Fact]
    public void Emowoz_has_labels_of_users_turns_and_only_neutral_is_one_of_the_seven()
    {
        WriteEmoWoz("""{"train": {"multiwoz": ["MUL1.json"], "dialmage": []}, "dev": {"multiwoz": ["GONE.json"], "dialmage": []}, "test": {"multiwoz": [], "dialmage": ["DMAGE1.json"]}}""");

        Corpus corpus = CorpusReader.Read("emowoz", _folder.Path);

        Assert.Equal(
            [
                ("MUL1.json_0", "MUL1.json user", "i need a hotel", Emotion.Neutral, Split.Train), ("MUL1.json_1", "MUL1.json system", "which one?", null, Split.Train),
                ("MUL1.json_2", "MUL1.json user", "that is wrong!", null, Split.Train), ("DMAGE1.json_0", "DMAGE1.json user", "great", null, Split.Test),
            ],
            corpus.Utterances.Select(u => (u.Id, u.Speaker, u.Text, (Emotion?)u.Label, u.Split)));
        Assert.Equal(["1 labeled 2 (dissatisfied), wh", "1 labeled 6 (satisfied), which"], corpus.Notes.Take(2).Select(note => note.Message[..30]));
        Assert.Contains(corpus.Notes, note => note is { Code: CorpusNote.Incomplete, Message: "1 dialogues that data-split.json names are not there" });
        Assert.Contains(corpus.Notes, note => note is { Code: CorpusNote.LeftOut, Message: "1 dialogues are not in data-split.json; left out" });
    }

    [Theory]
    [InlineData("""{"train": {"multiwoz": ["MUL1.json", "MUL1.json"]}}""", "train.multiwoz[1]")]
    [InlineData("""{"some": {}}""", "some")]
    [InlineData("""[]""", null)]
    public void Splits_that_make_no_sense_are_an_error_that_names_the_place(string splits, string? field)
    {
        WriteEmoWoz(splits);

        CorpusException error = Assert.Throws<CorpusException>(() => CorpusReader.Read("emowoz", _folder.Path));

        Assert.EndsWith("data-split.json", error.File);
        Assert.Equal(field, error.Field);
    }

    private void WriteEmoWoz(string splits)
    {
        _folder.Write("data-split.json", splits);
        _folder.Write("emowoz-multiwoz.json", """
            {"MUL1.json": {"goal": {}, "log": [
              {"text": "i need a hotel ", "emotion": [{"a": "x", "emotion": 1}, {"emotion": 0}, {"emotion": 0}, {"emotion": 0}]},
              {"text": "which one?", "emotion": []},
              {"text": "that is wrong!", "emotion": [{"emotion": 2}, {"emotion": 2}, {"emotion": 0}, {"emotion": 2}]}]},
             "OTHER.json": {"log": []}}
            """);
        _folder.Write("emowoz-dialmage.json", """{"DMAGE1.json": {"log": [{"text": "great", "emotion": [{"emotion": 6}]}]}}""");
    }
}
