using System.Security.Cryptography;
using System.Text;
using Affekt.Tests;

namespace Affekt.Corpora.Tests;

public sealed class MeldCorpusTests
{
    [Fact]
    public void The_published_files_give_the_published_counts()
    {
        Corpus corpus = ReadPublished();

        Assert.Equal([1038, 114, 280], Count(split => corpus.In(split).Count()));
        Assert.Equal([9989, 1109, 2610], Count(split => Utterances(corpus, split).Count()));
    }

    // The counts of MELD's own page, in the order neutral, joy, sadness, anger, fear, disgust, surprise.
    [Theory]
    [InlineData(Split.Train, new[] { 4710, 1743, 683, 1109, 268, 271, 1205 })]
    [InlineData(Split.Dev, new[] { 470, 163, 111, 153, 40, 22, 150 })]
    [InlineData(Split.Test, new[] { 1256, 402, 208, 345, 50, 68, 281 })]
    public void The_published_files_give_the_published_emotions(Split split, int[] counts)
    {
        Corpus corpus = ReadPublished();

        Assert.Equal(counts, Enum.GetValues<Emotion>().Select(e => Utterances(corpus, split).Count(u => (Emotion?)u.Label == e)));
    }

    // The counts of MELD's own page.
    [Fact]
    public void The_published_files_give_the_published_sentiments()
    {
        Corpus corpus = CorpusReader.Read(
            "meld", TestPaths.Shared("data/meld"), new CorpusReadOptions { Labels = LabelMap.Parse([], LabelSet.Sentiments) });

        Assert.Equal(LabelSet.Sentiments, corpus.Labels);
        Assert.Equal([4710, 2334, 2945], Counts(Split.Train));
        Assert.Equal([1256, 521, 833], Counts(Split.Test));

        IEnumerable<int> Counts(Split split) => LabelSet.Sentiments.Indices.Select(label => Utterances(corpus, split).Count(u => u.Label == label));
    }

