using System.Security.Cryptography;
using System.Text;

namespace Affekt.AspNetCore.Security;

/// <summary>The keys of which a caller must name one.</summary>
internal sealed class ApiKeys
{
    private readonly byte[][] _hashes;

    public ApiKeys(IEnumerable<string> keys) => _hashes = [.. keys.Select(Hash)];

    /// <summary>Whether a key is asked for.</summary>
    public bool AreRequired => _hashes.Length > 0;

    /// <summary>Whether a caller with this key, or with none, may call; takes as long for a wrong key as for a right one.</summary>
    public bool Allows(string? key)
    {
        if (!AreRequired)
            return true;

        // Hashes are of one length, and all are compared: time tells neither a key's length nor which was nearly right.
        byte[] given = Hash(key ?? "");
        bool known = false;
        foreach (byte[] hash in _hashes)
            known |= CryptographicOperations.FixedTimeEquals(hash, given);
        return known && key is not null;
    }

    /// <summary>The key that a request names; null where it names none.</summary>
    public static string? In(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        string? authorization = request.Headers.Authorization;
        return authorization is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? authorization[Scheme.Length..].Trim()
            : request.Headers["X-Api-Key"];
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
