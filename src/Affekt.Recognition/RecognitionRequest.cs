using Affekt.Media;

namespace Affekt.Recognition;

/// <summary>What is to be recognised.</summary>
/// <param name="File">Path of a sound or video file; the result repeats it as it is written here.</param>
public sealed record RecognitionRequest(string File)
{
    /// <summary>The words that are spoken; null, or blanks only, where they are not known.</summary>
    public string? Text { get; init; }

    /// <summary>Who speaks; null where that is not known.</summary>
    public string? Speaker { get; init; }

    /// <summary>What <see cref="MediaTools.ProbeAsync"/> said of the file; null to have it asked.</summary>
    public MediaInfo? Media { get; init; }
}
