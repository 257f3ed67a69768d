using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Affekt.Models.Hub;

/// <summary>
/// What the hub calls a file's content: the sha256 of a file in large-file storage, git's sha1 of any other. It is the
/// file's ETag, and its name in the cache.
/// </summary>
internal sealed partial record HubDigest
{
    // The suffixes that the hub keeps in large-file storage where a repository does not say otherwise.
    private static readonly string[] _largeFiles = [".safetensors", ".bin"];

    private HubDigest(string text) => Text = text;

    /// <summary>Lower-case hexadecimal: 64 digits of sha256 or 40 of git's sha1.</summary>
    public string Text { get; }

    /// <summary>Reads an ETag, weak or quoted; null where it is neither digest.</summary>
    public static HubDigest? Parse(string tag)
    {
        string bare = (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"');
        return Pattern().IsMatch(bare) ? new HubDigest(bare) : null;
    }

    /// <summary>The digest that the hub would give a file of this name.</summary>
    public static Task<HubDigest> OfFileAsync(string path, CancellationToken cancellation) =>
        OfFileAsync(path, _largeFiles.Contains(Path.GetExtension(path)), cancellation);

    /// <summary>Whether a file has this content.</summary>
    public async Task<bool> FitsAsync(string path, CancellationToken cancellation) =>
        await OfFileAsync(path, Text.Length == 2 * SHA256.HashSizeInBytes, cancellation).ConfigureAwait(false) == this;

    private static async Task<HubDigest> OfFileAsync(string path, bool sha256, CancellationToken cancellation)
    {
        if (sha256)
            return new HubDigest(await Digest.OfFileAsync(path, cancellation).ConfigureAwait(false));
        using FileStream content = File.OpenRead(path);

        // Not for safety: this is how git names contents.
#pragma warning disable CA5350
        using IncrementalHash sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        sha1.AppendData(Encoding.ASCII.GetBytes($"blob {content.Length}\0"));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        for (int read; (read = await content.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            sha1.AppendData(buffer, 0, read);
        ArrayPool<byte>.Shared.Return(buffer);
        return new HubDigest(Convert.ToHexStringLower(sha1.GetHashAndReset()));
    }

    [GeneratedRegex(@"^([0-9a-f]{64}|[0-9a-f]{40})\z")]
    private static partial Regex Pattern();
}
