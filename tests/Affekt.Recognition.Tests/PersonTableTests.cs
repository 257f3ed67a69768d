using Affekt.Recognition;
using Affekt.Recognition.Persons;

namespace Affekt.Tests;

/// <summary>Who is in a recording: from utterances as a recognition gives them.</summary>
public sealed class PersonTableTests
{
    [Fact]
    public void Speakers_become_persons_in_the_order_in_which_they_speak()
    {
        RecognitionResult result = Result(Said("Bob", 0, 2000, Emotion.Joy), Said("Ann", 2000, 3000, Emotion.Anger), Said("Bob", 3000, 4000, Emotion.Fear));

        Assert.Equal([("p1", "Bob"), ("p2", "Ann")], result.Persons.Select(person => (person.Id, person.Name)));
        Assert.Equal([(2, 3000, 0.75), (1, 1000, 0.25)], result.Persons.Select(person => (person.Voice!.Utterances, person.Voice.SpeechMs, person.Voice.Share)));
    }

    [Fact]
    public void What_a_person_expresses_is_the_mean_by_length()
    {
        RecognizedPerson bob = Result(Said("Bob", 0, 3000, Emotion.Joy), Said("Bob", 3000, 4000, Emotion.Anger)).Persons[0];

        Assert.Equal(0.75 * 0.94, bob.Emotions![Emotion.Joy] - (0.25 * 0.01), 1e-9);
        Assert.Equal(1, bob.Emotions.Values.Sum(), 1e-9);
    }

    [Fact]
    public void Changes_are_told_where_they_happen_and_not_of_answers_that_are_withheld()
    {
        RecognizedPerson bob = Result(
            Said("Bob", 0, 1000, Emotion.Joy), Said("Bob", 1000, 2000, Emotion.Joy), Said("Bob", 2000, 3000, Emotion.Fear) with { Abstained = true },
            Said("Ann", 3000, 4000, Emotion.Disgust), Said("Bob", 4000, 5000, Emotion.Anger)).Persons[0];

        Assert.Equal([new EmotionChange(4000, "joy", "anger")], bob.Changes);
    }

    [Fact]
    public void Utterances_nobody_is_named_in_make_no_person() => Assert.Empty(Result(Said(null, 0, 1000, Emotion.Joy)).Persons);

    [Fact]
    public void A_name_that_another_has_makes_one_person_of_two()
    {
        RecognitionResult result = Result(Said("speaker 1", 0, 1000, Emotion.Joy), Said("speaker 2", 1000, 2000, Emotion.Anger), Said("speaker 3", 2000, 3000, Emotion.Fear));

        RecognitionResult renamed = PersonTable.Rename(PersonTable.Rename(result, "p1", "Ann"), "p3", "Ann");

        Assert.Equal(["Ann", "speaker 2", "Ann"], renamed.Utterances.Select(one => one.Speaker));
        Assert.Equal(["p1", "p2"], renamed.Persons.Select(person => person.Id));
        Assert.Equal(2000, renamed.Persons[0].Voice!.SpeechMs);
    }

    [Fact]
    public void A_face_without_a_voice_is_known_by_what_it_showed_while_others_spoke()
    {
        RecognizedPerson face = new() { Id = "p2", Name = "face 2", Face = new PersonFace(1000, [new PersonStretch(0, 1000)]) };
        RecognizedUtterance said = Said("Bob", 0, 1000, Emotion.Joy) with { Listeners = [new ListenerAnswer("p2", "disgust", 0.94, Sure(Emotion.Disgust))] };

        RecognizedPerson[] persons = [.. PersonTable.Of([said], [face], 1000)];

        Assert.Equal(["p2", "p1"], persons.Select(person => person.Id));
        Assert.Null(persons[0].Voice);
        Assert.Equal(Emotion.Disgust, persons[0].Emotions!.Top);
    }

