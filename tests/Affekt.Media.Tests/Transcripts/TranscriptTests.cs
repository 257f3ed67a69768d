using System.Text;
using Affekt.Media.Transcripts;
using Affekt.Tests;

namespace Affekt.Media.Tests.Transcripts;

public sealed class TranscriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Subrip_gives_times_speakers_and_words_without_styling()
    {
        IReadOnlyList<SpokenLine> lines = Read(
            "a.srt",
            """
            1
            00:00:01,500 --> 00:00:03,000
            <i>JOEY:</i> But then <b>who</b>?
            The <font color="red">waitress</font>?

            2
            00:00:03,200 --> 00:00:04,000 X1:10 X2:20
            {\an8}Mr. Geller: Tom &amp; Ann

            3
            01:00:00,000 --> 01:00:02,000
            [door slams]

            4
            01:00:02,000 --> 01:00:03,000
            Half past 9: that was when we left.

            """);

        Assert.Equal(
            [
                Line(1500, 3000, "Joey", "But then who? The waitress?"),
                Line(3200, 4000, "Mr. Geller", "Tom & Ann"),
                Line(3_602_000, 3_603_000, null, "Half past 9: that was when we left."),
            ],
            lines);
    }

    [Fact]
    public void Subrip_as_it_is_found_is_read_too()
    {
        // No numbers, no hours, dots for commas, no blank line between, one within, out of order, overlapping, CRLF, a mark.
        string text = "\ufeff00:05.5 --> 00:07.25\r\nlater\r\n\r\nstill later\r\n2\r\n00:01 --> 00:06,5\r\nfirst\r\n00:06:00.000-->00:06:01.000\r\nlast";

        IReadOnlyList<SpokenLine> lines = Read("a.srt", text);

        Assert.Equal(
            [
                Line(1000, 6500, null, "first"), Line(5500, 7250, null, "later still later"), Line(360_000, 361_000, null, "last"),
            ],
            lines);
    }

    [Fact]
    public void Webvtt_voice_tags_name_speakers_and_notes_and_styles_are_not_said()
    {
        IReadOnlyList<SpokenLine> lines = Read(
            "a.vtt",
            """
            WEBVTT - made by hand
            Kind: captions

            NOTE
            nobody says this --> never

            STYLE
            ::cue { color: red }

            intro
            00:01.000 --> 00:03.000 align:start position:10%
            <v.loud Joey Tribbiani>Hey!</v> <00:00:02.000><c.yellow>How you doin'?</c>

            00:03.000 --> 00:05.000
            <v Ann>Nice &lt;one&gt;.</v>
            <v Bob>Indeed, so.</v>

            NOTE the end
            """);

        Assert.Equal(
            [
                Line(1000, 3000, "Joey Tribbiani", "Hey! How you doin'?"),
                Line(3000, 4000, "Ann", "Nice <one>."),
                Line(4000, 5000, "Bob", "Indeed, so."),
            ],
            lines);
    }

    [Fact]
    public void Dashes_in_one_caption_are_two_speakers_who_share_its_time()
    {
        IReadOnlyList<SpokenLine> lines = Read("a.srt", "00:00:00,000 --> 00:00:04,000\n- abcdefghi\n- abc\n");

        Assert.Equal([Line(0, 3000, null, "abcdefghi"), Line(3000, 4000, null, "abc")], lines);
    }

    [Theory]
    [InlineData("a.jsonl", "{\"text\":\"Hi.\",\"speaker\":\"Ann\",\"start_ms\":500,\"end_ms\":1500}\n\n{\"text\":\"BOB: Ho\",\"start_ms\":2000,\"end_ms\":3000,\"emotion\":\"joy\"}\n")]
    [InlineData("a.jsonl", "{\"text\":\"Hi.\",\"speaker\":\"Ann\",\"start\":0.5,\"end\":\"00:01.500\"}\n{\"text\":\"BOB: Ho\",\"start\":2,\"end\":3}")]
    [InlineData("a.csv", "start_ms,end_ms,Speaker,text\r\n500,1500,Ann,Hi.\r\n2000,3000,,\"BOB: Ho\"\r\n")]
    [InlineData("a.csv", "text;start;end;speaker\n\"Hi.\";0.5;1.5;Ann\n\"BOB:\nHo\";0:00:02.000;0:00:03;\n")]
    public void Tables_give_the_same_lines_in_whatever_unit_and_layout(string name, string text) =>
        Assert.Equal([Line(500, 1500, "Ann", "Hi."), Line(2000, 3000, "Bob", "Ho")], Read(name, text));

    [Fact]
    public void Plain_text_is_an_utterance_a_line_without_times()
    {
        IReadOnlyList<SpokenLine> lines = Read("a.txt", "MONICA: There's nothing to tell!\n\n  He's just some guy.\nNurse #1: Next\n");

        Assert.Equal(
            [
                new SpokenLine(null, "Monica", "There's nothing to tell!"), new SpokenLine(null, null, "He's just some guy."),
                new SpokenLine(null, "Nurse #1", "Next"),
            ],
            lines);
    }

    [Fact]
    public void Utf16_and_latin1_are_understood()
    {
        const string Text = "00:01 --> 00:02\nnaïve café\n";
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.Latin1, Encoding.UTF8 })
        {
            string file = _folder.At("a.srt");
            File.WriteAllText(file, Text, encoding);

            Assert.Equal("naïve café", Assert.Single(Transcript.Read(file)).Text);
        }
    }

    [Theory]
    [InlineData("a.srt", "1\n00:00:02,000 --> 00:00:01,000\nx\n", 2, "an end later than the start")]
    [InlineData("a.srt", "1\n00:00:02,000 --> 00:00:02,000\nx\n", 2, "an end later than the start")]
    [InlineData("a.srt", "1\n00:00:aa,000 --> 00:00:01,000\nx\n", 2, "a time such as")]
    [InlineData("a.srt", "1\n00:99:00,000 --> 00:99:01,000\nx\n", 2, "a time such as")]
    [InlineData("a.srt", "1\n00:00:01,000 -->\nx\n", 2, "a time such as")]
    [InlineData("a.srt", "These are words.\nNo times.\n", 1, "a line of times")]
    [InlineData("a.srt", "\n\n", null, "at least one")]
    [InlineData("a.vtt", "Words alone\n", 1, "WEBVTT")]
    [InlineData("a.json", "{\"results\":[]}", 1, "a list of objects with text")]
    [InlineData("a.json", "{\"text\":\"a\",\n", 2, "a list of objects with text")]
    [InlineData("a.jsonl", "{\"text\":\"a\"}\nnot json\n", 2, "one JSON object")]
    [InlineData("a.jsonl", "{\"text\":\"a\",\"end_ms\":1}\n", 1, "both, or a start alone")]
    [InlineData("a.jsonl", "{\"text\":\"a\"},\n", 1, "one JSON object")]
    [InlineData("a.jsonl", "{\"text\":\"a\",\"start\":\"NaN\",\"end\":2}\n", 1, "seconds from 0")]
    [InlineData("a.csv", "text,start,text\nx,2,1\n", 1, "one")]
    [InlineData("a.jsonl", "{\"text\":\"a\",\"start_ms\":-1,\"end_ms\":2}\n", 1, "milliseconds from 0")]
    [InlineData("a.jsonl", "{\"words\":\"a\"}\n", 1, "the field text")]
    [InlineData("a.csv", "start,end\n1,2\n", 1, "one named text")]
    [InlineData("a.csv", "text,start,end\nx,2,1\n", 2, "an end later than the start")]
    [InlineData("a.csv", "text\n\"open\n", 2, "two quotes")]
    [InlineData("a.txt", "a\0b", 1, "text")]
    [InlineData("a.doc", "x", null, ".srt, .vtt")]
    public void What_cannot_be_read_says_where_and_what_was_expected(string name, string text, int? line, string expected)
    {
        TranscriptException error = Assert.Throws<TranscriptException>(() => Read(name, text));

        Assert.Equal(line, error.Line);
        Assert.Contains(expected, error.Expected);
        Assert.Contains(name, error.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_as_such() =>
        Assert.Equal(
            "no such file", Assert.Throws<TranscriptException>(() => Transcript.Read(_folder.At("absent.srt"))).Found);

    private static SpokenLine Line(double startMs, double endMs, string? speaker, string text) =>
        new(TimeRange.FromMilliseconds(startMs, endMs), speaker, text);

    private IReadOnlyList<SpokenLine> Read(string name, string text)
    {
        string file = _folder.At(name);
        File.WriteAllText(file, text);
        return Transcript.Read(file);
    }
}
