using System.Globalization;
using System.Threading.RateLimiting;
using Affekt.Server.Hosting;
using Affekt.Server.Problems;

namespace Affekt.Server.Security;

/// <summary>How often each client may call: all requests together, and what begins work once more by itself.</summary>
internal sealed class ClientRates : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _requests;
    private readonly PartitionedRateLimiter<HttpContext> _starts;

    public ClientRates(ServerOptions options)
    {
        _requests = PerMinute(options.Limits.MaxRequestsPerMinute);
        _starts = PerMinute(options.Limits.MaxStartsPerMinute);
    }

    /// <summary>Counts a request.</summary>
    /// <exception cref="ProblemException">There were too many.</exception>
    public void CountRequest(HttpContext context) => Count(_requests, context, "requests");

    /// <summary>Counts a recognition or a live session that begins.</summary>
    /// <exception cref="ProblemException">There were too many.</exception>
    public void CountStart(HttpContext context) => Count(_starts, context, "recognitions and live sessions");

    public void Dispose()
    {
        _requests.Dispose();
        _starts.Dispose();
    }

    private static void Count(PartitionedRateLimiter<HttpContext> limiter, HttpContext context, string what)
    {
        using RateLimitLease lease = limiter.AttemptAcquire(context);
        if (lease.IsAcquired)
            return;
        TimeSpan wait = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan known) ? known : TimeSpan.FromSeconds(1);
        throw new ProblemException(
            ProblemCode.TooManyRequests, string.Create(CultureInfo.InvariantCulture, $"Found more {what} from this client than a minute allows."),
            wait);
    }

    // Refilled a sixtieth of the minute's share every second. Tokens do not pile up for clients that went away.
    private static PartitionedRateLimiter<HttpContext> PerMinute(int limit) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
            Client(context),
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = limit,
                TokensPerPeriod = Math.Max(1, limit / 60),
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
                AutoReplenishment = true,
            }));

    // An IPv6 client owns a /64 at the least: its addresses are one client.
    private static string Client(HttpContext context)
    {
        System.Net.IPAddress? address = context.Connection.RemoteIpAddress;
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        byte[] bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, 8)));
    }
}
