namespace Affekt.Onnx.StateFiles;

/// <summary>A state file that cannot be opened, or that is not what its format says.</summary>
public sealed class StateFileException : Exception
{
    internal StateFileException(
        string file, string where, long? offset, string found, string expected, Exception? inner = null)
        : base($"{file}: {where}{(offset is null ? "" : $" (byte {offset})")}: found {found}, expected {expected}", inner) =>
        (File, Where, Offset, Found, Expected) = (file, where, offset, found, expected);

    /// <summary>The file's path, as it was given.</summary>
    public string File { get; }

    /// <summary>The tensor or the field of the format.</summary>
    public string Where { get; }

    /// <summary>Byte offset in the file, where one is known.</summary>
    public long? Offset { get; }

    /// <summary>What the file holds there.</summary>
    public string Found { get; }

    /// <summary>What should have been there.</summary>
    public string Expected { get; }
}
