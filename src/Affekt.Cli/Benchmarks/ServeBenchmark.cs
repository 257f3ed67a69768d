using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Affekt.Recognition;

namespace Affekt.Cli.Benchmarks;

/// <summary>What came of many uploads at once. Times are in ms, from the request's first byte to the answer's last.</summary>
/// <param name="Accepted">How many were answered, all of them rightly.</param>
/// <param name="Refused">How many were told to come back later: 429 or 503 with Retry-After.</param>
/// <param name="AcceptedMs">Times of the answered.</param>
/// <param name="RefusedMs">Times of the refused.</param>
/// <param name="ResidentMib">The server's resident memory after the round and a rest; null where its process was not named.</param>
internal sealed record ServeRound(int Accepted, int Refused, ServeTimes AcceptedMs, ServeTimes RefusedMs, long? ResidentMib);

/// <summary>How times are spread.</summary>
internal sealed record ServeTimes(double P50, double P99, double Max)
{
    public static ServeTimes Of(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Order()];
        return sorted.Length == 0 ? new ServeTimes(0, 0, 0) : new ServeTimes(At(0.5), At(0.99), At(1));

        double At(double share) => Math.Round(sorted[(int)Math.Ceiling(share * sorted.Length) - 1], 1);
    }
}

/// <summary>A measurement of a server under too many uploads: the schema "affekt.bench-serve/1".</summary>
internal sealed record ServeReport
{
    public string Schema { get; init; } = "affekt.bench-serve/1";

    public required int Uploads { get; init; }

    public required int Queue { get; init; }

    /// <summary>The median time of uploads one after another.</summary>
    public required double UnloadedMs { get; init; }

    /// <summary>What the p99 of the accepted may be: twice the unloaded time for each place in the queue.</summary>
    public required double BoundMs { get; init; }

    public required bool WithinBound { get; init; }

    public required long? ResidentMibBefore { get; init; }

    public required IReadOnlyList<ServeRound> Rounds { get; init; }
}

/// <summary>Sends a server far more uploads at once than it has places for, round after round.</summary>
/// <param name="server">http://HOST:PORT.</param>
/// <param name="file">The recording.</param>
/// <param name="serverProcess">The server's process on this machine; null where it is elsewhere.</param>
internal sealed class ServeBenchmark(Uri server, string file, int? serverProcess) : IDisposable
{
    private const int Unloaded = 10;

    // Longer than a server waits before it gives memory back.
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(12);

    private readonly byte[] _media = File.ReadAllBytes(file);

    // One connection for each upload: a client that waits for a free one would be measured instead.
    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue })
    {
        BaseAddress = server,
        Timeout = TimeSpan.FromMinutes(10),
    };

    /// <exception cref="CommandException">An answer was wrong, or neither an answer nor a refusal.</exception>
    public async Task<ServeReport> RunAsync(int uploads, int rounds, CancellationToken cancellation)
    {
        using JsonDocument limits = JsonDocument.Parse(await _client.GetStringAsync("/v1/limits", cancellation));
        int queue = limits.RootElement.GetProperty("max_queue").GetInt32();
        Sent first = await SendAsync(cancellation);
        string expected = first.Answer ?? throw new CommandException($"the first upload got {(int)first.Status}, expected 200");
        List<double> alone = [];
        for (int i = 0; i < Unloaded; i++)
            alone.Add((await SendAsync(cancellation)).Milliseconds);
        double unloaded = ServeTimes.Of(alone).P50;
        long? before = Resident();
        List<ServeRound> done = [];
        for (int i = 0; i < rounds; i++)
        {
            Sent[] sent = await Task.WhenAll(Enumerable.Range(0, uploads).Select(_ => Task.Run(() => SendAsync(cancellation), cancellation)));
            Check(sent, expected);
            using (HttpResponseMessage health = await _client.GetAsync("/healthz", cancellation))
                health.EnsureSuccessStatusCode();
            await Task.Delay(_rest, cancellation);
            done.Add(new ServeRound(
                sent.Count(one => one.Answer is not null), sent.Count(one => one.Answer is null),
                ServeTimes.Of(sent.Where(one => one.Answer is not null).Select(one => one.Milliseconds)),
                ServeTimes.Of(sent.Where(one => one.Answer is null).Select(one => one.Milliseconds)), Resident()));
        }

        double bound = Math.Round(2 * unloaded * queue, 1);
        return new ServeReport
        {
            Uploads = uploads,
            Queue = queue,
            UnloadedMs = unloaded,
            BoundMs = bound,
            WithinBound = done.All(round => round.AcceptedMs.P99 <= bound),
            ResidentMibBefore = before,
            Rounds = done,
        };
    }

    public void Dispose() => _client.Dispose();

    private static void Check(Sent[] sent, string expected)
    {
        foreach (Sent one in sent)
        {
            if (one.Answer is null ? !(one.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && one.SaysWhen) : one.Answer != expected)
            {
                throw new CommandException(
                    $"found {(int)one.Status} {one.Answer ?? (one.SaysWhen ? "" : "without Retry-After")}; expected {expected}, or 429 or 503 with Retry-After");
            }
        }
    }

    private async Task<Sent> SendAsync(CancellationToken cancellation)
    {
        using MultipartFormDataContent form = new() { { new ByteArrayContent(_media), "media", Path.GetFileName(file) } };
        long begin = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await _client.PostAsync("/v1/recognitions", form, cancellation);
        string text = await response.Content.ReadAsStringAsync(cancellation);
        double milliseconds = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        string? answer = response.IsSuccessStatusCode
            ? string.Join("; ", RecognitionResult.FromJson(text).Utterances.Select(one => $"{one.StartMs} {one.Text} {one.Label} {one.Confidence:0.0000}"))
            : null;
        return new Sent(response.StatusCode, response.Headers.RetryAfter is not null, answer, milliseconds);
    }

    private long? Resident() => serverProcess is { } id ? LiveBenchmark.Resident(id) : null;

    private sealed record Sent(HttpStatusCode Status, bool SaysWhen, string? Answer, double Milliseconds);
}
