namespace Affekt.Models.Hub;

/// <summary>
/// A repository's files are unavailable from the hub, or are not what it said. The message says what was wanted, what was
/// found, and what to do. It never holds the token.
/// </summary>
/// <param name="kind">What kind of failure it is.</param>
/// <param name="subject">The repository, file, folder or variable.</param>
/// <param name="found">What was found.</param>
/// <param name="expected">What was expected, or what to do.</param>
/// <param name="cause">The underlying error, or null.</param>
public sealed class HubException(HubError kind, string subject, string found, string expected, Exception? cause = null)
    : Exception($"{subject}: found {found}; expected {expected}", cause)
{
    /// <summary>What kind of failure it is.</summary>
    public HubError Kind { get; } = kind;

    internal string Found { get; } = found;
}

/// <summary>Why files are unavailable from the hub.</summary>
public enum HubError
{
    /// <summary>An environment variable holds what cannot be used.</summary>
    BadSetting,

    /// <summary>HTTP 401: a token is wanted, or the one sent is not known.</summary>
    Unauthorized,

    /// <summary>HTTP 403: the token is known and may not read the repository.</summary>
    Forbidden,

    /// <summary>No such repository, revision or file, on the hub or in the folder that was named.</summary>
    NotFound,

    /// <summary>HTTP 429, still after several attempts.</summary>
    TooManyRequests,

    /// <summary>No connection, a cut one, silence or HTTP 5xx, still after several attempts.</summary>
    Unreachable,

    /// <summary>An answer or a file that is not what the hub announced.</summary>
    BadContent,

    /// <summary>The hub may not be asked, and the cache lacks something.</summary>
    Offline,

    /// <summary>The cache cannot be read or written, or the disk is too full.</summary>
    Storage,
}