    // SHA-256 of speaker, tab, text of every row, joined by line feeds, as Python's csv module reads the files.
    [Theory]
    [InlineData(Split.Train, "a7953e0591c522037dcd9cf69fdb31f429f9c24f831129d7223e66a319be9e70")]
    [InlineData(Split.Dev, "c5f78c12f47a4e0ae6f4df29ecfa60b69ca63457eea551bf47bd405ed36d0fbc")]
    [InlineData(Split.Test, "c1b6a6708c49db8aea46bfcfcdad90befb9d9f1dc007891b29aa1ba17cfde3f2")]
    public void Text_and_speakers_are_those_that_another_csv_reader_finds(Split split, string expected)
    {
        IEnumerable<string> rows = Utterances(ReadPublished(), split).Select(u => $"{u.Speaker}\t{u.Text}");

        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows)));

        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void The_four_implausible_durations_of_the_published_files_are_dropped_with_a_note()
    {
        Corpus corpus = ReadPublished();

        Assert.Equal(
            ["train_dia309_utt0", "test_dia38_utt4", "test_dia155_utt3", "test_dia220_utt0"],
            corpus.Utterances.Where(u => u.DurationMs is null).Select(u => u.Id));
        Assert.Equal(4, corpus.Notes.Count(note => note.Message.EndsWith("duration dropped", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_published_files_have_the_known_number_of_dialogues_with_gaps() => Assert.Equal(
        ["72", "2", "2"],
        ReadPublished().Notes.Where(note => note.Line is null).Select(note => note.Message.Split(' ')[0]));

    [Fact]
    public void A_time_with_two_decimals_is_read_as_hundredths() => Assert.Equal(
        6140, ReadPublished().Utterances.Single(u => u.Id == "test_dia187_utt2").DurationMs);

    [Fact]
    public void Ids_speakers_text_and_duration_are_read_from_a_row()
    {
        Utterance first = MeldFiles.ReadWithTrain(MeldFiles.Csv(MeldFiles.Rows)).Utterances.First();

        Assert.Equal(
            new Utterance
            {
                Id = "train_dia0_utt0",
                Dialogue = "train_dia0",
                Index = 0,
                Speaker = "Ann",
                Text = "Oh, it’s you. It’s really you.",
                Label = (int)Emotion.Joy,
                Split = Split.Train,
                DurationMs = 2793,
            },
            first);
    }

    [Theory]
    [InlineData(';')]
    [InlineData('\t')]
    public void A_table_that_a_spreadsheet_has_saved_with_its_own_separator_and_mark_reads_the_same(char separator)
    {
        // As a spreadsheet does: what holds its separator is quoted, what holds a comma need not be.
        string saved = "\ufeff" + MeldFiles.Header.Replace(',', separator) + "\r\n" + string.Join(separator, "1", "Oh, it’s you. It’s really you.", "Ann", "joy", "positive", "0", "0", "4", "7", "00:20:57,256", "00:21:00,049") + "\r\n";

        Assert.Equal(
            MeldFiles.ReadWithTrain(MeldFiles.Csv(MeldFiles.Rows[0])).Utterances.First(), MeldFiles.ReadWithTrain(saved).Utterances.First());
    }

    [Fact]
    public void A_file_in_the_encoding_of_old_spreadsheets_is_refused_with_the_way_to_convert_it()
    {
        using TemporaryFolder folder = new();
        string manifest = folder.Write("a.csv", [.. "media,text\na.wav,caf"u8, 0xE9]);

        Assert.Contains("a.csv, line 2: found byte 0xE9, expected text in UTF-8; iconv ", Assert.Throws<CorpusException>(() => Manifest.Read(manifest)).Message);
    }

    [Fact]
    public void Doubled_quotes_are_undone_and_damaged_ones_kept()
    {
        Utterance[] utterances = [.. Utterances(MeldFiles.ReadWithTrain(MeldFiles.Csv(MeldFiles.Rows)), Split.Train)];

        Assert.Equal("She said \"never\", twice", utterances[2].Text);
        Assert.Equal("Well\u0092then", utterances[4].Text);
    }

    [Fact]
    public void Numbers_that_the_file_skips_stay_skipped()
    {
        Corpus corpus = MeldFiles.ReadWithTrain(MeldFiles.Csv(MeldFiles.Rows));

        Assert.Equal([0, 1, 3], corpus.Dialogues[0].Utterances.Select(u => u.Index));
        Assert.Equal(["train_dia0", "train_dia2"], corpus.In(Split.Train).Select(dialogue => dialogue.Id));
    }

    [Fact]
    public void A_file_with_other_than_the_published_number_of_rows_is_noted() => Assert.Contains(
        MeldFiles.ReadWithTrain(MeldFiles.Csv(MeldFiles.Rows)).Notes,
        note => note.Message == "6 utterances; the published file has 9989");

    [Fact]
    public void Clips_are_found_in_the_published_folders_and_missing_ones_are_null()
    {
        using TemporaryFolder folder = new();
        MeldFiles.WriteAll(folder);
        string train = folder.Write("train_splits/dia0_utt1.mp4", "x");
        string test = folder.Write("output_repeated_splits_test/dia2_utt0.mp4", "x");
        folder.Write("output_repeated_splits_test/final_videos_testdia0_utt0.mp4", "x");
        folder.Write("output_repeated_splits_test/dia7_utt0.mp4", "x");
        folder.Write("output_repeated_splits_test/._dia2_utt0.mp4", "x");

        Corpus corpus = MeldCorpus.Read(folder.Path);

        Assert.Equal([train, test], corpus.Utterances.Select(u => u.Media).OfType<string>());
        Assert.Equal(5 + 5, corpus.Utterances.Count(u => u.MissingMedia is not null));
        Assert.EndsWith("train_splits/dia0_utt0.mp4", corpus.Utterances.First().MissingMedia);
        Assert.Equal(
            "2 clips are no utterance's own, such as final_videos_test*.mp4; not read",
            Assert.Single(corpus.Notes, note => note.Code == CorpusNote.ExtraFiles).Message);
        Assert.Contains(corpus.Notes, note => note.Message == "5 of 6 clips are not in train_splits, first train_dia0_utt0");
        Assert.DoesNotContain(corpus.Notes, note => note.Message.Contains("dev_splits_complete"));
    }

    [Theory]
    [InlineData("train_sent_emo.csv", "train_splits")]
    [InlineData("train/train_sent_emo.csv", "train/train_splits")]
    [InlineData("train_sent_emo.csv", "MELD.Raw/train_splits")]
    [InlineData("MELD.Raw/train/train_sent_emo.csv", "MELD.Raw/train/train_splits")]
    public void Its_archives_may_be_unpacked_side_by_side_or_in_a_folder_for_each(string csv, string clips)
    {
        using TemporaryFolder folder = new();
        MeldFiles.WriteAll(folder);
        File.Delete(Path.Combine(folder.Path, "train_sent_emo.csv"));
        folder.Write(csv, MeldFiles.Csv(MeldFiles.Rows));
        string clip = folder.Write($"{clips}/dia0_utt1.mp4", "x");

        Corpus corpus = MeldCorpus.Read(folder.Path);

        Assert.Equal(clip, Assert.Single(corpus.Utterances, utterance => utterance.Media is not null).Media);
        Assert.Equal(6, corpus.In(Split.Train).Sum(dialogue => dialogue.Utterances.Count));
    }

    [Theory]
    [InlineData("2,Hi,Ann,happyish,x,0,0,1,1,\"00:00:00,000\",\"00:00:01,000\"", "Emotion", "'happyish'")]
    [InlineData("2,Hi,Ann,joy,x,-1,0,1,1,\"00:00:00,000\",\"00:00:01,000\"", "Dialogue_ID", "'-1'")]
    [InlineData("2,Hi,Ann,joy,x,0,99999999999,1,1,\"00:00:00,000\",\"00:00:01,000\"", "Utterance_ID", "'99999999999'")]
    [InlineData("2,Hi,Ann,joy,x,0,0,1,1,\"00:00:00,000\",\"00:00:61,000\"", "EndTime", "'00:00:61,000'")]
    [InlineData("2,Hi,Ann,joy,x,0,0,1,1,00:00:00.000,\"00:00:01,000\"", "StartTime", "'00:00:00.000'")]
    public void A_value_that_cannot_be_right_is_reported_with_file_line_and_field(string row, string field, string found)
    {
        CorpusException error = Assert.Throws<CorpusException>(() => MeldFiles.ReadWithTrain(MeldFiles.Csv(row)));

        Assert.EndsWith("train_sent_emo.csv", error.File);
        Assert.Equal((2, field, found), (error.Line, error.Field, error.Found));
        Assert.Contains($"train_sent_emo.csv, line 2, field {field}: found {found}, expected ", error.Message);
    }

    [Theory]
    [InlineData("2,\"Hi,Ann,joy,x,0,0,1,1,\"00:00:00,000\",\"00:00:01,000\"")]
    [InlineData("2,Hi,Ann,joy,x,0,0,1,1,\"00:00:00,000\"")]
    [InlineData("2,Hi,Ann,joy,x,0,0,1,1,\"00:00:00,000\",\"00:00:01,000")]
    public void A_row_whose_quotes_or_columns_do_not_match_is_an_error_on_its_line(string row) =>
        Assert.Equal(2, Assert.Throws<CorpusException>(() => MeldFiles.ReadWithTrain(MeldFiles.Csv(row))).Line);

    [Fact]
    public void An_utterance_that_comes_twice_is_an_error_on_its_second_line()
    {
        CorpusException error = Assert.Throws<CorpusException>(
            () => MeldFiles.ReadWithTrain(MeldFiles.Csv(MeldFiles.Rows[0], MeldFiles.Rows[1], MeldFiles.Rows[0])));

        Assert.Equal((4, "Utterance_ID"), (error.Line, error.Field));
    }

    [Fact]
    public void A_missing_file_column_or_any_content_is_an_error_that_names_it()
    {
        using TemporaryFolder empty = new();

        Assert.EndsWith("train_sent_emo.csv", Assert.Throws<CorpusException>(() => MeldCorpus.Read(empty.Path)).File);
        Assert.Throws<CorpusException>(() => MeldFiles.ReadWithTrain(""));
        string withoutSpeaker = MeldFiles.Csv(MeldFiles.Rows).Replace("Speaker", "Who");
        Assert.Equal("Speaker", Assert.Throws<CorpusException>(() => MeldFiles.ReadWithTrain(withoutSpeaker)).Field);
    }

    private static Corpus ReadPublished() => MeldCorpus.Read(TestPaths.Shared("data/meld"));

    private static IEnumerable<Utterance> Utterances(Corpus corpus, Split split) =>
        corpus.In(split).SelectMany(dialogue => dialogue.Utterances);

    private static int[] Count(Func<Split, int> count) => [.. Enum.GetValues<Split>().Select(count)];
}
