using System.Text;
using Affekt.Media.Transcripts;
using Affekt.Tests;

namespace Affekt.Media.Tests.Transcripts;

/// <summary>Transcripts as they are found: what is odd costs no more than itself, and is told.</summary>
public sealed class OddTranscriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Captions_that_roll_are_read_once()
    {
        // As YouTube writes them: the line before stays on the screen, and ten milliseconds part the steps.
        const string Vtt = """
            WEBVTT
            Kind: captions
            Language: en

            00:00:00.000 --> 00:00:02.000 align:start position:0%
             
            birds<00:00:00.300><c> sing</c><00:00:01.000><c> in</c><00:00:01.500><c> spring</c>

            00:00:02.000 --> 00:00:02.010 align:start position:0%
            birds sing in spring
             

            00:00:02.010 --> 00:00:04.000 align:start position:0%
            birds sing in spring
            and<00:00:02.500><c> we</c><00:00:03.000><c> listen</c>

            00:00:04.000 --> 00:00:04.010 align:start position:0%
            and we listen
             

            00:00:04.010 --> 00:00:06.000 align:start position:0%
            and we listen
            all<00:00:04.500><c> day</c>
            """;

        Assert.Equal(
            [Line(0, 2000, "birds sing in spring"), Line(2010, 4000, "and we listen"), Line(4010, 6000, "all day")], Read("a.vtt", Vtt));
    }

    [Fact]
    public void Captions_of_two_or_three_lines_that_roll_are_read_once() =>
        Assert.Equal(
            [Line(0, 1000, "one is here"), Line(1000, 2000, "two is here"), Line(2000, 3000, "three is here"), Line(3000, 4000, "four")],
            Read("a.srt", """
                00:00 --> 00:01
                one is here

                00:01 --> 00:02
                one is here
                two is here

                00:02 --> 00:03
                one is here
                two is here
                three is here

                00:03 --> 00:04
                two is here
                three is here
                four
                """));

    [Fact]
    public void Captions_that_grow_word_by_word_are_read_once() =>
        Assert.Equal(
            [Line(0, 3000, "we walked home"), Line(3000, 4000, "it rained")],
            Read("a.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nwe\n\n00:01.000 --> 00:02.000\nwe walked\n\n00:02.000 --> 00:03.000\nwe walked home\n\n"
                + "00:03.000 --> 00:04.000\nwe walked home\nit rained\n"));

    [Fact]
    public void Who_says_the_same_twice_says_it_twice() =>
        Assert.Equal(
            [Line(0, 1000, "No."), Line(1000, 2000, "No."), Line(2000, 3000, "Please go.")],
            Read("a.srt", "00:00 --> 00:01\nNo.\n\n00:01 --> 00:02\nNo.\n\n00:02 --> 00:03\nPlease go.\n"));

    [Fact]
    public void A_caption_without_length_gives_its_words_to_the_next_and_is_told()
    {
        IReadOnlyList<SpokenLine> lines = Read(
            "a.srt", "1\n00:00:00,000 --> 00:00:02,000\nOh!\n\n2\n00:00:02,000 --> 00:00:02,000\nYou\n\n3\n00:00:02,000 --> 00:00:04,500\ncame?\n",
            out List<MediaWarning> warnings);

        Assert.Equal([Line(0, 2000, "Oh!"), Line(2000, 4500, "You came?")], lines);
        MediaWarning warning = Assert.Single(warnings);
        Assert.Equal(MediaWarning.TranscriptLines, warning.Code);
        Assert.Equal(
            $"{_folder.At("a.srt")}, line 6: found an entry without length at 00:00:02, expected an end later than the start; "
                + "the words were joined to the next entry's.",
            warning.Message);
    }

    [Theory]
    [InlineData("a.srt", "00:00 --> 00:01\nfirst\n\n00:09 --> 00:08\nno\n\n00:02 --> 00:03\nlast\n", 4)]
    [InlineData("a.srt", "00:00 --> 00:01\nfirst\n\n00:0x --> 00:08\nno\n\n00:02 --> 00:03\nlast\n", 4)]
    [InlineData("a.srt", "Made by hand.\n\n00:00 --> 00:01\nfirst\n\n00:02 --> 00:03\nlast\n", 1)]
    [InlineData("a.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nfirst\n\nno\n\n00:02.000 --> 00:03.000\nlast\n", 6)]
    [InlineData("a.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nfirst\n\n00:01.500 --> 00:01.400\nno\n\n00:02.000 --> 00:03.000\nlast\n", 6)]
    [InlineData("a.jsonl", "{\"text\":\"first\",\"start\":0,\"end\":1}\n{\"text\":\"no\",\"start\":-5,\"end\":1}\n{\"text\":\"last\",\"start\":2,\"end\":3}\n", 2)]
    [InlineData("a.csv", "start,end,text\n0,1,first\n9,8,no\n2,3,last\n", 3)]
    [InlineData("a.jsonl", "{\"text\":\"first\",\"start\":0,\"end\":1}\n{\"text\":\"no\"}\n{\"text\":\"last\",\"start\":2,\"end\":3}\n", 2)]
    [InlineData("a.json", "[{\"text\":\"first\",\"start\":0,\"end\":1},\n{\"text\":7},\n{\"text\":\"last\",\"start\":2,\"end\":3}]", 2)]
    [InlineData("a.json", "{\"a\":[{}],\"b\":[{\"text\":\"first\",\"start\":0,\"end\":1},\n{},\n[],{\"text\":\"last\",\"start\":2,\"end\":3}]}", 3)]
    [InlineData("a.ass", "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,A,,0,0,0,,first\nDialogue: 0,no,0:00:01.00,A,,0,0,0,,no\n"
        + "Dialogue: 0,0:00:01.00,0:00:02.00,A,,0,0,0,,{\\p4}m 0 0 l 100 0{\\p0}\n"
        + "Dialogue: 0,0:00:02.00,0:00:03.00,A,,0,0,0,,{\\i1}last{\\i0}\n", 4)]
    public void What_cannot_be_read_is_left_out_and_told_and_the_rest_is_read(string name, string text, int line)
    {
        Assert.Equal([Line(0, 1000, "first"), Line(2000, 3000, "last")], Read(name, text, out List<MediaWarning> warnings));
        Assert.Contains($"{name}, line {line}: found ", Assert.Single(warnings).Message);
    }

    [Fact]
    public void Many_faults_of_one_kind_are_one_warning_with_the_first_lines()
    {
        string text = string.Concat(Enumerable.Range(0, 7).Select(_ => "00:09 --> 00:08\nno\n\n")) + "00:00 --> 00:01\nyes\n";

        Assert.Equal([Line(0, 1000, "yes")], Read("a.srt", text, out List<MediaWarning> warnings));
        Assert.EndsWith("left out (7 such lines: 1, 4, 7, 10, 13, ...).", Assert.Single(warnings).Message);
    }

    [Theory]
    [InlineData("WEBVTT\n00:00.000 --> 00:01.000\nfirst\n\n00:02.000 --> 00:03.000\nlast\n")]
    [InlineData("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n00:00.000 --> 00:01.000\nfirst\n\nid 2\n00:02.000 --> 00:03.000 line:0\nlast\n")]
    [InlineData("WEBVTT\r\rREGION\rid:bill\r\rSTYLE\r::cue { color: red }\r\r00:00.000 --> 00:01.000\rfirst\r\r00:02.000 --> 00:03.000\rlast")]
    public void The_header_of_webvtt_ends_where_captions_begin(string text) =>
        Assert.Equal([Line(0, 1000, "first"), Line(2000, 3000, "last")], Read("a.vtt", text, warned: false));

    [Theory]
    [InlineData("1\r\r\n00:00:00,000 --> 00:00:01,000\r\r\nfirst\r\r\n\r\r\n2\r\r\n00:00:02,000 --> 00:00:03,000\r\r\nlast\r\r\n")]
    [InlineData("1\n\n00:00:00,000 --> 00:00:01,000\n\nfirst\n\n\n\n2\n\n00:00:02,000 --> 00:00:03,000\n\nlast\n\n")]
    [InlineData("1\r00:00:00,000 --> 00:00:01,000\rfirst\r\r2\r00:00:02,000 --> 00:00:03,000\rlast\r")]
    [InlineData("-00:00:01,000 --> 00:00:01,000\nfirst\n\n00:00:02,000 --> 00:00:03,000\nlast\n")]
    [InlineData("00:00:00.000 --> 00:00:01.000\n{\\an8}{\\i1}first{\\i0}\n\n00:02 --> 00:03\n<v Ann></v><i>la</i>st\n")]
    [InlineData("WEBVTT\n\n00:00.000 --> 00:01.000\nfirst\n\n00:02.000 --> 00:03.000\nlast\n")]
    public void Subrip_in_whatever_line_ends_and_layout_gives_the_same(string text) =>
        Assert.Equal(["first", "last"], Read("a.srt", text, warned: false).Select(line => line.Text));

    [Fact]
    public void Times_that_are_spoken_are_words() =>
        Assert.Equal(["7:30, 8:30"], Read("a.srt", "1\n00:00:00,000 --> 00:00:01,000\n7:30, 8:30\n", warned: false).Select(line => line.Text));

    [Theory]
    [InlineData("a.srt", "1\n00: 00: 00, 000 -> 00: 00: 01, 000\nfirst\n\n2\n00:00:02,000 -- > 00:00:03,000\nlast\n")]
    [InlineData("a.srt", "1\n00:00:00,000 —> 00:00:01,000\nfirst\n\n2\n00:00:02,000 → 00:00:03,000\nlast\n")]
    [InlineData("a.sbv", "0:00:00.000,0:00:01.000\nfirst\n\n0:00:02.000,0:00:03.000\nlast\n")]
    [InlineData("a.txt", "1\n00:00:00,000 --> 00:00:01,000\nfirst\n\n2\n00:00:02,000 --> 00:00:03,000\nlast\n")]
    [InlineData("a.vtt", "1\n00:00:00,000 --> 00:00:01,000\nfirst\n\n2\n00:00:02,000 --> 00:00:03,000\nlast\n")]
    [InlineData("a.txt", "[00:00.000 --> 00:01.000]  first\n[00:02.000 --> 00:03.000]  last\n")]
    [InlineData("a.srt", "[Script Info]\n\n[Events]\nFormat: Start, End, Text\nDialogue: 0:00:00.00,0:00:01.00,first\nDialogue: 0:00:02.00,0:00:03.00,last\n")]
    [InlineData("a.json", "{\"text\":\"first last\",\"segments\":[{\"start\":0.0,\"end\":1.0,\"text\":\" first\",\"avg_logprob\":NaN},{\"start\":2,\"end\":3,\"text\":\"last\"}]}")]
    [InlineData("a.json", "{\"chunks\":[{\"timestamp\":[0.0,1.0],\"text\":\"first\"},{\"timestamp\":[2.0,3.0],\"text\":\"last\"}]}")]
    [InlineData("a.json", "{\"transcription\":[{\"offsets\":{\"from\":0,\"to\":1000},\"text\":\"first\"},{\"offsets\":{\"from\":2000,\"to\":3000},\"text\":\"last\"}]}")]
    [InlineData("a.json", "{\"results\":{\"transcripts\":[{\"transcript\":\"first last\"}],\"audio_segments\":[{\"transcript\":\"first\",\"start_time\":\"0.0\",\"end_time\":\"1.0\"},"
        + "{\"transcript\":\"last\",\"start_time\":\"2.0\",\"end_time\":\"3.0\"}]}}")]
    [InlineData("a.json", "{\"schema\":\"affekt.recognition/2\",\"utterances\":[{\"start_ms\":0,\"end_ms\":1000,\"text\":\"first\"},{\"start_ms\":2000,\"end_ms\":3000,\"text\":\"last\"}]}")]
    [InlineData("a.json", "{\"results\":[{\"alternatives\":[{\"transcript\":\"first\",\"confidence\":0.9,\"words\":[{\"startTime\":\"0s\",\"endTime\":\"1s\",\"word\":\"first\"}]},{\"transcript\":\"thirst\"}]},"
        + "{\"alternatives\":[{\"transcript\":\" last\",\"words\":[{\"startTime\":\"2s\",\"endTime\":\"2.500s\",\"word\":\"la\"},{\"startTime\":\"2.500s\",\"endTime\":\"3s\",\"word\":\"st\"}]}]}]}")]
    [InlineData("a.json", "{\"combinedRecognizedPhrases\":[{\"channel\":0,\"display\":\"first last\"}],\"recognizedPhrases\":[{\"offset\":\"PT0S\",\"duration\":\"PT1S\",\"offsetInTicks\":0.0,\"durationInTicks\":10000000.0,"
        + "\"nBest\":[{\"confidence\":0.9,\"lexical\":\"first\",\"display\":\"first\"}]},{\"offset\":\"PT2S\",\"duration\":\"PT1S\",\"offsetInTicks\":20000000.0,\"durationInTicks\":10000000.0,\"nBest\":[{\"display\":\"last\"}]}]}")]
    [InlineData("a.json", "{\"durationMilliseconds\":3000,\"combinedPhrases\":[{\"text\":\"first last\"}],\"phrases\":[{\"offsetMilliseconds\":0,\"durationMilliseconds\":1000,\"text\":\"first\",\"words\":[{\"text\":\"first\",\"offsetMilliseconds\":0,\"durationMilliseconds\":1000}]},"
        + "{\"offsetMilliseconds\":2000,\"durationMilliseconds\":1000,\"text\":\"last\"}]}")]
    [InlineData("a.jsonl", "[\n{\"start\":0,\"end\":1,\"text\":\"first\"},\n{\"start\":2,\"end\":3,\"text\":\"last\"}\n]")]
    [InlineData("a.csv", "Start time;End time;Transcript\n0,0;1,0;first\n2,0;3,0;last\n")]
    [InlineData("a.csv", "Utterance,StartTime,EndTime\nfirst,\"00:00:00,000\",\"00:00:01,000\"\nlast,\"00:00:02,000\",\"00:00:03,000\"\n")]
    [InlineData("a.tsv", "Tier\tBegin Time - hh:mm:ss.ms\tBegin Time - ss.msec\tEnd Time - hh:mm:ss.ms\tAnnotation\n\t00:00:00.000\t0.0\t00:00:01.000\tfirst\n\t00:00:02.000\t2.0\t00:00:03.000\tlast\n")]
    [InlineData("a.csv", "Start (ms),End (ms),Sentence\n0,1000,first\n2000,3000,last\n")]
    [InlineData("a.csv", "Start [s],Duration [s],Text\n0.0,1.0,first\n2.0,1.0,last\n")]
    [InlineData("a.json", "[{\"text\":\"first\",\"start\":0,\"end\":1,\"tier\":{},\"offset\":7},{\"text\":\"last\",\"start\":2,\"end\":3,\"participant\":[1]}]")]
    [InlineData("a.csv", "start_sec,end_sec,text\n0.0,1.0,first\n2.0,3.0,last\n")]
    [InlineData("a.csv", "offset,onset,transcription\n1,0,first\n3,2,last\n")]
    [InlineData("a.csv", "offset,duration,text\n0,1,first\n2,1,last\n")]
    [InlineData("a.tsv", "tmin\ttext\ttmax\n0\tfirst\t1\n2\tlast\t3\n")]
    [InlineData("a.json", "[{\"text\":\"first\",\"start\":0.0,\"duration\":1.0},{\"text\":\"last\",\"start\":2.0,\"duration\":1.0}]")]
    [InlineData("a.json", "{\"NBest\":[],\"phrases\":[{\"Offset\":0,\"Duration\":10000000,\"NBest\":[{\"Display\":\"first\"}]},{\"Offset\":20000000,\"Duration\":10000000,\"NBest\":[{\"Display\":\"last\"}]}]}")]
    [InlineData("a.json", "{\"Transcript\":[{\"Content\":\"first\",\"BeginOffsetMillis\":0,\"EndOffsetMillis\":1000},{\"Content\":\"last\",\"BeginOffsetMillis\":2000,\"EndOffsetMillis\":3000}]}")]
    [InlineData("a.txt", "[0.00s -> 1.00s] first\n[2.00s -> 3.00s] last\n")]
    [InlineData("a.txt", "[ 00:00:00.000 -->  00:00:01.000 ] first\n[00:02 - 00:03] last\n")]
    [InlineData("a.txt", "0.000000\t1.000000\tfirst\n\\\t100.000000\t200.000000\n2,000000\t3,000000\tlast\n")]
    [InlineData("a.srt", "1\n00:00:0,000 --> 00:00:1,00\nfirst\n2\n00:00:2,0 --> 00:00:03\nlast\n")]
    public void What_other_programs_write_is_read_as_they_mean_it(string name, string text) =>
        Assert.Equal([Line(0, 1000, "first"), Line(2000, 3000, "last")], Read(name, text, warned: false));

    [Theory]
    [InlineData("a.tsv", "start\tend\ttext\n0\t1000\t\"Oh no, she said\n2000\t3000\tlast\n")]
    [InlineData("a.json", "{\"words\":[{\"text\":\"Oh\",\"start\":0,\"end\":200},{\"text\":\"no\",\"start\":1,\"end\":2},{\"text\":\"last\",\"start\":3,\"end\":4}],"
        + "\"utterances\":[{\"start\":0,\"end\":1000,\"text\":\"\\\"Oh no, she said\"},{\"start\":2000,\"end\":3000,\"text\":\"last\"}]}")]
    public void Whole_numbers_that_give_a_word_minutes_are_milliseconds_and_that_is_told(string name, string text)
    {
        Assert.Equal([Line(0, 1000, "\"Oh no, she said"), Line(2000, 3000, "last")], Read(name, text, out List<MediaWarning> warnings));
        Assert.Contains("read as milliseconds", Assert.Single(warnings).Message);
        Assert.Equal([Line(0, 99_000, "Hm.")], Read("b.csv", "start,end,text\n0,99,Hm.\n", warned: false));
    }

    [Theory]
    [InlineData("Ann Smith  0:00  \nfirst\n\nBob  0:02\nlast\nof all\n\nTranscribed by https://otter.ai\n")]
    [InlineData("Ann Smith (00:00):\nfirst\n\nBob (00:02):\nlast\n\nof all\n")]
    public void Paragraphs_below_a_name_and_a_time_are_what_that_speaker_says_from_then_on(string text) =>
        Assert.Equal(
            [("Ann Smith", 0, "first"), ("Bob", 2, "last of all")],
            Read("a.txt", text, warned: false).Select(line => (line.Speaker, (int)line.Time!.Value.Start.TotalSeconds, line.Text)));

    [Theory]
    [InlineData("[12/03/2023, 14:05:33] Ann: \u200eMessages are end-to-end encrypted.\n[12/03/2023, 14:05:40] Ann: First: hello,\nall of you\n\u200e[12/03/2023, 14:06:01] +49 171 55: last\n")]
    [InlineData("12.03.23, 14:05 - Ann created the group\n12.03.23, 14:05 - Ann: First: hello,\nall of you\n12.03.23, 14:06 - +49 171 55: last\n")]
    [InlineData("3/12/23, 2:05\u202fPM - Ann: First: hello,\nall of you\n3/12/23, 2:06\u202fPM - Ann: <Media omitted>\n3/12/23, 2:06\u202fPM - +49 171 55: last\n")]
    public void A_chats_messages_are_what_their_writers_say_without_times(string text)
    {
        IReadOnlyList<SpokenLine> lines = Read("a.txt", text, out List<MediaWarning> warnings);

        Assert.Equal([new SpokenLine(null, "Ann", "First: hello, all of you"), new SpokenLine(null, "+49 171 55", "last")], lines);
        Assert.Contains("left out", Assert.Single(warnings).Message);
    }

    [Fact]
    public void Plain_text_with_a_time_or_a_date_in_it_is_an_utterance_a_line() =>
        Assert.Equal(
            ["We met at 10:30", "It was 12/03/2023, 14:05 and cold", "Bye"],
            Read("a.txt", "We met at 10:30\nIt was 12/03/2023, 14:05 and cold\nBye\n", warned: false).Select(line => line.Text));

    [Fact]
    public void A_line_that_ends_with_a_time_is_no_head_where_nothing_stands_below_it() =>
        Assert.Equal("See you there (10:30)", Assert.Single(Read("a.txt", "See you there (10:30)\n", warned: false)).Text);

    [Fact]
    public void A_line_that_ends_with_a_time_is_said_where_heads_have_their_words_below_them() =>
        Assert.Equal(
            [("Ann", 5, "We meet then. See you there (10:30)"), ("Bob", 12, "Yes.")],
            Read("a.txt", "Ann (0:05)\nWe meet then.\n\nSee you there (10:30)\n\nBob (0:12)\nYes.\n", warned: false)
                .Select(line => (line.Speaker, (int)line.Time!.Value.Start.TotalSeconds, line.Text)));

    [Theory]
    [InlineData("0:05\nwe meet at\n7:30 then\n0:12\nyes\n")]
    [InlineData("0:05 we meet at 7:30 then\n0:12 yes\n")]
    [InlineData("00:00:05.000 - we meet at 7:30 then\n\n00:00:12.000 - yes\n")]
    public void Words_behind_or_below_a_time_are_said_from_then_on(string text) =>
        Assert.Equal(
            [(5, "we meet at 7:30 then"), (12, "yes")],
            Read("a.txt", text, warned: false).Select(line => ((int)line.Time!.Value.Start.TotalSeconds, line.Text)));

    [Theory]
    [InlineData("7:30 is too early\n")]
    [InlineData("7:30 is too early\nSo is eight\n")]
    [InlineData("10:30 is too late\n9:30 is better\n")]
    [InlineData("[1] is a footnote\n[2.5] is another\n")]
    public void Plain_text_that_begins_with_a_time_or_a_number_stays_plain(string text) =>
        Assert.All(Read("a.txt", text, warned: false), line => Assert.Null(line.Time));

    // Each would take minutes if all lines before were copied for every line.
    [Theory]
    [InlineData("a.txt", "Ann  0:00\n", "words\n")]
    [InlineData("a.csv", "start,end,text\n0,1,first\n", "1,1,words\n")]
    public void A_line_of_very_many_lines_is_read(string name, string begin, string again) =>
        Assert.EndsWith("words words", Assert.Single(Read(name, begin + string.Concat(Enumerable.Repeat(again, 100_000)))).Text);

    [Fact]
    public void What_only_Python_calls_a_number_is_none_and_the_same_word_in_a_line_stays() =>
        Assert.Equal(
            [Line(0, 1000, "Bread, NaN, and \"Infinity\"")],
            Read("a.json", "[{\"start\":0.0,\"end\":1.0,\"text\":\"Bread, NaN, and \\\"Infinity\\\"\",\"a\":-Infinity,\"b\":[NaN, NaN]}]", warned: false));

    // Each would take minutes if all of what is left were looked at from every place.
    [Theory]
    [InlineData("[", "   ")]
    [InlineData("[\"", "\\\"")]
    public void Long_json_that_is_none_is_refused(string begin, string again) =>
        Assert.Throws<TranscriptException>(() => Read("a.json", begin + string.Concat(Enumerable.Repeat(again, 300_000)) + " NaN"));

    [Theory]
    [InlineData("[SPEAKER_00]: Go away")]
    [InlineData("[Speaker_00] Go away")]
    [InlineData("(SPEAKER_00): Go away")]
    public void A_speaker_may_stand_in_brackets(string said) =>
        Assert.Equal(("Speaker_00", "Go away"), Assert.Single(Read("a.srt", $"00:00 --> 00:01\n{said}\n")) is var line ? (line.Speaker, line.Text) : default);

    [Fact]
    public void Speakers_may_be_numbers_and_what_is_heard_in_brackets_is_no_speaker()
    {
        Assert.Equal("0", Assert.Single(Read("a.jsonl", "{\"start\":0,\"end\":1,\"text\":\"Hi!\",\"speaker\":0}\n")).Speaker);
        Assert.Equal([Line(0, 1000, "[laughs] Go away")], Read("a.srt", "00:00 --> 00:01\n[laughs] Go away\n"));
    }

    [Fact]
    public void Text_in_an_encoding_that_nothing_tells_is_read_with_a_warning()
    {
        string file = _folder.At("ru.srt");
        File.WriteAllBytes(file, CodePagesEncodingProvider.Instance.GetEncoding(1251)!.GetBytes("00:01 --> 00:02\nЯ так счастлив\n"));
        List<MediaWarning> warnings = [];

        Assert.Single(Transcript.Read(file, warnings));
        Assert.Contains("12 characters that are not UTF-8", Assert.Single(warnings).Message);
    }

    [Fact]
    public void Subrip_shows_line_breaks_hard_blanks_entities_and_arrows_as_players_do() =>
        Assert.Equal(
            [Line(0, 1000, "one two three"), Line(1000, 2000, "Tom & Ann --> home")],
            Read("a.srt", "00:00 --> 00:01\none\\Ntwo\\hthree\n\n00:01 --> 00:02\nTom &amp; Ann --> home\n"));

    [Fact]
    public void How_a_word_is_pronounced_is_not_said_twice() =>
        Assert.Equal(
            ["東京へ行く"],
            Read("a.vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\n<ruby>東京<rt>とうきょう</rt></ruby>へ<ruby>行<rt>い</ruby>く\n", warned: false).Select(line => line.Text));

    [Fact]
    public void Lines_of_a_table_end_where_its_format_says()
    {
        Assert.Equal(
            [Line(0, 2000, "Oh my! You came?"), Line(2000, 4500, "all this way")],
            Read("a.jsonl", "{\"start\":0.0,\"end\":2.0,\"text\":\"Oh my!\u2028You came?\"}\n{\"start\":2.0,\"end\":4.5,\"text\":\"all\u0085this way\"}\r\n"));
        Assert.Equal(["Oh my goodness!", "You came all this way?"], Read("a.txt", "Oh my\u2028goodness!\nYou came\fall this way?\n").Select(line => line.Text));
        Assert.Equal(
            [Line(0, 2000, "Wait what is this"), Line(2000, 4500, "all this way")],
            Read("a.csv", "start,end,text\n0,2,Wait\u0085what is this\n2,4.5,\"all\nthis way\"\n"));
        Assert.Equal([Line(0, 2000, "a"), Line(2000, 3000, "b")], Read("a.csv", "sep=;\rstart;end;text\r0;2;a\r2;3;b\r"));
        Assert.Equal([Line(0, 2000, "a, b")], Read("a.csv", "start\tend\ttext\n0\t2\ta, b\n"));
    }

    [Fact]
    public void A_start_alone_lasts_until_the_next_and_times_alone_are_a_stretch_without_words()
    {
        IReadOnlyList<SpokenLine> lines = Read(
            "a.jsonl", "\ufeff{\"start\":0,\"speaker\":\"Ann\"}\n\n{\"start\":\"2\",\"end\":\"00:03\",\"text\":null}\n{\"start\":4,\"text\":\"last\"}\n");

        Assert.Equal(new SpokenLine(TimeRange.FromMilliseconds(0, 2000), "Ann", null), lines[0]);
        Assert.Equal(new SpokenLine(TimeRange.FromMilliseconds(2000, 3000), null, null), lines[1]);
        Assert.Equal(("last", TimeSpan.FromSeconds(4)), (lines[2].Text, lines[2].Time!.Value.Start));
        Assert.True(lines[2].Time!.Value.Length > TimeSpan.FromHours(24));
    }

    [Fact]
    public void Text_that_is_no_utf8_is_windows_1252_or_utf16_without_a_mark()
    {
        const string Said = "“Don’t you dare” – she said…";
        const string Srt = $"00:01 --> 00:02\n{Said}\n";
        byte[] windows = CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes(Srt);
        foreach (byte[] bytes in new[] { windows, Encoding.Unicode.GetBytes(Srt), Encoding.BigEndianUnicode.GetBytes(Srt), Encoding.UTF8.GetBytes(Srt) })
        {
            string file = _folder.At("b.srt");
            File.WriteAllBytes(file, bytes);

            Assert.Equal(Said, Assert.Single(Transcript.Read(file)).Text);
        }
    }

    [Fact]
    public void Utf8_with_a_broken_character_stays_utf8_and_is_told()
    {
        string file = _folder.At("a.srt");
        File.WriteAllBytes(file, [.. "00:01 --> 00:02\nDoña Inés “sí”\n"u8, 0xe2, 0x80]);
        List<MediaWarning> warnings = [];

        Assert.StartsWith("Doña Inés “sí”", Assert.Single(Transcript.Read(file, warnings)).Text);
        Assert.Contains("a.srt, line 3: found 1 broken characters, expected UTF-8", Assert.Single(warnings).Message);
    }

    private static SpokenLine Line(double startMs, double endMs, string text) => new(TimeRange.FromMilliseconds(startMs, endMs), null, text);

    private IReadOnlyList<SpokenLine> Read(string name, string text, bool warned = true)
    {
        IReadOnlyList<SpokenLine> lines = Read(name, text, out List<MediaWarning> warnings);
        Assert.True(warned || warnings.Count == 0, string.Join('\n', warnings.Select(warning => warning.Message)));
        return lines;
    }

    private IReadOnlyList<SpokenLine> Read(string name, string text, out List<MediaWarning> warnings)
    {
        string file = _folder.At(name);
        File.WriteAllText(file, text);
        warnings = [];
        return Transcript.Read(file, warnings);
    }
}