    [Fact]
    public void Who_speaks_is_told_anew_at_the_end()
    {
        RecognitionUpdate[] updates = [Update(Said("speaker 1", 0, 1000, Emotion.Joy)), Update(Said("speaker 2", 1000, 2000, Emotion.Joy)), Update(null) with { Speakers = ["speaker 1", "speaker 1"] }];

        RecognitionResult result = RecognitionUpdate.Join(updates);

        Assert.Equal(["speaker 1", "speaker 1"], result.Utterances.Select(one => one.Speaker));
        Assert.Single(result.Persons);
    }

    [Fact]
    public void A_result_without_persons_is_read_as_before()
    {
        string json = Result(Said("Bob", 0, 1000, Emotion.Joy)).ToJson(indented: false);
        int start = json.IndexOf("\"persons\":", StringComparison.Ordinal), end = json.IndexOf("\"warnings\":", StringComparison.Ordinal);
        string old = json.Remove(start, end - start).Replace("affekt.recognition/2", "affekt.recognition/1", StringComparison.Ordinal);

        RecognitionResult read = RecognitionResult.FromJson(old);

        Assert.Equal("affekt.recognition/1", read.Schema);
        Assert.Empty(read.Persons);
        Assert.Equal("Bob", read.Utterances[0].Speaker);
    }

    [Fact]
    public void Persons_are_the_same_when_written_and_read()
    {
        string json = Result(Said("Bob", 0, 1000, Emotion.Joy), Said("Bob", 1000, 2000, Emotion.Fear)).ToJson(indented: true);

        Assert.Equal(json, RecognitionResult.FromJson(json).ToJson(indented: true));
        Assert.Contains("\"from\": \"joy\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void A_summary_has_a_row_for_each_person_and_stretch()
    {
        RecognitionResult result = Result(Said("Bob", 0, 2000, Emotion.Joy), Said("Ann, B.", 12_000, 14_000, Emotion.Anger)) with { Input = new RecognizedInput("talk.wav", 20_000) };
        result = result with { Persons = PersonTable.Of(result.Utterances, [], 20_000) };

        string[] rows = PersonTable.ToCsv(result).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("file,person,name,start_ms,end_ms,utterances,speech_ms,share,emotion,neutral,joy,sadness,anger,fear,disgust,surprise", rows[0]);
        Assert.StartsWith("talk.wav,p1,Bob,0,20000,1,2000,0.5,joy,0.01,0.94,", rows[1], StringComparison.Ordinal);
        Assert.StartsWith("talk.wav,p1,Bob,0,10000,,,,joy,", rows[2], StringComparison.Ordinal);
        Assert.StartsWith("talk.wav,p2,\"Ann, B.\",10000,20000,,,,anger,", rows[4], StringComparison.Ordinal);
    }

    private static RecognitionResult Result(params RecognizedUtterance[] said) =>
        RecognitionUpdate.Join([.. said.Select(Update), Update(null)]);

    private static RecognitionUpdate Update(RecognizedUtterance? said) => new()
    {
        Bundle = new BundleIdentity("b", "1.0.0", "00"),
        Input = new RecognizedInput("talk.wav", 5000),
        Utterance = said,
        DoneMs = 0,
        Warnings = [],
        TimingMs = new RecognitionTiming(0, 0, 0, 0),
    };

    private static EmotionProbabilities Sure(Emotion emotion) => new([.. Enumerable.Range(0, 7).Select(i => i == (int)emotion ? 0.94 : 0.01)]);

    private static RecognizedUtterance Said(string? speaker, int start, int end, Emotion emotion) => new()
    {
        StartMs = start,
        EndMs = end,
        Speaker = speaker,
        TextSource = TextSource.None,
        Confidence = 0.94,
        Abstained = false,
        Probabilities = Sure(emotion),
        Modalities = new ModalityUses(new ModalityUse(ModalityStatus.Used, null), new ModalityUse(ModalityStatus.Missing, "none"), new ModalityUse(ModalityStatus.Missing, "none")),
        Branches = new BranchAnswers(null),
        Contribution = new ModalityContributions(0, 0, 0),
    };
}
