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

    /// <summary>What the object may hold, by the names that it has there.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. ServerJson.Options.GetTypeInfo(typeof(RecognitionOptions)).Properties.Select(property => property.Name)];

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
            throw exception.InnerException is JsonException
                ? Bad("", FormattableString.Invariant($"no JSON at byte {exception.BytePositionInLine} of line {exception.LineNumber + 1}"))
                : Bad(exception.Path?.TrimStart('$', '.') ?? "", "another value");
        }

        if (options is null)
            throw Bad("", "null");
        if (options.MinConfidence is < 0 or > 1)
            throw Bad("min_confidence", "another number");
        if (options.Speakers is null || SpeakersAsked.Parse(options.Speakers) is null)
            throw Bad("speakers", "another value");
        return options.AudioStream is null or >= 0 ? options : throw Bad("audio_stream", "another number");
    }

    /// <summary>What an option may be, by its name or what lies in it; null for another name.</summary>
    public static string? Expected(string option) => option.Split('.')[0] switch
    {
        "min_confidence" => "a number in [0, 1]",
        "transcribe" or "thumbnails" => "true or false",
        "prior" => "\"uniform\", \"meld\", or an object with a number above 0 for each label",
        "audio_stream" => "a whole number, 0 or more",
        "speakers" => $"{SpeakersAsked.Expected}, as a string",
        "mode" => "\"sync\" or \"job\"",
        _ => null,
    };

    private static ProblemException Bad(string option, string found)
    {
        string? expected = option.Length == 0 ? """an object such as {"min_confidence":0.4,"transcribe":true,"mode":"sync"}""" : Expected(option);
        return new ProblemException(ProblemCode.BadOptions, expected is null
            ? $"options: found {UploadReader.Shown(option)}, expected no other name than {string.Join(", ", Names)}."
            : $"options{(option.Length == 0 ? "" : ".")}{option}: found {found}, expected {expected}.");
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
