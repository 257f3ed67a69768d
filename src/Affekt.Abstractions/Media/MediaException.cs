namespace Affekt.Media;

/// <summary>A media file, or a stretch of it, that cannot be read.</summary>
/// <param name="kind">The kind of failure.</param>
/// <param name="file">The file as the caller named it; for <see cref="MediaError.ToolMissing"/> the tool.</param>
/// <param name="found">What was found.</param>
/// <param name="expected">What was expected, or what to do.</param>
/// <param name="cause">The exception behind this one.</param>
public sealed class MediaException(MediaError kind, string file, string found, string expected, Exception? cause = null)
    : Exception($"{file}: found {found}; expected {expected}", cause)
{
    /// <summary>The kind of failure.</summary>
    public MediaError Kind { get; } = kind;

    /// <summary>The file as the caller named it; for <see cref="MediaError.ToolMissing"/> the tool.</summary>
    public string File { get; } = file;

    /// <summary>What was found; for a failed tool its last error lines.</summary>
    public string Found { get; } = found;

    /// <summary>What was expected, or what to do.</summary>
    public string Expected { get; } = expected;
}

/// <summary>Why a media file could not be read.</summary>
public enum MediaError
{
    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>The system refuses to read the file.</summary>
    Denied,

    /// <summary>The file holds no bytes, or a container with neither a sample nor a picture in it.</summary>
    Empty,

    /// <summary>Not sound, video or a picture in a format that Affekt opens: a text, a folder, a playlist.</summary>
    NotMedia,

    /// <summary>A known container whose contents cannot be read, or not for the stretch asked for.</summary>
    Damaged,

    /// <summary>The stretch asked for does not lie in the file, or is longer than the options allow.</summary>
    BadRange,

    /// <summary>The file has no audio stream of the number that was asked for.</summary>
    NoSuchStream,

    /// <summary>A picture has more pixels than the options allow.</summary>
    TooLarge,

    /// <summary>The tool was stopped because it took longer than the options allow.</summary>
    TimedOut,

    /// <summary>ffmpeg or ffprobe is not installed, or cannot be started.</summary>
    ToolMissing,

    /// <summary>ffmpeg or ffprobe failed, or answered, in a way that the file does not explain.</summary>
    ToolFailed,
}
