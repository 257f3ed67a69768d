using Affekt.Tests;

namespace Affekt.Corpora.Tests.Published;

/// <summary>Corpora whose files' names tell all.</summary>
public sealed class ActedCorporaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_emodb_name_gives_speaker_sentence_and_emotion_and_boredom_is_left_out_and_told()
    {
        Write("wav/03a01Fa.wav", "wav/16b10Wb.wav", "wav/15a07Ac.wav", "wav/14a05Lb.wav", "wav/12a05Ld.wav");

        Corpus corpus = CorpusReader.Read("emodb", _folder.Path);

        Assert.Equal(
            [
                ("03a01Fa", "speaker 03", "Der Lappen liegt auf dem Eisschrank.", Emotion.Joy, Split.Train),
                ("15a07Ac", "speaker 15", "In sieben Stunden wird es soweit sein.", Emotion.Fear, Split.Test),
                ("16b10Wb", "speaker 16", "Die wird auf dem Platz sein, wo wir sie immer hinlegen.", Emotion.Anger, Split.Test),
            ],
            corpus.Utterances.Select(u => (u.Id, u.Speaker, u.Text, (Emotion)u.Label!.Value, u.Split)));
        Assert.All(corpus.Utterances, u => Assert.True(u.TextIsFixed));
        CorpusNote note = Assert.Single(corpus.Notes, note => note.Code == CorpusNote.UnmappedLabel);
        Assert.Equal("2 labeled L (boredom), which is none of the seven; left out. --map L=EMOTION counts them in", note.Message);
        Assert.EndsWith("12a05Ld.wav", note.File);
    }

    [Theory]
    [InlineData("DC/a01.wav", "DC_a01", Emotion.Anger, Split.Train)]
    [InlineData("AudioData/JK/su15.wav", "JK_su15", Emotion.Surprise, Split.Dev)]
    [InlineData("KL_sa03.wav", "KL_sa03", Emotion.Sadness, Split.Test)]
    [InlineData("ALL/JE_h07.wav", "JE_h07", Emotion.Joy, Split.Train)]
    public void Savee_is_read_from_folders_of_speakers_and_from_one_folder(string file, string id, Emotion emotion, Split split)
    {
        Write(file, "Info.wav");

        Corpus corpus = CorpusReader.Read("savee", _folder.Path);

        Utterance utterance = Assert.Single(corpus.Utterances);
        Assert.Equal((id, id[..2], emotion, split, null), (utterance.Id, utterance.Speaker, (Emotion)utterance.Label!.Value, utterance.Split, utterance.Text));
        Assert.Contains(corpus.Notes, note => note.Code == CorpusNote.ExtraFiles && note.Message.Contains("Info.wav"));
    }

    [Fact]
    public void An_emovo_name_gives_speaker_sentence_and_emotion()
    {
        Write("f1/dis-f1-b1.wav", "m2/gio-m2-l4.wav", "f3/tri-f3-d1.wav");

        Assert.Equal(
            [
                ("dis-f1-b1", "f1", "Gli operai si alzano presto.", Emotion.Disgust, Split.Train),
                ("tri-f3-d1", "f3", "Sabato sera cosa farà?", Emotion.Sadness, Split.Test),
                ("gio-m2-l4", "m2", "Vorrei il numero telefonico del Signor Piatti.", Emotion.Joy, Split.Dev),
            ],
            CorpusReader.Read("emovo", _folder.Path).Utterances.Select(u => (u.Id, u.Speaker, u.Text, (Emotion)u.Label!.Value, u.Split)));
    }

    [Fact]
    public void Enterface_is_read_by_its_folders_and_else_by_its_names_and_gives_no_words_that_would_tell_the_emotion()
    {
        Write(
            "subject 1/anger/sentence 1/s1_an_1.avi", "subject 6/fear/s6_fe_2.avi", "subject-10/sadness/sentence 3/s_3_sa_3.avi", "s42_su_5.avi",
            "subject 1/anger/sentence 1/s1_an_1.wav");

        Corpus corpus = CorpusReader.Read("enterface05", _folder.Path);

        Assert.Equal(
            [
                ("s42_su_5", "subject 42", Emotion.Surprise, Split.Train), ("s1_an_1", "subject 1", Emotion.Anger, Split.Train),
                ("s6_fe_2", "subject 6", Emotion.Fear, Split.Train), ("s10_sa_3", "subject 10", Emotion.Sadness, Split.Test),
            ],
            corpus.Utterances.Select(u => (u.Id, u.Speaker, (Emotion)u.Label!.Value, u.Split)));
        Assert.All(corpus.Utterances, u => Assert.True(u.Text is null && u.Media!.EndsWith(".avi")));
    }

    [Theory]
    [InlineData("afew", "Train_AFEW/Angry/000149120.avi", "Val_AFEW/Happy/000107200.avi", "train/Angry/000149120", "dev/Happy/000107200")]
    [InlineData("caer", "CAER/train/Anger/0001.avi", "CAER/validation/Happy/0001.avi", "train/Anger/0001", "dev/Happy/0001")]
    [InlineData("afew", "Train/Anger/1.avi", "Val/Happy/1.avi", "train/Anger/1", "dev/Happy/1")]
    public void Clips_of_films_are_read_by_the_folders_of_split_and_emotion(string name, string train, string dev, string first, string second)
    {
        Write(train, dev, "Test_AFEW/000046280.avi", "Test_AFEW/Vids/1.avi");

        Corpus corpus = CorpusReader.Read(name, _folder.Path);

        Assert.Equal(
            [(first, Emotion.Anger, Split.Train), (second, Emotion.Joy, Split.Dev)],
            corpus.Utterances.Select(u => (u.Id, (Emotion)u.Label!.Value, u.Split)).OrderBy(u => u.Split));
        Assert.Contains(corpus.Notes, note => note.Message == "1 clips have no label; left out");
        Assert.Contains(corpus.Notes, note => note.Message.StartsWith("1 labeled Vids, which is none of the seven"));
    }

    [Theory]
    [InlineData("emodb", "03-01-06-01-02-01-12.wav")]
    [InlineData("savee", "a01.wav")]
    [InlineData("emovo", "dis-f9-b1.wav")]
    [InlineData("enterface", "subject 1/boredom/x.avi")]
    [InlineData("afew", "Angry/1.avi")]
    [InlineData("caer", "notes.txt")]
    [InlineData("crema-d", "9999_DFA_ANG_XX.wav")]
    public void A_folder_of_other_names_is_an_error_that_shows_a_name_and_so_is_one_that_is_not_there(string name, string file)
    {
        Write(file);
        string nowhere = Path.Combine(_folder.Path, "nowhere");

        Assert.Contains("media files such as", Assert.Throws<CorpusException>(() => CorpusReader.Read(name, _folder.Path)).Expected);
        Assert.Equal(nowhere, Assert.Throws<CorpusException>(() => CorpusReader.Read(name, nowhere)).File);
    }

    [Fact]
    public void Every_speaker_is_test_in_one_fold_dev_in_another_and_in_one_split_only()
    {
        Write("03a01Fa.wav", "08a01Fa.wav", "09a01Fa.wav", "10a01Fa.wav", "11a01Fa.wav", "12a01Fa.wav", "13a01Fa.wav", "14a01Fa.wav", "15a01Fa.wav", "16a01Fa.wav");
        Corpus[] folds = [.. Enumerable.Range(1, 5).Select(fold => CorpusReader.Read("emodb", _folder.Path, new CorpusReadOptions { Fold = fold }))];

        Assert.Equal(Enumerable.Repeat(2, 5), folds.Select(fold => fold.In(Split.Test).Count()));
        Assert.Equal(10, folds.SelectMany(fold => fold.In(Split.Test)).Select(dialogue => dialogue.Id).Distinct().Count());
        Assert.Equal(10, folds.SelectMany(fold => fold.In(Split.Dev)).Select(dialogue => dialogue.Id).Distinct().Count());
        Assert.Equal(folds[4].Dialogues.Select(dialogue => dialogue.Split), CorpusReader.Read("emodb", _folder.Path).Dialogues.Select(dialogue => dialogue.Split));
        Assert.Equal("1 to 5", Fold("emodb", 6).Expected);
        Assert.Contains("its own splits", Fold("caer", 1).Expected);

        CorpusException Fold(string name, int fold) =>
            Assert.Throws<CorpusException>(() => CorpusReader.Read(name, _folder.Path, new CorpusReadOptions { Fold = fold }));
    }

    private void Write(params string[] files)
    {
        foreach (string file in files)
        {
            _folder.Write(file, "x");
        }
    }
}
