using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class ManifestTests
{
    private const string Line = """{"id":"a","dialogue":"d","index":0,"split":"dev"}""";

    [Fact]
    public void Every_field_is_read()
    {
        using TemporaryFolder folder = new();
        string media = folder.Write("clips/a.mp4", "x");

        Corpus corpus = Read(folder, """
            {"id":"a","dialogue":"d","index":3,"speaker":"Ann","text":"Grüß \"dich\"","emotion":"happy","split":"dev","media":"clips/a.mp4","start_ms":10,"end_ms":510}
            """);

        Assert.Equal(
            new Utterance
            {
                Id = "a",
                Dialogue = "d",
                Index = 3,
                Speaker = "Ann",
                Text = "Grüß \"dich\"",
                Label = (int)Emotion.Joy,
                Split = Split.Dev,
                Media = media,
                StartMs = 10,
                EndMs = 510,
            },
            Assert.Single(corpus.Utterances));
        Assert.Equal(500, corpus.Utterances.Single().DurationMs);
        Assert.Empty(corpus.Notes);
    }

    [Fact]
    public void What_may_be_absent_is_null()
    {
        Utterance utterance = Assert.Single(ReadLines(Line).Utterances);

        Assert.Equal(new Utterance { Id = "a", Dialogue = "d", Index = 0, Split = Split.Dev }, utterance);
        Assert.Null(utterance.DurationMs);
    }

    [Fact]
    public void A_dialogue_s_lines_are_put_in_order_of_index()
    {
        Corpus corpus = ReadLines(
            """{"id":"b","dialogue":"d","index":7,"split":"test"}""",
            """{"id":"x","dialogue":"e","index":0,"split":"train"}""",
            "",
            """{"id":"a","dialogue":"d","index":2,"split":"test"}""");

        Assert.Equal(["a", "b", "x"], corpus.Utterances.Select(u => u.Id));
    }

    [Fact]
    public void A_media_file_that_is_not_there_leaves_an_utterance_without_media_and_a_note()
    {
        Corpus corpus = ReadLines("""{"id":"a","dialogue":"d","index":0,"split":"dev","media":"gone.mp4"}""");

        Assert.Null(corpus.Utterances.Single().Media);
        Assert.Contains("gone.mp4", Assert.Single(corpus.Notes).Message);
    }

    [Fact]
    public void A_field_that_is_not_part_of_the_format_is_noted_once()
    {
        Corpus corpus = ReadLines(
            """{"id":"a","dialogue":"d","index":0,"split":"dev","emotoin":"joy"}""",
            """{"id":"b","dialogue":"d","index":1,"split":"dev","emotoin":"joy"}""");

        Assert.Equal("field 'emotoin' is not part of a manifest; ignored", Assert.Single(corpus.Notes).Message);
    }

    [Theory]
    [InlineData("""{"id":"","dialogue":"d","index":0,"split":"dev"}""", "id")]
    [InlineData("""{"id":true,"dialogue":"d","index":0,"split":"dev"}""", "id")]
    [InlineData("""{"id":"a","index":0,"split":"dev"}""", "dialogue")]
    [InlineData("""{"id":"a","dialogue":"d","split":"dev"}""", "index")]
    [InlineData("""{"id":"a","dialogue":"d","index":-1,"split":"dev"}""", "index")]
    [InlineData("""{"id":"a","dialogue":"d","index":1.5,"split":"dev"}""", "index")]
    [InlineData("""{"id":"a","dialogue":"d","index":"1","split":"dev"}""", "index")]
    [InlineData("""{"id":"a","dialogue":"d","index":0,"split":"validation"}""", "split")]
    [InlineData("""{"id":"a","dialogue":"d","index":0}""", "split")]
    [InlineData("""{"id":"a","dialogue":"d","index":0,"split":"dev","emotion":"calm"}""", "emotion")]
    [InlineData("""{"id":"a","dialogue":"d","index":0,"split":"dev","emotion":3}""", "emotion")]
    [InlineData("""{"id":"a","dialogue":"d","index":0,"split":"dev","text":"\ud800"}""", "text")]
    [InlineData("""{"id":"a","dialogue":"d","index":0,"split":"dev","media":"a\u0000"}""", "media")]
    [InlineData("""{"id":"a","dialogue":"d","index":0,"split":"dev","start_ms":5,"end_ms":5}""", "end_ms")]
    [InlineData("""{"id":"a","dialogue":"d","index":0,"split":"dev","start_ms":1e300}""", "start_ms")]
    [InlineData("""{"id":"z","dialogue":"d","index":0,"split":"dev"}""", "id")]
    [InlineData("""{"id":"a","dialogue":"y","index":9,"split":"dev"}""", "index")]
    [InlineData("""{"id":"a","dialogue":"y","index":0,"split":"dev"}""", "split")]
    public void A_field_that_is_wrong_is_reported_with_its_line_and_name(string line, string field)
    {
        CorpusException error = Assert.Throws<CorpusException>(
            () => ReadLines("""{"id":"z","dialogue":"y","index":9,"split":"train"}""", line));

        Assert.EndsWith("m.jsonl", error.File);
        Assert.Equal((2, field), (error.Line, error.Field));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"id":"a","id":"b","dialogue":"d","index":0,"split":"dev"}""")]
    [InlineData("""{"id":"a","dialogue":"d","index":0,"split":"dev"} x""")]
    public void A_line_that_is_not_one_object_is_reported_with_its_number(string line) => Assert.Equal(
        2, Assert.Throws<CorpusException>(() => ReadLines("""{"id":"z","dialogue":"y","index":9,"split":"train"}""", line)).Line);

    [Fact]
    public void Bytes_that_are_no_utf_8_are_reported_with_their_line()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("m.jsonl", [.. "\n\n{\"id\":\""u8, 0x92, .. "\"}"u8]);

        CorpusException error = Assert.Throws<CorpusException>(() => Manifest.Read(path));

        Assert.Equal((3, "byte 0x92"), (error.Line, error.Found));
    }

    [Fact]
    public void A_missing_manifest_is_an_error_that_names_it() =>
        Assert.Equal("nowhere.jsonl", Assert.Throws<CorpusException>(() => Manifest.Read("nowhere.jsonl")).File);

    [Fact]
    public void What_is_written_is_read_back_the_same_also_from_another_folder()
    {
        using TemporaryFolder folder = new();
        folder.Write("sound/ä.wav", "x");
        Corpus corpus = Read(folder, """
            {"id":"a","dialogue":"d","index":0,"speaker":"Ann","text":"“Well…” \t<b>","emotion":"fear","split":"test","media":"sound/ä.wav","start_ms":0,"end_ms":1}
            {"id":"b","dialogue":"d","index":4,"split":"test"}
            """);
        string elsewhere = Path.Combine(folder.Path, "deep", "copy.jsonl");
        Directory.CreateDirectory(Path.GetDirectoryName(elsewhere)!);

        Manifest.Write(corpus, elsewhere);

        Assert.Equal(corpus.Utterances, Manifest.Read(elsewhere).Utterances);
        Assert.Contains("\"media\":\"../sound/ä.wav\"", File.ReadAllText(elsewhere));
        Assert.Equal([elsewhere], Directory.GetFiles(Path.GetDirectoryName(elsewhere)!));
    }

    private static Corpus ReadLines(params string[] lines)
    {
        using TemporaryFolder folder = new();
        return Read(folder, string.Join('\n', lines));
    }

    private static Corpus Read(TemporaryFolder folder, string text) => Manifest.Read(folder.Write("m.jsonl", text));
}
