using System.Text.Json;
using System.Text.Json.Serialization;
using Affekt.AspNetCore.Recognitions;
using Affekt.Models.Fusion;
using Affekt.Recognition.Persons;

namespace Affekt.AspNetCore.Live;

/// <summary>What a client says first.</summary>
internal sealed record LiveHello
{
    /// <summary>The version of the protocol: 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Whether it will send sound.</summary>
    public bool Audio { get; init; }

    /// <summary>Whether it will send pictures.</summary>
    public bool Video { get; init; }

    /// <summary>Who speaks at first; null where that is not known.</summary>
    public string? Speaker { get; init; }

    /// <summary>Whether speakers are told apart by their voices: "auto", "none", or how many there are.</summary>
    public string? Speakers { get; init; }

    /// <summary>Whether persons are told with a small picture of the face.</summary>
    public bool Thumbnails { get; init; }

    /// <summary>Whether words are to be found.</summary>
    public bool Transcribe { get; init; } = true;

    /// <summary>Answers below it are withheld; null for the bundle's own threshold.</summary>
    public double? MinConfidence { get; init; }

    /// <summary>How often each emotion is expected; null for what the bundle says.</summary>
    public EmotionPrior? Prior { get; init; }

    /// <summary>The name of an enrolled voice, from POST /v1/baselines; null for none.</summary>
    public string? Baseline { get; init; }

    /// <summary>The key, where the server asks for one: a page cannot send headers with a WebSocket.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The session to go on with; null for a new one.</summary>
    public LiveResume? Resume { get; init; }

    /// <summary>What else it says, the type with it.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }

    /// <summary>What of it nobody knows, for the client to read; null where all of it is known.</summary>
    public string? Unknown() => Others?.Keys.Where(name => name != "type").Take(MostShown).Select(UploadReader.Shown).ToArray() is { Length: > 0 } names
        ? $"hello: found {string.Join(", ", names)}, expected no other name than {string.Join(", ", _names)}; the session goes on without it."
        : null;

    private const int MostShown = 4;

    private static readonly string[] _names =
        [.. ServerJson.Options.GetTypeInfo(typeof(LiveHello)).Properties.Where(property => !property.IsExtensionData).Select(property => property.Name)];

    /// <summary>Reads the first message.</summary>
    /// <exception cref="LiveException">It is malformed.</exception>
    public static LiveHello Read(ReadOnlyMemory<byte> text, LiveLimits limits)
    {
        LiveHello hello = LiveRequest.Parse(text, "hello", root => root.Deserialize<LiveHello>(ServerJson.Options))
            ?? throw LiveException.Malformed("Found null, expected a hello.");
        if (hello.Version != 1)
            throw LiveException.Malformed($"hello, version: found {hello.Version}, expected 1.");
        if (hello.Resume is { Session: null })
            throw LiveException.Malformed("hello, resume, session: found nothing, expected the session's name.");
        if (hello.Resume is null && !hello.Audio && !hello.Video)
            throw LiveException.Malformed("hello: found neither audio nor video, expected one of them to be true.");
        if (hello.MinConfidence is { } least && !(least is >= 0 and <= 1))
            throw LiveException.Malformed($"hello, min_confidence: found {least}, expected 0 to 1.");
        if (hello.Speakers is { } speakers && SpeakersAsked.Parse(speakers) is null)
            throw LiveException.Malformed($"hello, speakers: found another, expected {SpeakersAsked.Expected}, as a string.");
        LiveRequest.CheckSpeaker(hello.Speaker, limits);
        return hello;
    }
}

/// <summary>Where a client goes on.</summary>
/// <param name="Session">The session's name.</param>
/// <param name="LastSeq">The number of the last message that it got; 0 for none.</param>
internal sealed record LiveResume(string Session, long LastSeq);

/// <summary>What else a client says as text.</summary>
/// <param name="Type">"speaker", "rename", "pause", "resume" or "stop".</param>
/// <param name="Speaker">Who speaks from here on.</param>
/// <param name="From">The name of a voice or face that was told apart.</param>
/// <param name="To">The name that it gets.</param>
internal sealed record LiveRequest(string Type, string? Speaker, string? From = null, string? To = null)
{
    private static readonly string[] _types = ["speaker", "rename", "pause", "resume", "stop"];

    /// <summary>Reads a text message after the hello.</summary>
    /// <exception cref="LiveException">It is malformed.</exception>
    public static LiveRequest Read(ReadOnlyMemory<byte> text, LiveLimits limits)
    {
        LiveRequest request = Parse(text, null, root => root.Deserialize<LiveRequest>(ServerJson.Options))
            ?? throw LiveException.Malformed("Found null, expected a message.");
        foreach (string? name in new[] { request.Speaker, request.From, request.To })
            CheckSpeaker(name, limits);
        if (request.Type == "rename" && (request.From is null || string.IsNullOrWhiteSpace(request.To)))
            throw LiveException.Malformed("rename: found no from or no to, expected both names.");
        return request;
    }

    /// <summary>Refuses names that are too long.</summary>
    public static void CheckSpeaker(string? speaker, LiveLimits limits)
    {
        if (speaker?.Length > limits.MaxSpeaker)
            throw LiveException.Malformed($"speaker: found {speaker.Length} characters, expected at most {limits.MaxSpeaker}.");
    }

    /// <summary>Reads an object with a type.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="expected">The type; null for those after the hello.</param>
    /// <param name="read">Makes something of it.</param>
    public static T? Parse<T>(ReadOnlyMemory<byte> text, string? expected, Func<JsonElement, T?> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 8 });
            string? type = document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("type", out JsonElement named) && named.ValueKind == JsonValueKind.String
                    ? named.GetString()
                    : null;
            if (expected is null ? !_types.Contains(type) : type != expected)
            {
                // What the client wrote is not repeated: it may be anything.
                throw LiveException.Malformed(
                    $"type: found {(type is null ? "none" : "another")}, expected {(expected is null ? string.Join(", ", _types) : expected)}.");
            }

            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw LiveException.Malformed(e.Path?.TrimStart('$', '.') is { Length: > 0 } field
                ? $"{expected ?? "A text message"}, {field}: found another value, expected {RecognitionOptions.Expected(field) ?? "one of the kind that docs/api.md states"}."
                : $"A text message: found no JSON at byte {e.BytePositionInLine ?? 0}, expected an object with a type.");
        }
    }
}
