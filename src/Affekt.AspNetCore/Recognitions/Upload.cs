using System.Text.Json.Serialization;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Recognition;
using Affekt.Recognition.Persons;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>What a form asks for. Kept by a job until it is done, so that a new server can go on with it.</summary>
internal sealed record Upload
{
    /// <summary>The folder of the media, deleted with the work.</summary>
    public required string Folder { get; init; }

    /// <summary>The media's path in it.</summary>
    public required string Path { get; init; }

    /// <summary>The media's name as its sender says; of words alone the transcript's, or "text".</summary>
    public required string File { get; init; }

    /// <summary>Whether there are no media: the words are recognized alone.</summary>
    public bool WordsAlone { get; init; }

    /// <summary>What is said in the whole clip; null where that is not given.</summary>
    public string? Text { get; init; }

    /// <summary>Who says what; null where that is not given.</summary>
    public IReadOnlyList<SpokenLine>? Transcript { get; init; }

    /// <summary>What of the transcript was left out or joined.</summary>
    public IReadOnlyList<MediaWarning> Warnings { get; init; } = [];

    /// <summary>Who speaks; null where that is not given.</summary>
    public string? Speaker { get; init; }

    /// <summary>How the speaker's voice usually sounds; none where nothing of that was given.</summary>
    public IReadOnlyList<VoiceFile> Baseline { get; init; } = [];

    /// <summary>How it is recognized.</summary>
    public RecognitionOptions Options { get; init; } = new();

    /// <summary>The length that the file states; null until it was asked.</summary>
    public int? DurationMs { get; init; }

    /// <summary>How much there is to work on, with the baseline; null until that was asked.</summary>
    [JsonIgnore]
    public TimeSpan? Work => DurationMs is { } own
        ? TimeSpan.FromMilliseconds(own + Baseline.Sum(voice => (double)voice.DurationMs))
        : null;

    /// <summary>Whether all that it was given is still there.</summary>
    public bool IsThere() => (WordsAlone || System.IO.File.Exists(Path)) && Baseline.All(voice => System.IO.File.Exists(voice.Path));

    /// <summary>The upload as the recognizer takes it.</summary>
    public RecognitionRequest ToRequest() => new(WordsAlone ? File : Path)
    {
        Recording = WordsAlone ? new MemoryRecording() : null,
        Text = Text,
        Transcript = Transcript,
        Warnings = Warnings,
        Speaker = Speaker,
        TellVoicesApart = SpeakersAsked.Parse(Options.Speakers) is { TellApart: true },
        SpeakerCount = SpeakersAsked.Parse(Options.Speakers)?.Count,
        Thumbnails = Options.Thumbnails,
        Transcribe = Options.Transcribe,
        MinConfidence = Options.MinConfidence,
        Prior = Options.Prior,
        AudioStream = Options.AudioStream,
        Baseline = [.. Baseline.Select(voice => voice.Path)],
    };
}

/// <summary>A recording of how a voice usually sounds.</summary>
/// <param name="Path">Its path in the upload's folder.</param>
/// <param name="File">Its name as its sender says.</param>
/// <param name="DurationMs">The length that it states; 0 until it was asked.</param>
internal sealed record VoiceFile(string Path, string File, int DurationMs = 0);
