using System.Security.Cryptography;
using System.Text;

namespace Affekt.Models.Bundles;

/// <summary>Names some files by their names and bytes.</summary>
internal static class FilesHash
{
    /// <summary>SHA-256 over the files' names, as given, and the digests of their bytes, in hexadecimal.</summary>
    /// <param name="folder">What the names are relative to.</param>
    /// <param name="names">The files, in the order that counts.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Of(string folder, IEnumerable<string> names)
    {
        using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in names)
        {
            using FileStream stream = File.OpenRead(Path.Combine(folder, name));
            all.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            all.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }
}
