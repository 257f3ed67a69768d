namespace Affekt.Media;

/// <summary>Why a media file could not be read.</summary>
public enum MediaError
{
    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>The system refuses to read the file.</summary>
    Denied,

    /// <summary>The file holds no bytes, or a container with neither a sample nor a picture in it.</summary>
    Empty,

    /// <summary>Not sound or video in a container that Affekt opens: a text, a folder, a picture, a playlist.</summary>
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
