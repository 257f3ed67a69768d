using Affekt.Tests;

namespace Affekt.Corpora.Tests.Published;

public sealed class CremaDCorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CremaDCorpusTests()
    {
        foreach (string file in (string[])["AudioWAV/1001_DFA_ANG_XX.wav", "AudioMP3/1001_DFA_ANG_XX.mp3", "VideoFlash/1001_DFA_ANG_XX.flv",
            "AudioWAV/1004_IEO_HAP_LO.wav", "AudioWAV/1005_WSI_NEU_XX.wav", "AudioWAV/1040_ITH_SAD_X.wav"])
        {
            _folder.Write(file, "x");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_name_gives_actor_sentence_and_emotion_and_the_film_goes_before_the_sound()
    {
        Corpus corpus = CorpusReader.Read("crema-d", _folder.Path);

        Assert.Equal(
            [
                ("1001_DFA_ANG_XX", "actor 1001", "Don't forget a jacket.", Emotion.Anger, Split.Train),
                ("1004_IEO_HAP_LO", "actor 1004", "It's eleven o'clock.", Emotion.Joy, Split.Dev),
                ("1005_WSI_NEU_XX", "actor 1005", "We'll stop in a couple of minutes.", Emotion.Neutral, Split.Test),
                ("1040_ITH_SAD_X", "actor 1040", "I think I have a doctor's appointment.", Emotion.Sadness, Split.Test),
            ],
            corpus.Utterances.Select(u => (u.Id, u.Speaker, u.Text, (Emotion)u.Label!.Value, u.Split)).OrderBy(u => u.Id, StringComparer.Ordinal));
        Assert.EndsWith("1001_DFA_ANG_XX.flv", corpus.Utterances.Single(u => u.Id == "1001_DFA_ANG_XX").Media);
        Assert.Contains(corpus.Notes, note => note is { Code: CorpusNote.Incomplete, Message: "4 clips; 7442 were published" });
        Assert.Contains(corpus.Notes, note => note.Message.StartsWith("2 files show a performance that another"));
    }

    [Theory]
    [InlineData("crema-d-voice", "N", "S")]
    [InlineData("crema-d-face", "A", "H")]
    [InlineData("crema-d-both", "A", null)]
    public void The_votes_are_those_of_the_published_summary_and_a_tie_is_left_out(string name, string first, string? second)
    {
        _folder.Write("processedResults/summaryTable.csv", """
            "","FileName","VoiceVote","VoiceLevel","FaceVote","FaceLevel","MultiModalVote","MultiModalLevel"
            "1","1001_DFA_ANG_XX","N","69.1","A","92.22","A","64.78"
            "2","1004_IEO_HAP_LO","S","71.67","H","57","H:N","57.38:50"
            "3","1040_ITH_SAD_XX","S","71.67","S","57","S","57"

            """);

        Corpus corpus = CorpusReader.Read(name, _folder.Path);

        Assert.Equal(
            new string?[] { first, second, "S" }.OfType<string>(), corpus.Utterances.OrderBy(u => u.Id, StringComparer.Ordinal).Select(u => Letter(u.Label!.Value)));
        Assert.Contains(corpus.Notes, note => note.Message == "1 clips have no label; left out");
        Assert.Equal(second is null, corpus.Notes.Any(note => note.Message.StartsWith("1 labeled tie")));
    }

    [Fact]
    public void Without_the_summary_the_votes_are_counted_from_the_responses()
    {
        const string Header = "\"\",\"localid\",\"pos\",\"ans\",\"ttr\",\"queryType\",\"numTries\",\"clipNum\",\"questNum\",\"subType\",\"clipName\",\"sessionNums\",\"respEmo\",\"respLevel\",\"dispEmo\",\"dispVal\",\"dispLevel\"\n";
        (string Clip, int Query, string Emotion)[] rows =
        [
            ("1001_DFA_ANG_XX", 1, "N"), ("1001_DFA_ANG_XX", 1, "N"), ("1001_DFA_ANG_XX", 1, "A"), ("1001_DFA_ANG_XX", 3, "A"),
            ("1004_IEO_HAP_LO", 1, "H"), ("1004_IEO_HAP_LO", 1, "N"), ("1005_WSI_NEU_XX", 1, "D"),
        ];
        _folder.Write("finishedResponses.csv", Header + string.Concat(rows.Select((row, i) =>
            $"{i},r,1,{row.Emotion}_50,900,{row.Query},0,1,1,4,{row.Clip},s,{row.Emotion},50,A,XX,50\n")));

        Corpus corpus = CorpusReader.Read("crema-d-voice", _folder.Path);

        Assert.Equal(
            [("1001_DFA_ANG_XX", Emotion.Neutral), ("1005_WSI_NEU_XX", Emotion.Disgust)],
            corpus.Utterances.Select(u => (u.Id, (Emotion)u.Label!.Value)).OrderBy(u => u.Id, StringComparer.Ordinal));
        File.Delete(Path.Combine(_folder.Path, "finishedResponses.csv"));
        Assert.Contains("summaryTable.csv", Assert.Throws<CorpusException>(() => CorpusReader.Read("crema-d-voice", _folder.Path)).Message);
    }

    [Fact]
    public void What_the_published_list_names_and_is_in_no_folder_is_missing_with_the_list_s_line()
    {
        string list = _folder.Write("SentenceFilenames.csv", """
            "Stimulus_Number","Filename"
            1,"1001_DFA_ANG_XX"
            2,"1002_IEO_NEU_XX"
            3,"rubbish"

            """);

        Corpus corpus = CorpusReader.Read("CREMA_D", _folder.Path);

        Utterance missing = Assert.Single(corpus.Utterances, u => u.Media is null);
        Assert.Equal(("1002_IEO_NEU_XX", Emotion.Neutral), (missing.Id, (Emotion)missing.Label!.Value));
        Assert.EndsWith(Path.Combine("AudioWAV", "1002_IEO_NEU_XX.wav"), missing.MissingMedia);
        Assert.Contains(corpus.Notes, note => note is { Line: 3, Code: CorpusNote.MissingMedia } && note.File == list);
        Assert.Contains(corpus.Notes, note => note is { Line: 4, Code: CorpusNote.LeftOut } && note.File == list);
    }

    private static string Letter(int label) => "NHSAFD"[label].ToString();
}
