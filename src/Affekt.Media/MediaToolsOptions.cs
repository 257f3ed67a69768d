namespace Affekt.Media;

/// <summary>Where ffmpeg and ffprobe are, and how much they may take.</summary>
public sealed record MediaToolsOptions
{
    /// <summary>Path of the ffmpeg program. Default null: the first one on PATH.</summary>
    public string? FfmpegPath { get; init; }

    /// <summary>Path of the ffprobe program. Default null: the first one on PATH.</summary>
    public string? FfprobePath { get; init; }

    /// <summary>
    /// How long a probe or a reading may go on without giving anything; more than zero. Default 60 s.
    /// A reading of pictures gets the length of its stretch on top, as much may lie between two of them.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The longest stretch of sound or video that one reading may cover; more than zero, at most 24 h. Default 2 h,
    /// which is 461 MB of sound. A longer one is refused with <see cref="MediaError.BadRange"/>: read it in parts.
    /// </summary>
    public TimeSpan MaximumStretch { get; init; } = TimeSpan.FromHours(2);

    /// <summary>
    /// How much sound is read from a file as it is decoded, whatever length the file states; more than zero, at most 36 h, which is
    /// the default. The rest is left out.
    /// </summary>
    public TimeSpan MaximumStream { get; init; } = TimeSpan.FromHours(36);

    /// <summary>What the tools are kept in; null, the default, to run them as they are.</summary>
    public ToolSandbox? Sandbox { get; init; }
}
