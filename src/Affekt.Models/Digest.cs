using System.Security.Cryptography;

namespace Affekt.Models;

/// <summary>SHA-256 as the pins write it: lower-case hexadecimal.</summary>
internal static class Digest
{
    public static async Task<string> OfFileAsync(string path, CancellationToken cancellation)
    {
        using FileStream content = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation).ConfigureAwait(false));
    }
}
