using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Recognition;

namespace Affekt.Server.Recognitions;

/// <summary>What a form asks for. Kept by a job until it is done, so that a new server can go on with it.</summary>
internal sealed record Upload
{
    /// <summary>The folder of the media, deleted with the work.</summary>
    public required string Folder { get; init; }

    /// <summary>The media's path in it.</summary>
    public required string Path { get; init; }

    /// <summary>The media's name as its sender says.</summary>
    public required string File { get; init; }

    /// <summary>What is said in the whole clip; null where that is not given.</summary>
    public string? Text { get; init; }

    /// <summary>Who says what; null where that is not given.</summary>
    public IReadOnlyList<SpokenLine>? Transcript { get; init; }

    /// <summary>What of the transcript was left out or joined.</summary>
    public IReadOnlyList<MediaWarning> Warnings { get; init; } = [];

    /// <summary>Who speaks; null where that is not given.</summary>
    public string? Speaker { get; init; }

    /// <summary>How it is recognised.</summary>
    public RecognitionOptions Options { get; init; } = new();

    /// <summary>The length that the file states; null until it was asked.</summary>
    public int? DurationMs { get; init; }

    /// <summary>The upload as the recogniser takes it.</summary>
    public RecognitionRequest ToRequest() => new(Path)
    {
        Text = Text,
        Transcript = Transcript,
        Warnings = Warnings,
        Speaker = Speaker,
        Transcribe = Options.Transcribe,
        MinConfidence = Options.MinConfidence,
        Prior = Options.Prior,
        AudioStream = Options.AudioStream,
    };
}
