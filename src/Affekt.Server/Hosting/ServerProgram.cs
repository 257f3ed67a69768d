using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using Affekt.AspNetCore;
using Affekt.Models;
using Affekt.Models.Bundles;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Affekt.Server.Hosting;

/// <summary>The program behind `affekt serve`: reads its arguments, and runs a server until it is told to stop.</summary>
internal static class ServerProgram
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int Unusable = 2;
    private const int ShortestKey = 16;

    /// <summary>The variable with keys, divided by commas; for those who would not keep a file of them.</summary>
    private const string KeysVariable = "AFFEKT_API_KEYS";

    private static readonly Option<string[]> _urls = new("--urls")
    {
        Description = "Where to listen, such as http://127.0.0.1:5280 or http://[::1]:80.",
        HelpName = "URL",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [ServerOptions.DefaultUrl],
    };

    private static readonly Option<string?> _bundle = new("--bundle")
    {
        Description = "Folder of the bundle that answers; bundles/starter where none is named.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> _data = new("--data")
    {
        Description = "Folder of jobs and uploads; the user's own where none is named.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> _keys = new("--api-keys")
    {
        Description = $"File of keys, one a line, of which callers must name one; {KeysVariable} where no file is named.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> _withoutKey = new("--allow-without-key")
    {
        Description = "Lets other machines call without a key.",
    };

    private static readonly Option<bool> _withoutSandbox = new("--allow-without-sandbox")
    {
        Description = "Decodes uploads of other machines without affekt-sandbox where that was not built; those of this machine are.",
    };

    private static readonly Option<string[]> _origins = new("--origin")
    {
        Description = "Other origins whose pages may call, such as https://example.org.",
        HelpName = "ORIGIN",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> _requireSandbox = new("--require-sandbox")
    {
        Description = "Does not start where the system cannot keep decoders from files, sockets and the network.",
    };

    private static readonly Option<string[]> _proxies = new("--proxy")
    {
        Description = "Proxies in front, such as 127.0.0.1 or 10.0.0.0/8, whose X-Forwarded-For, -Proto and -Host are taken for true.",
        HelpName = "ADDRESS",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string[]> _hosts = new("--host")
    {
        Description = "Names that the server answers to, such as affekt.example.org, beside this machine's own.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string> _arithmetic = new("--precision")
    {
        Description = "The arithmetic of the encoders' large products: fp32 or int8.",
        DefaultValueFactory = _ => "fp32",
    };

    private static readonly ServerLimits _usual = new();
    private static readonly Option<int> _threads = Count("--threads", "Processor threads of the models", Environment.ProcessorCount);
    private static readonly Option<int> _maxUpload = Count("--max-upload", "Largest upload in MiB", (int)(_usual.MaxUploadBytes >> 20));
    private static readonly Option<int> _maxDuration = Count("--max-duration", "Longest recording in seconds", (int)_usual.MaxDuration.TotalSeconds);

    private static readonly Option<int> _maxSyncDuration = Count(
        "--max-sync-duration", "Longest recording that is no job, in seconds", (int)_usual.MaxSyncDuration.TotalSeconds);

    private static readonly Option<int> _maxPixels = Count("--max-pixels", "Most pixels of one picture", (int)_usual.MaxPixels);
    private static readonly Option<int> _maxQueue = Count("--max-queue", "How many recognitions wait", _usual.MaxQueue);
    private static readonly Option<int> _workers = Count("--workers", "How many recognitions are at work at once", _usual.Workers);
    private static readonly Option<int> _maxLive = Count("--max-live", "How many live sessions there are at once", _usual.MaxLiveSessions);
    private static readonly Option<int> _maxLivePerClient = Count(
        "--max-live-per-client", "How many live sessions one client may have at once", _usual.LiveSessionsPerClient);

    private static readonly Option<int> _maxUploadTime = Count(
        "--max-upload-time", "How long an upload may take, in seconds", (int)_usual.MaxUploadTime.TotalSeconds);

    private static readonly Option<int> _rate = Count("--rate", "How many recognitions a client may begin in a minute", _usual.MaxStartsPerMinute);
    private static readonly Option<int> _keep = Count("--keep", "How long a job is kept, in seconds", (int)_usual.Keep.TotalSeconds);

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        _arithmetic.AcceptOnlyFromAmong("fp32", "int8");
        RootCommand root = new("affekt serve: recognizes emotions over HTTP and WebSocket, and serves the page to do it with.")
        {
            _urls, _bundle, _data, _keys, _withoutKey, _withoutSandbox, _requireSandbox, _origins, _hosts, _proxies, _threads, _arithmetic,
            _maxUpload, _maxUploadTime,
            _maxDuration, _maxSyncDuration, _maxPixels, _maxQueue, _workers, _maxLive, _maxLivePerClient, _rate, _keep,
        };
        root.SetAction((result, cancellation) => ServeAsync(result, cancellation));
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (ParseError error in parsed.Errors)
                await errors.WriteLineAsync($"error: {error.Message}");
            await errors.WriteLineAsync("see: affekt serve --help");
            return Unusable;
        }

        try
        {
            // The host sees to signals itself: it lets requests end before it stops.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = output,
                Error = errors,
            });
        }
        catch (Exception exception) when (exception is ServerOptionsException or OptionsValidationException or ModelException)
        {
            await errors.WriteLineAsync($"error: {exception.Message}");
            return Unusable;
        }
        catch (SqliteException exception)
        {
            await errors.WriteLineAsync($"error: --data: found jobs.sqlite that cannot be used ({exception.Message}), expected the jobs of a server");
            return Failed;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"error: {exception.Message}");
            return Failed;
        }
    }

    private static async Task<int> ServeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ServerOptions options = Options(parsed);
        BundleConfig.Load(Path.Combine(options.BundleFolder, BundleConfig.FileName));
        await using WebApplication server = ServerHost.Build(options);
        await server.RunAsync(cancellation);
        return Done;
    }

    private static ServerOptions Options(ParseResult parsed) => new()
    {
        Urls = parsed.GetRequiredValue(_urls),
        BundleFolder = parsed.GetValue(_bundle) ?? ServerFolders.DefaultBundle(),
        DataFolder = parsed.GetValue(_data) ?? ServerFolders.DefaultData(),
        SandboxProgram = ServerFolders.Sandbox(),
        AllowWithoutSandbox = parsed.GetValue(_withoutSandbox),
        Threads = parsed.GetValue(_threads),
        Precision = parsed.GetValue(_arithmetic) switch
        {
            "int8" => Precision.Int8,
            _ => Precision.Float32,
        },
        ApiKeys = ReadKeys(parsed.GetValue(_keys)),
        AllowWithoutKey = parsed.GetValue(_withoutKey),
        RequireSandbox = parsed.GetValue(_requireSandbox),
        Origins = parsed.GetRequiredValue(_origins),
        Hosts = parsed.GetRequiredValue(_hosts),
        Proxies = [.. parsed.GetRequiredValue(_proxies).Select(ProxyAddress.Read)],
        Limits = _usual with
        {
            MaxUploadBytes = (long)parsed.GetValue(_maxUpload) << 20,
            MaxUploadTime = TimeSpan.FromSeconds(parsed.GetValue(_maxUploadTime)),
            MaxDuration = TimeSpan.FromSeconds(parsed.GetValue(_maxDuration)),
            MaxSyncDuration = TimeSpan.FromSeconds(parsed.GetValue(_maxSyncDuration)),
            MaxPixels = parsed.GetValue(_maxPixels),
            MaxQueue = parsed.GetValue(_maxQueue),
            Workers = parsed.GetValue(_workers),
            MaxLiveSessions = parsed.GetValue(_maxLive),
            MaxLiveSessionsPerClient = parsed.GetResult(_maxLivePerClient) is { Implicit: false } ? parsed.GetValue(_maxLivePerClient) : null,
            MaxStartsPerMinute = parsed.GetValue(_rate),
            Keep = TimeSpan.FromSeconds(parsed.GetValue(_keep)),
        },
    };

    private static string[] ReadKeys(string? file)
    {
        string? variable = Environment.GetEnvironmentVariable(KeysVariable);
        if (file is null && variable is null)
            return [];
        string[] lines = file is not null ? File.ReadAllLines(file) : variable!.Split(',');
        string[] keys = [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#'))];

        // Keys that were asked for and are not there must not open the server to all.
        if (keys.Length == 0)
        {
            throw new ServerOptionsException(file is not null
                ? $"{file}: found no key, expected one a line"
                : $"{KeysVariable}: found no key, expected keys divided by commas; unset it to ask for none");
        }

        return Array.Exists(keys, key => key.Length < ShortestKey)
            ? throw new ServerOptionsException($"{file ?? KeysVariable}: found a key of fewer than {ShortestKey} characters, expected longer ones")
            : keys;
    }

    private static Option<int> Count(string name, string description, int otherwise)
    {
        return new Option<int>(name)
        {
            Description = $"{description}.",
            HelpName = "N",
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1)
                    return value;
                result.AddError($"{name}: found {(text.Length == 0 ? "nothing" : text)}, expected a whole number of 1 or more");
                return otherwise;
            },
        };
    }
}
