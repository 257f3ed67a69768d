using Affekt.Recognition.Library;

namespace Affekt.AspNetCore;

/// <summary>What Affekt's endpoints keep, ask for and take on. The models and what decodes are in <see cref="AffektOptions"/>.</summary>
public sealed record AffektEndpointOptions
{
    /// <summary>
    /// The folder of jobs and uploads; made, for its owner only, where it is absent. One host has it at a time. Required: there is no
    /// default.
    /// </summary>
    public string DataFolder { get; set; } = "";

    /// <summary>
    /// The keys of which a caller must name one, as Authorization: Bearer KEY or X-Api-Key: KEY, or in a live session's hello. Empty, the
    /// default, to ask for none, as where the host has an authorization of its own.
    /// </summary>
    public IReadOnlyList<string> ApiKeys { get; set; } = [];

    /// <summary>Other origins whose pages may call, such as "https://example.org"; none by default. Their browsers also ask the host's CORS.</summary>
    public IReadOnlyList<string> Origins { get; set; } = [];

    /// <summary>How much the endpoints take on.</summary>
    public ServerLimits Limits { get; set; } = new();
}
