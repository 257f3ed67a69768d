using Affekt.Tests;

namespace Affekt.Corpora.Tests.Published;

public sealed class ChSimsCorpusTests : IDisposable
{
    private const string Header = "video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Clips_have_their_words_and_splits_and_sentiments_are_no_emotions_unless_they_are_mapped()
    {
        _folder.Write("label.csv", Header + "video_0001,0001,我不想嫁给李茶,-1.0,-1.0,-0.8,-1.0,Negative,train\n"
            + "video_0001,2,\"好,是吗\",0.0,0.2,0.0,0.2,Neutral,valid\nvideo_0060,0007,好,1,1,1,1,Positive,test\nvideo_0061,0001,x,1,1,1,1,Positive,all\n");
        string clip = _folder.Write("Raw/video_0001/0002.mp4", "x");

        Corpus corpus = CorpusReader.Read("ch_sims", _folder.Path, new CorpusReadOptions { Labels = LabelMap.Parse(["Neutral=neutral"]) });

        Assert.Equal(
            [
                ("video_0001/0001", "我不想嫁给李茶", null, Split.Train, null), ("video_0001/0002", "好,是吗", 0, Split.Dev, clip),
                ("video_0060/0007", "好", null, Split.Test, null),
            ],
            corpus.Utterances.Select(u => (u.Id, u.Text, u.Label, u.Split, u.Media)));
        Assert.EndsWith(Path.Combine("Raw", "video_0001", "0001.mp4"), corpus.Utterances.First().MissingMedia);
        Assert.Contains(corpus.Notes, note => note.Message.StartsWith("1 labeled Negative (negative sentiment), which is none of the seven"));
        Assert.Contains(corpus.Notes, note => note is { Code: CorpusNote.LeftOut, Line: 5 });
    }

    [Fact]
    public void A_table_without_words_for_sentiments_has_them_from_its_numbers()
    {
        _folder.Write("meta.csv", "video_id,clip_id,text,label,mode\na,00001,x,-0.4,train\na,00002,y,0.0,train\na,00003,z,0.2,train\n");

        Corpus corpus = CorpusReader.Read(
            "ch-sims", _folder.Path, new CorpusReadOptions { Labels = LabelMap.Parse(["negative=sadness", "positive=joy", "neutral=neutral"]) });

        Assert.Equal([2, 0, 1], corpus.Utterances.Select(u => u.Label));
        Assert.All(corpus.Utterances, u => Assert.Null(u.MissingMedia));
    }

    [Theory]
    [InlineData("a,1,x,much,train", 2, "label")]
    [InlineData("a,1,x,0,train\na,1,y,0,train", 3, "clip_id")]
    public void A_number_that_is_none_and_a_clip_that_comes_twice_are_errors_on_their_lines(string rows, int line, string field)
    {
        _folder.Write("label.csv", $"video_id,clip_id,text,label,mode\n{rows}\n");

        CorpusException error = Assert.Throws<CorpusException>(() => CorpusReader.Read("ch-sims", _folder.Path));

        Assert.Equal((line, field), (error.Line, error.Field));
    }
}
