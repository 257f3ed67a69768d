using System.Text.Json;
using System.Text.Json.Serialization;
using Affekt.AspNetCore.Problems;
using Affekt.Models.Fusion;
using Affekt.Recognition.Persons;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>The form's field "options".</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RecognitionOptions
{
    /// <summary>Answers below this confidence are withheld, in [0, 1]; null for the bundle's own threshold.</summary>
    public double? MinConfidence { get; init; }

    /// <summary>Whether words that are not given are found by speech recognition.</summary>
    public bool Transcribe { get; init; } = true;

    /// <summary>How often each emotion is expected; null for what the bundle says.</summary>
    public EmotionPrior? Prior { get; init; }

    /// <summary>Which of the recording's audio streams is heard, from 0; null for the one that it marks, or another where that is silent.</summary>
    public int? AudioStream { get; init; }

    /// <summary>Whether speakers are told apart by their voices: "auto", "none", or how many there are.</summary>
    public string Speakers { get; init; } = "auto";

    /// <summary>Whether the result holds a small picture of each person's face.</summary>
    public bool Thumbnails { get; init; }

    /// <summary>Whether the answer is waited for.</summary>
    public RecognitionMode Mode { get; init; }

    /// <exception cref="ProblemException">The text is no such object.</exception>
    public static RecognitionOptions Read(string json)
    {
        RecognitionOptions? options;
        try
        {
            options = JsonSerializer.Deserialize<RecognitionOptions>(json, ServerJson.Options);
        }
        catch (JsonException exception)
        {
            throw new ProblemException(
                ProblemCode.BadOptions,
                $"options{exception.Path?.TrimStart('$')}: found what cannot be read, expected an object such as "
                    + """{"min_confidence":0.4,"transcribe":true,"mode":"sync"}.""");
        }

        if (options is null || options.MinConfidence is < 0 or > 1)
            throw new ProblemException(ProblemCode.BadOptions, "options.min_confidence: expected a number in [0, 1].");
        if (options.Speakers is null || SpeakersAsked.Parse(options.Speakers) is null)
            throw new ProblemException(ProblemCode.BadOptions, $"options.speakers: expected {SpeakersAsked.Expected}, as a string.");
        return options.AudioStream is null or >= 0
            ? options
            : throw new ProblemException(ProblemCode.BadOptions, "options.audio_stream: expected 0 or more.");
    }
}

/// <summary>Whether the answer is waited for.</summary>
internal enum RecognitionMode
{
    /// <summary>The request waits for it.</summary>
    Sync,

    /// <summary>The request is answered with a job.</summary>
    Job,
}
