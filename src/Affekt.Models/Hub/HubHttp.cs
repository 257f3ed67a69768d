using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace Affekt.Models.Hub;

/// <summary>A failure that the next attempt may not meet.</summary>
/// <param name="kind">What it is where it stays.</param>
/// <param name="message">What happened.</param>
/// <param name="cause">The underlying error, or null.</param>
internal sealed class HubFault(HubError kind, string message, Exception? cause = null) : Exception(message, cause)
{
    public HubError Kind { get; } = kind;

    /// <summary>How long the hub asks to be left alone, where it does.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the attempt received bytes that are kept.</summary>
    public bool MadeProgress { get; init; }
}

/// <summary>Asks the hub, or another host of packages: follows redirects, limits silence, tries again, and says what a refusal means.</summary>
internal sealed class HubHttp : IDisposable
{
    private const int MostRedirects = 10;
    private const int LongestAnswer = 1 << 24;
    private const string LinkedTag = "X-Linked-Etag";

    private readonly HubOptions _options;
    private readonly HttpClient _client;

    public HubHttp(HubOptions options)
    {
        _options = options;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Silence,
            Proxy = options.Proxy,
        };
        if (options.Authorities is { } authorities)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("affekt");
    }

    public Uri Address(string path) => new($"{_options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    /// <summary>Tries until it works, or has failed too often in a row.</summary>
    /// <param name="subject">What is wanted, for messages.</param>
    /// <param name="attempt">Throws a <see cref="HubFault"/> where another attempt may help.</param>
    /// <param name="cancellation">Ends the pauses.</param>
    public async Task<T> RetryAsync<T>(string subject, Func<Task<T>> attempt, CancellationToken cancellation)
    {
        TimeSpan pause = _options.FirstPause;
        for (int failures = 0; ;)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (HubFault fault)
            {
                if (fault.MadeProgress)
                    (failures, pause) = (0, _options.FirstPause);
                TimeSpan asked = fault.RetryAfter ?? pause;
                if (++failures >= _options.Attempts || asked > _options.LongestPause)
                    throw GivenUp(subject, fault, failures);
                await _options.Pause(asked, cancellation).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }

    /// <summary>The headers of a file: the first that tell its content, at the hub or where it sends to.</summary>
    public Task<HttpResponseMessage> HeadAsync(Uri address, string subject, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Head, address, subject, 0, cancellation);

    /// <summary>The answer, with its content still to be read.</summary>
    /// <param name="address">Where.</param>
    /// <param name="subject">What is wanted, for messages.</param>
    /// <param name="start">The first byte that is wanted.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<HttpResponseMessage> GetAsync(Uri address, string subject, long start, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, address, subject, start, cancellation);

    /// <summary>Reads some bytes of an answer; 0 at its end.</summary>
    public Task<int> ReadAsync(Stream content, Memory<byte> buffer, CancellationToken cancellation) =>
        WithinSilenceAsync(token => content.ReadAsync(buffer, token).AsTask(), cancellation);

    /// <summary>Reads a short answer to its end.</summary>
    /// <exception cref="HubException">It is longer than 16 MiB.</exception>
    public async Task<byte[]> ReadAllAsync(HttpResponseMessage response, string subject, CancellationToken cancellation)
    {
        using Stream content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using MemoryStream answer = new();
        byte[] buffer = new byte[1 << 14];
        for (int read; (read = await ReadAsync(content, buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            if (answer.Length + read > LongestAnswer)
                throw new HubException(HubError.BadContent, subject, $"more than {LongestAnswer} bytes", "a short JSON object");
            answer.Write(buffer, 0, read);
        }

        return answer.ToArray();
    }

    /// <summary>A header's only value; null where it is absent.</summary>
    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;

    /// <summary>The tag that tells a file's content, where the answer has one.</summary>
    public static string? ContentTag(HttpResponseMessage response) =>
        Header(response, LinkedTag) ?? Header(response, "ETag");

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, string subject, long start, CancellationToken cancellation)
    {
        for (int redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using HttpRequestMessage request = new(method, address);
            if (start > 0)
                request.Headers.Range = new RangeHeaderValue(start, null);
            bool atHub = IsHub(address);
            if (atHub && _options.Token is { } token)
                request.Headers.Authorization = new AuthenticationHeaderValue(_options.TokenScheme, token);

            // A compressed answer would have another length, and another tag.
            request.Headers.AcceptEncoding.ParseAdd("identity");
            HttpResponseMessage response = await WithinSilenceAsync(
                limit => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit), cancellation).ConfigureAwait(false);
            bool moved = (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is not null;
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
                || (moved && method == HttpMethod.Head && Header(response, LinkedTag) is not null))
            {
                return response;
            }

            using (response)
            {
                if (!moved)
                    throw Refusal(response, subject, atHub);
                Uri next = new(address, response.Headers.Location!);
                if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme != "https"))
                    throw new HubException(HubError.BadContent, subject, $"a redirect to {next.Scheme}", "one to https");
                address = next;
            }
        }

        throw new HubException(HubError.BadContent, subject, $"more than {MostRedirects} redirects", "the file");
    }

    private bool IsHub(Uri address) =>
        Uri.Compare(
            address, _options.Endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private Exception Refusal(HttpResponseMessage response, string subject, bool atHub)
    {
        int status = (int)response.StatusCode;
        string found = Header(response, "X-Error-Code") is { } code ? $"HTTP {status} ({code})" : $"HTTP {status}";
        RetryConditionHeaderValue? after = response.Headers.RetryAfter;
        TimeSpan? pause = after?.Delta ?? after?.Date - DateTimeOffset.UtcNow;
        return status switch
        {
            401 => new HubException(
                HubError.Unauthorized, subject, found, _options.Token is null
                    ? "a public repository, or in HF_TOKEN a token that may read it"
                    : "a token that the hub knows; the one in HF_TOKEN was refused"),

            // Addresses of storage hosts are signed and expire; the hub gives a new one.
            403 when !atHub => new HubFault(HubError.Unreachable, found),
            403 => new HubException(
                HubError.Forbidden, subject, found, _options.Token is null
                    ? "in HF_TOKEN a token of an account that may read the repository"
                    : "an account that may read the repository; the one of HF_TOKEN may not"),
            404 => new HubException(
                HubError.NotFound, subject, found, $"a repository, revision and file that {_options.Endpoint.Host} has"),
            429 => new HubFault(HubError.TooManyRequests, found) { RetryAfter = pause },
            408 or >= 500 => new HubFault(HubError.Unreachable, found) { RetryAfter = pause },
            _ => new HubException(HubError.BadContent, subject, found, "HTTP 200"),
        };
    }

    private HubException GivenUp(string subject, HubFault fault, int failures)
    {
        string asked = fault.RetryAfter is { } pause ? $", asked to wait {pause.TotalSeconds:0} s" : "";
        return new HubException(
            fault.Kind, subject, $"{fault.Message}{asked} (attempt {failures})",
            $"an answer of {_options.Endpoint.Host}; HF_HUB_OFFLINE=1 uses what the cache holds, HF_ENDPOINT names another hub",
            fault);
    }

    private async Task<T> WithinSilenceAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_options.Silence);
        try
        {
            return await step(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HubFault(HubError.Unreachable, FormattableString.Invariant($"silence for {_options.Silence.TotalSeconds:0.#} s"), e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new HubFault(HubError.Unreachable, e.Message, e);
        }
    }
}
