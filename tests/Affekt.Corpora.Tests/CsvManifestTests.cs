using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class CsvManifestTests
{
    private const string Header = "id,dialogue,index,speaker,text,emotion,split,media,start_ms,end_ms";

    [Fact]
    public void Every_column_is_read_in_any_order_and_case_of_the_file_name()
    {
        using TemporaryFolder folder = new();
        string media = folder.Write("clips/a b.mp4", "x");
        string path = folder.Write("M.CSV", """
            split,text,id,dialogue,index,emotion,speaker,media,start_ms,end_ms
            dev,"Grüß ""dich"", du",a,d,3,happy,Ann,clips/a b.mp4,10,510

            """);

        Corpus corpus = Manifest.Read(path);

        Assert.Equal(
            new Utterance
            {
                Id = "a",
                Dialogue = "d",
                Index = 3,
                Speaker = "Ann",
                Text = "Grüß \"dich\", du",
                Label = (int)Emotion.Joy,
                Split = Split.Dev,
                Media = media,
                StartMs = 10,
                EndMs = 510,
            },
            Assert.Single(corpus.Utterances));
        Assert.Empty(corpus.Notes);
    }

    [Fact]
    public void It_says_the_same_as_jsonl_with_the_same_fields()
    {
        using TemporaryFolder folder = new();
        folder.Write("a.wav", "x");
        string jsonl = folder.Write("m.jsonl", """
            {"id":"a","dialogue":"d","index":0,"speaker":"Ann","text":"Well, \"no\"","emotion":"fear","split":"test","media":"a.wav"}
            {"id":"b","dialogue":"d","index":4,"split":"test","media":"gone.wav"}
            """);
        string csv = folder.Write("m.csv", $""""
            {Header}
            a,d,0,Ann,"Well, ""no""",fear,test,a.wav,,
            b,d,4, ,,,test,gone.wav,,
            """");

        Assert.Equal(Manifest.Read(jsonl).Utterances, Manifest.Read(csv).Utterances);
        Assert.Equal(Manifest.Read(jsonl).Notes.Single().Message, Manifest.Read(csv).Notes.Single().Message);
    }

    [Theory]
    [InlineData("id;dialogue;index;split;text;start_ms;end_ms\r\na;d;0;test;\"one, and\r\ntwo\";0;3000\r\n")]
    [InlineData("id\tdialogue\tindex\tsplit\ttext\tstart_ms\tend_ms\na\td\t0.0\ttest\t\"one, and\r\ntwo\"\t0.0\t3000.0\n")]
    public void Tables_as_spreadsheets_write_them_are_read(string text)
    {
        using TemporaryFolder folder = new();

        Utterance utterance = Assert.Single(Manifest.Read(folder.Write("m.csv", text)).Utterances);

        Assert.Equal((0, 3000, "one, and\r\ntwo"), (utterance.StartMs, utterance.EndMs, utterance.Text));
    }

    [Fact]
    public void A_table_with_tabs_may_be_called_so_and_what_may_have_been_meant_by_a_time_is_named()
    {
        using TemporaryFolder folder = new();

        Corpus corpus = Manifest.Read(folder.Write("m.tsv", "media\ttext\tstart\nhttps://host/a.wav\tHi, you\t0\n"), readLabels: false);

        Utterance utterance = Assert.Single(corpus.Utterances);
        Assert.Equal(("Hi, you", "https://host/a.wav", null), (utterance.Text, utterance.MissingMedia, utterance.Media));
        Assert.Contains("field 'start' is not part of a manifest; ignored: start_ms and end_ms are", corpus.Notes.Select(note => note.Message));
    }

    [Fact]
    public void A_column_that_is_missing_is_told_with_those_that_are_there()
    {
        using TemporaryFolder folder = new();

        CorpusException error = Assert.Throws<CorpusException>(() => Manifest.Read(folder.Write("m.csv", "file,text\na.wav,Hi\n"), readLabels: false));

        Assert.Contains("line 1, field media: found no such column among 'file,text', expected one", error.Message);
    }

    [Theory]
    [InlineData("clips\\\\a b.mp4")]
    [InlineData("clips/a%20b.mp4")]
    public void Media_are_found_however_their_names_were_written(string name)
    {
        using TemporaryFolder folder = new();
        string media = folder.Write("clips/a b.mp4", "x");
        string path = folder.Write("m.jsonl", $$"""{"id":"a","dialogue":"d","index":0,"split":"test","media":"{{name}}"}""");

        Assert.Equal(media, Assert.Single(Manifest.Read(path).Utterances).Media);
    }

    [Fact]
    public void Bad_lines_can_be_left_out_one_by_one()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("m.jsonl", """
            {"id":"a","dialogue":"d","index":0,"split":"test"}
            {"id":"b","dialogue":"d","index":1,"split":"test","emotion":"calm"}
            {"id":"c","dialogue":"d","index":2,"split":"test","start_ms":NaN}
            {"id":"d","dialogue":"d","index":3,"split":"test","start_ms":"0"}
            {"id":"a","dialogue":"d","index":4,"split":"test"}
            {"id":"f","dialogue":"d","index":5,"split":"test"}
            """);
        List<int?> lines = [];

        Corpus corpus = Manifest.Read(path, bad => lines.Add(bad.Line));

        Assert.Equal(["a", "f"], corpus.Utterances.Select(utterance => utterance.Id));
        Assert.Equal([2, 3, 4, 5], lines);
        Assert.Equal((1, 6), (corpus.Lines["a"], corpus.Lines["f"]));
    }

    [Fact]
    public void Columns_that_may_be_absent_may_be_absent_and_others_are_noted()
    {
        Corpus corpus = Read("id,dialogue,index,split,mood", "a,d,0,dev,fine");

        Assert.Equal(new Utterance { Id = "a", Dialogue = "d", Index = 0, Split = Split.Dev }, Assert.Single(corpus.Utterances));
        Assert.Equal("field 'mood' is not part of a manifest; ignored", Assert.Single(corpus.Notes).Message);
    }

    [Theory]
    [InlineData(",d,0,,,,dev,,,", "id")]
    [InlineData("a,,0,,,,dev,,,", "dialogue")]
    [InlineData("a,d,,,,,dev,,,", "index")]
    [InlineData("a,d,-1,,,,dev,,,", "index")]
    [InlineData("a,d,1.5,,,,dev,,,", "index")]
    [InlineData("a,d,0,,,calm,dev,,,", "emotion")]
    [InlineData("a,d,0,,,,validation,,,", "split")]
    [InlineData("a,d,0,,,,dev,,5,5", "end_ms")]
    [InlineData("a,d,0,,,,dev,,99999999999,", "start_ms")]
    [InlineData("z,d,0,,,,dev,,,", "id")]
    [InlineData("a,y,9,,,,train,,,", "index")]
    [InlineData("a,y,0,,,,dev,,,", "split")]
    public void A_field_that_is_wrong_is_reported_with_its_line_and_name(string row, string field)
    {
        CorpusException error = Assert.Throws<CorpusException>(() => Read(Header, "z,y,9,,,,train,,,", row));

        Assert.EndsWith("m.csv", error.File);
        Assert.Equal((3, field), (error.Line, error.Field));
    }

    [Theory]
    [InlineData("a,d,0,,,,dev,,,,")]
    [InlineData("a,d,0")]
    [InlineData("a,d,0,,\"no end,,dev,,,")]
    public void A_row_whose_quotes_or_columns_do_not_match_is_an_error_on_its_line(string row) =>
        Assert.Equal(2, Assert.Throws<CorpusException>(() => Read(Header, row)).Line);

    [Theory]
    [InlineData("id,dialogue,index", "split")]
    [InlineData("id,dialogue,index,split,text,text", "text")]
    public void A_column_that_is_missing_or_comes_twice_is_an_error_that_names_it(string header, string column) =>
        Assert.Equal(column, Assert.Throws<CorpusException>(() => Read(header)).Field);

    private static Corpus Read(params string[] lines)
    {
        using TemporaryFolder folder = new();
        return Manifest.Read(folder.Write("m.csv", string.Join("\r\n", lines) + "\r\n"));
    }
}
