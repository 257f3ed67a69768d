using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Affekt.Training.Features;

/// <summary>Names an input by its bytes, so that a changed one is told from what it was.</summary>
public static class ContentHash
{
    // 128 bits: no two of the inputs that anyone will ever have agree by chance.
    private const int Digits = 32;

    /// <summary>The name of a text.</summary>
    public static string OfText(string text) => Shorten(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The name of a file's bytes.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<string> OfFileAsync(string path, CancellationToken cancellation)
    {
        using FileStream stream = new(path, new FileStreamOptions { Options = FileOptions.SequentialScan });
        return Shorten(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc cref="OfFileAsync"/>
    public static string OfFile(string path)
    {
        using FileStream stream = new(path, new FileStreamOptions { Options = FileOptions.SequentialScan });
        return Shorten(SHA256.HashData(stream));
    }

    /// <summary>The name of a stretch of a file.</summary>
    /// <param name="file">The name of the file's bytes.</param>
    /// <param name="startMs">Where the stretch starts; null: at the file's start.</param>
    /// <param name="endMs">Where it ends; null: at the file's end.</param>
    public static string OfStretch(string file, int? startMs, int? endMs) => startMs is null && endMs is null
        ? file
        : string.Create(CultureInfo.InvariantCulture, $"{file}@{startMs}-{endMs}");

    internal static string Shorten(ReadOnlySpan<byte> digest) => Convert.ToHexStringLower(digest)[..Digits];
}
