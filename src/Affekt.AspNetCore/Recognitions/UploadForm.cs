namespace Affekt.AspNetCore.Recognitions;

/// <summary>The form of POST /v1/recognitions, as its description shows it.</summary>
internal sealed record UploadForm
{
    /// <summary>The recording; without one the words are recognized alone.</summary>
    public IFormFile? Media { get; init; }

    /// <summary>What is said, for the whole clip.</summary>
    public string? Text { get; init; }

    /// <summary>A subtitle or transcript file.</summary>
    public IFormFile? Transcript { get; init; }

    /// <summary>Who speaks.</summary>
    public string? Speaker { get; init; }

    /// <summary>Recordings of how the speaker's voice usually sounds; the part may come more than once.</summary>
    public IFormFileCollection? Baseline { get; init; }

    /// <summary>JSON: how it is recognized.</summary>
    public string? Options { get; init; }
}

/// <summary>The form of POST /v1/baselines, as its description shows it.</summary>
internal sealed record BaselineForm
{
    /// <summary>Recordings of how the voice usually sounds; the part may come more than once.</summary>
    public required IFormFileCollection Baseline { get; init; }
}
