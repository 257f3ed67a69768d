using System.Text.Json;
using System.Text.Json.Serialization;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition;

/// <summary>What was recognized in a media file: the schema "affekt.recognition/2".</summary>
public sealed record RecognitionResult
{
    /// <summary>The schema that this version writes.</summary>
    public const string CurrentSchema = "affekt.recognition/2";

    /// <summary>"affekt.recognition/2".</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The models that answered.</summary>
    public required BundleIdentity Bundle { get; init; }

    /// <summary>The file.</summary>
    public required RecognizedInput Input { get; init; }

    /// <summary>The utterances, in the order in which they were spoken.</summary>
    public required IReadOnlyList<RecognizedUtterance> Utterances { get; init; }

    /// <summary>
    /// Who is in the recording, with what they said and express; empty where nobody was told apart, as in a recording of one utterance,
    /// and in what "affekt.recognition/1" holds.
    /// </summary>
    public IReadOnlyList<RecognizedPerson> Persons { get; init => field = value ?? []; } = [];

    /// <summary>What a reader should know; empty where there is nothing.</summary>
    public required IReadOnlyList<RecognitionWarning> Warnings { get; init; }

    /// <summary>How long it took.</summary>
    public required RecognitionTiming TimingMs { get; init; }

    /// <summary>What the bundle answers with, as the first utterance tells; the seven emotions where there is none.</summary>
    [JsonIgnore]
    public LabelSet Labels => Utterances.Count > 0 ? Utterances[0].Probabilities.Labels : LabelSet.Emotions;

    /// <summary>
    /// The result as JSON; the same input and bundle give the same bytes, but for <see cref="TimingMs"/>, on one machine.
    /// </summary>
    /// <param name="indented">Whether over many lines, for people.</param>
    public string ToJson(bool indented) => JsonSerializer.Serialize(
        this, (indented ? RecognitionJson.Indented : RecognitionJson.Compact).RecognitionResult);

    /// <summary>Reads what <see cref="ToJson"/> wrote, also as "affekt.recognition/1".</summary>
    /// <exception cref="JsonException">The text is not a result.</exception>
    public static RecognitionResult FromJson(string json) =>
        JsonSerializer.Deserialize(json, RecognitionJson.Compact.RecognitionResult)
            ?? throw new JsonException("found null, expected a result");
}

/// <summary>Which bundle.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Hash">SHA-256 of its files, in hexadecimal.</param>
public sealed record BundleIdentity(string Name, string Version, string Hash);

/// <summary>Which file.</summary>
/// <param name="File">The file as the caller named it.</param>
/// <param name="DurationMs">Its length in ms.</param>
public sealed record RecognizedInput(string File, int DurationMs);

/// <summary>Something odd about a result.</summary>
/// <param name="Code">Stable, for programs: a constant of this type, or one that tells of the file.</param>
/// <param name="Message">One sentence for people.</param>
public sealed record RecognitionWarning(string Code, string Message)
{
    /// <summary>The sound is longer than the audio encoder reads at once; its middle was read.</summary>
    public const string SoundOnly30Seconds = "sound_only_30s";

    /// <summary>
    /// Speech recognition made words of some utterance that are not to be believed, as of other languages than English: they were left out.
    /// </summary>
    public const string SpeechNotUnderstood = "speech_not_understood";

    /// <summary>There is sound, but the audio encoder's weights are not loaded.</summary>
    public const string NoAudioEncoder = "no_audio_encoder";

    /// <summary>Neither usable sound nor text: the probabilities are all equal, and no model was asked.</summary>
    public const string NothingToGoBy = "nothing_to_go_by";

    /// <summary>
    /// An answer rests on sound alone, which the starter learned from acted speech: on a corpus that it never heard it guesses.
    /// </summary>
    public const string SoundAlone = "sound_alone";

    /// <summary>The detector of speech found none, so there is no utterance.</summary>
    public const string NoSpeech = "no_speech";

    /// <summary>The transcript goes on after the recording's end.</summary>
    public const string TranscriptPastEnd = "transcript_past_end";

    /// <summary>The transcript has no times; they were estimated.</summary>
    public const string TimesEstimated = "times_estimated";
}

/// <summary>Times in ms.</summary>
/// <param name="Decode">Asking what the file holds, and reading its sound.</param>
/// <param name="Encode">Sound and text to features.</param>
/// <param name="Classify">Features to probabilities and contributions.</param>
/// <param name="Total">From request to result.</param>
public sealed record RecognitionTiming(double Decode, double Encode, double Classify, double Total);
