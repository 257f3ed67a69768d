using Affekt.Tests;

namespace Affekt.Corpora.Tests.Published;

public sealed class IemocapCorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public IemocapCorpusTests()
    {
        foreach (int session in (int[])[1, 4, 5])
        {
            WriteScene(session, "");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_scene_is_a_dialogue_of_its_turns_by_their_starts_with_speakers_words_and_their_own_files()
    {
        Corpus corpus = CorpusReader.Read("iemocap", _folder.Path);

        Assert.Equal(["Ses01F_impro01", "Ses04F_impro01", "Ses05F_impro01"], corpus.Dialogues.Select(dialogue => dialogue.Id));
        Assert.Equal([Split.Train, Split.Dev, Split.Test], corpus.Dialogues.Select(dialogue => dialogue.Split));
        Assert.Equal(
            [
                ("Ses01F_impro01_F000", 0, "Ses01F", "Excuse me.", Emotion.Neutral, 1945),
                ("Ses01F_impro01_M000", 1, "Ses01M", "Do you have your forms?", null, 1480),
                ("Ses01F_impro01_F001", 2, "Ses01F", "Yeah.", Emotion.Joy, 1500),
                ("Ses01F_impro01_F002", 3, "Ses01F", null, null, 500),
            ],
            corpus.Dialogues[0].Utterances.Select(u => (u.Id, u.Index, u.Speaker, u.Text, (Emotion?)u.Label, u.DurationMs)));
        Assert.EndsWith("Ses01F_impro01_F000.wav", corpus.Utterances.First().Media);
        Assert.All(corpus.Dialogues[0].Utterances.Skip(1), u => Assert.EndsWith($"{u.Id}.wav", u.MissingMedia));
    }

    [Fact]
    public void Labels_that_are_none_of_the_seven_are_counted_and_stay_in_the_dialogue_unless_they_are_mapped()
    {
        Corpus corpus = CorpusReader.Read("iemocap", _folder.Path);

        CorpusNote[] unmapped = [.. corpus.Notes.TakeWhile(note => note.Code == CorpusNote.UnmappedLabel)];
        Assert.Equal(
            [
                "3 labeled exc (excited), which is none of the seven; left out. --map exc=EMOTION counts them in",
                "3 labeled xxx (no agreement), which is none of the seven; left out. --map xxx=EMOTION counts them in",
            ],
            unmapped.Select(note => note.Message));
        Assert.EndsWith("Ses01F_impro01.txt", unmapped[0].File);
        Assert.Equal(8, unmapped[0].Line);
        Assert.All(corpus.Utterances, u => Assert.Equal(u.Label is null, u.HasOtherLabel));

        Corpus mapped = CorpusReader.Read("iemocap", _folder.Path, new CorpusReadOptions { Labels = LabelMap.Parse(["Excited=joy", "hap=none"]) });
        Assert.Equal([Emotion.Neutral, Emotion.Joy, null, null], mapped.Dialogues[0].Utterances.Select(u => (Emotion?)u.Label));
        Assert.DoesNotContain(mapped.Notes, note => note.Message.Contains("exc") || note.Message.Contains("hap"));
    }

    [Fact]
    public void Its_labels_are_read_into_a_set_of_ones_own_and_excited_is_happy_only_where_that_is_said()
    {
        LabelSet four = LabelSet.Parse("neutral,happy,sad,angry");

        Corpus corpus = Read(four);
        Assert.Equal([0, null, 1, null], corpus.Dialogues[0].Utterances.Select(u => u.Label));
        Assert.Equal("3 labeled exc (excited), which is none of neutral, happy, sad, angry; left out. --map exc=LABEL counts them in", corpus.Notes[0].Message);
        Assert.Equal(four.Indices, corpus.Classes);

        Assert.Equal([0, 1, 1, null], Read(four, "exc=happy").Dialogues[0].Utterances.Select(u => u.Label));
        Assert.Equal([1, 0, null, null], Read(LabelSet.Parse("excited,neutral")).Dialogues[0].Utterances.Select(u => u.Label));

        CorpusReadOptions options = new() { Dimensions = ["dominance", "Valence", "arousal"] };
        Assert.Equal([1.5, 2, 3.5], CorpusReader.Read("iemocap", _folder.Path, options).Utterances.First().Dimensions);
        Assert.Throws<CorpusException>(() => CorpusReader.Read("iemocap", _folder.Path, options with { Dimensions = ["warmth"] }));

        Corpus Read(LabelSet set, params string[] map) =>
            CorpusReader.Read("iemocap", _folder.Path, new CorpusReadOptions { Labels = LabelMap.Parse(map, set) });
    }

    [Fact]
    public void A_fold_tests_on_its_session_and_a_part_of_the_corpus_is_noted()
    {
        Corpus corpus = CorpusReader.Read("iemocap", _folder.Path, new CorpusReadOptions { Fold = 1 });

        Assert.Equal([Split.Test, Split.Train, Split.Dev], corpus.Dialogues.Select(dialogue => dialogue.Split));
        Assert.Contains(corpus.Notes, note => note is { Code: CorpusNote.Incomplete, Message: "12 turns; 10039 were published" });
    }

    [Fact]
    public void A_damaged_line_is_left_out_with_its_file_and_line_and_annotators_files_are_not_read()
    {
        WriteScene(1, "[1.0 - two]\tSes01F_impro01_F009\tneu\t[2, 2, 2]\n[60.0 - 50.0]\tSes01F_impro01_F010\tsad\t[2, 2, 2]\n");
        _folder.Write("Session1/dialog/EmoEvaluation/Categorical/Ses01F_impro01_e1_cat.txt", "Ses01F_impro01_F000 :Neutral; ()\n");
        _folder.Write("Session1/dialog/EmoEvaluation/._Ses01F_impro01.txt", [0, 5, 22, 7]);

        Corpus corpus = CorpusReader.Read("iemocap", _folder.Path);

        CorpusNote note = Assert.Single(corpus.Notes, note => note.Code == CorpusNote.LeftOut);
        Assert.Equal(14, note.Line);
        Assert.EndsWith("Ses01F_impro01.txt", note.File);
        Assert.Contains(corpus.Notes, odd => odd is { Code: CorpusNote.OddDuration, Line: 15 });
        Assert.Null(corpus.Utterances.Single(u => u.Id == "Ses01F_impro01_F010").DurationMs);
    }

    [Fact]
    public void Without_the_sentences_the_dialogue_s_own_sound_serves_with_times()
    {
        Directory.Delete(Path.Combine(_folder.Path, "Session1/sentences"), recursive: true);
        string sound = _folder.Write("Session1/dialog/wav/Ses01F_impro01.wav", "x");

        Utterance first = CorpusReader.Read("iemocap", _folder.Path).Utterances.First();

        Assert.Equal((sound, 6290, 8235), (first.Media, first.StartMs!.Value, first.EndMs!.Value));
    }

    [Fact]
    public void What_is_no_iemocap_is_an_error_that_says_what_is_looked_for()
    {
        using TemporaryFolder other = new();
        other.Write("Session2/readme.txt", "x");

        Assert.EndsWith("EmoEvaluation", Assert.Throws<CorpusException>(() => CorpusReader.Read("iemocap", other.Path)).File);
        Assert.Contains("Session1", Assert.Throws<CorpusException>(() => CorpusReader.Read("iemocap", Directory.CreateDirectory(Path.Combine(other.Path, "Session2", "empty")).FullName)).Message);
        Assert.Throws<CorpusException>(() => CorpusReader.Read("iemocap", Path.Combine(other.Path, "nowhere")));
    }

    // In the order of the published files: the turns of one speaker, then the other's, each with what its annotators said.
    private void WriteScene(int session, string more)
    {
        string scene = $"Ses0{session}F_impro01", dialog = $"Session{session}";
        _folder.Write($"{dialog}/dialog/EmoEvaluation/{scene}.txt", $"""
            % [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

            [6.2901 - 8.2347]{'\t'}{scene}_F000{'\t'}neu{'\t'}[2.0000, 3.5000, 1.5000]
            C-E2:{'\t'}Neutral;{'\t'}()
            A-E3:{'\t'}val 3; act 2; dom  2;{'\t'}()

            [11.9000 - 13.4000]{'\t'}{scene}_F001{'\t'}hap{'\t'}[2.5000, 2.5000, 2.5000]
            [10.0100 - 11.4900]{'\t'}{scene}_M000{'\t'}exc{'\t'}[2.5000, 2.5000, 2.5000]
            C-E2:{'\t'}Excited;{'\t'}()

            [14.0000 - 14.5000]{'\t'}{scene}_F002{'\t'}xxx{'\t'}[2.5000, 2.5000, 2.5000]
            C-F1:{'\t'}Other;{'\t'}(amused)


            """ + more);
        _folder.Write($"{dialog}/dialog/transcriptions/{scene}.txt", $"""
            {scene}_F000 [006.2901-008.2357]: Excuse me.
            {scene}_M000 [010.0100-011.3925]: Do you have your forms?
            {scene}_MXX0 [010.0100-010.3925]: Mm.
            {scene}_F001 [011.9000-013.4000]: Yeah.
            M: [LAUGHTER]
            """);
        _folder.Write($"{dialog}/sentences/wav/{scene}/{scene}_F000.wav", "x");
    }
}
