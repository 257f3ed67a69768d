namespace Affekt.Media;

/// <summary>A media file, or a stretch of it, that cannot be read.</summary>
public sealed class MediaException : Exception
{
    /// <summary>States what is wrong with a file.</summary>
    /// <param name="kind">The kind of failure.</param>
    /// <param name="file">The file as the caller named it; for <see cref="MediaError.ToolMissing"/> the tool.</param>
    /// <param name="found">What was found.</param>
    /// <param name="expected">What was expected, or what to do.</param>
    /// <param name="cause">The exception behind this one.</param>
    public MediaException(MediaError kind, string file, string found, string expected, Exception? cause = null)
        : base($"{file}: found {found}; expected {expected}", cause)
    {
        Kind = kind;
        File = file;
        Found = found;
        Expected = expected;
    }

    /// <summary>The kind of failure.</summary>
    public MediaError Kind { get; }

    /// <summary>The file as the caller named it; for <see cref="MediaError.ToolMissing"/> the tool.</summary>
    public string File { get; }

    /// <summary>What was found; for a failed tool its last error lines.</summary>
    public string Found { get; }

    /// <summary>What was expected, or what to do.</summary>
    public string Expected { get; }
}
