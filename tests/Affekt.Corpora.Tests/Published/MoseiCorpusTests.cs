using Affekt.Tests;

namespace Affekt.Corpora.Tests.Published;

public sealed class MoseiCorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_annotators_answers_are_averaged_and_the_strongest_emotion_is_the_label()
    {
        _folder.Write("Raw/Labels/5000_batch_raw.csv", """
            "HITId","Input.VIDEO_ID","Input.CLIP","Answer.anger","Answer.disgust","Answer.fear","Answer.happiness","Answer.sadness","Answer.sentiment","Answer.surprise"
            "a","abc","1","0","0","0","2","0","1","0"
            "a","abc","1","0","0","0","0","3","-1","0"
            "a","abc","1","0","","","0","1","0","0"
            "b","abc","0","0","0","0","0","0","0","0"
            "c","xyz","2","1","1","0","0","0","0","0"
            "d","xyz","3","","","","","","",""

            """);
        _folder.Write("Raw/Transcript/Segmented/Combined/abc.txt", "abc___0___0.0___4.02___Well, well.\nabc___1___3.5___9.25___So sad \nbroken\n");
        string clip = _folder.Write("Raw/Videos/Segmented/Combined/abc_1.mp4", "x");
        _folder.Write("cmu_mosei_std_folds.py", "standard_train_fold = ['abc', u'def']\nstandard_valid_fold = []\nstandard_test_fold = [\n'xyz']\n");

        Corpus corpus = CorpusReader.Read("mosei", _folder.Path);

        Assert.Equal(
            [
                ("abc_0", "abc", 0, "Well, well.", Emotion.Neutral, Split.Train, 4020), ("abc_1", "abc", 1, "So sad", Emotion.Sadness, Split.Train, 5750),
                ("xyz_2", "xyz", 0, null, null, Split.Test, null),
            ],
            corpus.Utterances.Select(u => (u.Id, u.Dialogue, u.Index, u.Text, (Emotion?)u.Label, u.Split, u.DurationMs)));
        Assert.Equal((clip, null), (corpus.Utterances.ElementAt(1).Media, corpus.Utterances.ElementAt(1).StartMs));
        Assert.EndsWith("abc_0.mp4", corpus.Utterances.First().MissingMedia);
        Assert.Contains(corpus.Notes, note => note.Message.StartsWith("1 labeled tie, which is none of the seven"));
        Assert.Contains(corpus.Notes, note => note is { Code: CorpusNote.LeftOut, Line: 7 } && note.File.EndsWith("5000_batch_raw.csv"));
        Assert.Contains(corpus.Notes, note => note is { Code: CorpusNote.LeftOut, Line: 3 } && note.File.EndsWith("abc.txt"));
    }

    [Fact]
    public void Times_and_splits_of_a_table_are_taken_and_whole_videos_are_cut_by_them()
    {
        string video = _folder.Write("Videos/Full/Combined/-3g5yACwYnA.mp4", "x");
        _folder.Write("mosei.csv", """
            video,start_time,end_time,sentiment,happy,sad,anger,surprise,disgust,fear,ASR,split
            -3g5yACwYnA,82.753,100.555,1,0.6667,0.6667,0,0,0,0,ONE,train
            -3g5yACwYnA,-0.4,5.299,1,0,0,0,0.3333,0,0,TWO,train
            03X1FwF6udc,7,9,1,0,0,0,0,0,0.3333,THREE,3

            """);

        Corpus corpus = CorpusReader.Read("cmu-mosei", _folder.Path);

        Assert.Equal(
            [("TWO", Emotion.Surprise, video, 0, 5299), ("ONE", null, video, 82753, 100555)],
            corpus.Utterances.Select(u => (u.Text, (Emotion?)u.Label, u.Media, u.StartMs!.Value, u.EndMs!.Value)));
        Assert.Contains(corpus.Notes, note => note.Message == "1 segments are in none of the published splits; left out");
    }

    [Fact]
    public void Without_published_splits_a_video_keeps_the_split_of_its_name()
    {
        _folder.Write("all.csv", "video,clip,happy,sad,anger,surprise,disgust,fear\n"
            + string.Concat(Enumerable.Range(0, 200).Select(i => $"v{i},0,1,0,0,0,0,0\nv{i},1,0,1,0,0,0,0\n")));

        Corpus corpus = CorpusReader.Read("cmu-mosei", _folder.Path);

        Assert.Equal(400, corpus.Utterances.Count());
        Assert.InRange(corpus.In(Split.Train).Count(), 130, 185);
        Assert.InRange(corpus.In(Split.Test).Count(), 5, 40);
        Assert.Equal(corpus.Dialogues, CorpusReader.Read("cmu-mosei", _folder.Path).Dialogues, (a, b) => a.Split == b.Split && a.Id == b.Id);
    }

    [Theory]
    [InlineData("video,clip,sentiment\na,0,1\n", "no table of segments with emotions", null)]
    [InlineData("video,clip,happy,sad,anger,surprise,disgust,fear\na,0,1,much,0,0,0,0\n", "'much'", 2)]
    [InlineData("video,clip,happy,sad,anger,surprise,disgust,fear\na,first,1,0,0,0,0,0\n", "'first'", 2)]
    public void A_table_without_emotions_or_with_a_value_that_is_no_number_is_an_error(string csv, string found, int? line)
    {
        _folder.Write("a.csv", csv);

        CorpusException error = Assert.Throws<CorpusException>(() => CorpusReader.Read("cmu-mosei", _folder.Path));

        Assert.Equal((found, line), (error.Found, error.Line));
    }
}
