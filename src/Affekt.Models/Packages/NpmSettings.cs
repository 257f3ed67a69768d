using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Affekt.Models.Packages;

/// <summary>What npm's settings say of its registry: npm_config_ variables, the user's .npmrc, then the machine's.</summary>
internal sealed partial class NpmSettings
{
    // Which registry npm's own is: the launcher knows it where npm is not installed.
    private const string OwnRegistry = "AFFEKT_NPM_REGISTRY";

    private readonly Func<string, string?> _variable;
    private readonly Dictionary<string, string> _values = [];

    private NpmSettings(Func<string, string?> variable) => _variable = variable;

    /// <summary>How often a failed request is sent again. Default: 2.</summary>
    public int Retries => int.TryParse(this["fetch-retries"], out int retries) && retries >= 0 ? retries : 2;

    /// <summary>
    /// The proxy that npm is set to, but for hosts that it is set to reach without one; null for the environment's (HTTPS_PROXY, NO_PROXY),
    /// which npm takes too.
    /// </summary>
    /// <param name="registry">What is asked first.</param>
    public IWebProxy? ProxyTo(Uri registry)
    {
        string[] direct =
        [
            .. (this["noproxy"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(host => $@"^[a-z]+://([^/]*\.)?{Regex.Escape(host.Trim('.'))}(:[0-9]+)?$"),
        ];
        if (Uri.TryCreate(this["https-proxy"] ?? this["proxy"], UriKind.Absolute, out Uri? address))
            return new WebProxy(address, BypassOnLocal: false, direct, CredentialIn(address));
        string host = registry.GetComponents(UriComponents.SchemeAndServer, UriFormat.Unescaped);
        return direct.Any(pattern => Regex.IsMatch(host, pattern, RegexOptions.IgnoreCase)) ? new WebProxy() : null;
    }

    /// <summary>The authorities that npm is set to trust in place of the machine's, as those of companies are; null where it is set to none.</summary>
    /// <exception cref="WeightsException">The file that is named cannot be read, or holds none.</exception>
    public X509Certificate2Collection? Authorities()
    {
        string? file = this["cafile"], text = this["ca"];
        if (file is null && text is null)
            return null;
        X509Certificate2Collection trusted = [];
        try
        {
            // In a line of its own a certificate's line ends are written out.
            trusted.ImportFromPem(file is null ? text!.Replace("\\n", "\n", StringComparison.Ordinal) : File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new WeightsException($"npm's setting \"{(file is null ? "ca" : "cafile")}\": {e.Message}", e);
        }

        return trusted.Count > 0
            ? trusted
            : throw new WeightsException($"npm's setting \"{(file is null ? "ca" : "cafile")}\": found no certificate in {file ?? "it"}, expected one in PEM");
    }

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

    /// <summary>The registry that a package comes from: its scope's, the usual one, else npm's own. Its address ends with a slash.</summary>
    /// <exception cref="WeightsException">None is set, and npm is not there to tell its own; or it is no http or https address.</exception>
    public async Task<Uri> RegistryOfAsync(NpmPackage package, CancellationToken cancellation)
    {
        string? scoped = package.Name.StartsWith('@') ? this[$"{package.Name.Split('/')[0]}:registry"] : null;
        string text = scoped ?? this["registry"] ?? Set(_variable(OwnRegistry)) ?? await AskNpmAsync(cancellation).ConfigureAwait(false);
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? address
            : throw new WeightsException($"npm's setting \"registry\": found \"{text}\", expected an http or https address");
    }

    /// <summary>What a registry wants to be sent as Authorization: a scheme, then a secret; null where nothing is set for it.</summary>
    public (string Scheme, string Secret)? CredentialOf(Uri registry)
    {
        for (string path = registry.AbsolutePath; ; path = path[..(path[..^1].LastIndexOf('/') + 1)])
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

    private static async Task<string> AskNpmAsync(CancellationToken cancellation)
    {
        try
        {
            using Process npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["config", "get", "registry"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            npm.StandardInput.Close();
            string answer = await npm.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await npm.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return npm.ExitCode == 0
                ? answer.Trim()
                : throw new WeightsException(
                    $"Published weights come from npm's registry, and none is known: npm_config_registry (or registry=ADDRESS in ~/.npmrc) names one; npm config get registry ended with {npm.ExitCode}.");
        }
        catch (Win32Exception e)
        {
            throw new WeightsException(
                "Published weights come from npm's registry, and none is known: npm_config_registry (or registry=ADDRESS in ~/.npmrc) names one; npm, which knows its own, is not installed.", e);
        }
    }

    // Who and with what word, as companies' proxies want it; null where the address names nobody.
    private static NetworkCredential? CredentialIn(Uri address)
    {
        string[] parts = [.. address.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString)];
        return parts[0].Length == 0 ? null : new NetworkCredential(parts[0], parts.ElementAtOrDefault(1));
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
