using System.Globalization;
using System.Threading.RateLimiting;
using Affekt.AspNetCore.Problems;

namespace Affekt.AspNetCore.Security;

/// <summary>How often each client may call: all requests together, and what begins work once more by itself.</summary>
internal sealed class ClientRates : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _requests;
    private readonly PartitionedRateLimiter<HttpContext> _starts;

    public ClientRates(ServerLimits limits)
    {
        _requests = PerMinute(limits.MaxRequestsPerMinute);
        _starts = PerMinute(limits.MaxStartsPerMinute);
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

    // Refilled a sixtieth of the minute's share every second, or, where that is less than one, one as often as it takes. Tokens do not
    // pile up for clients that went away.
    private static PartitionedRateLimiter<HttpContext> PerMinute(int limit) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
            Client.Of(context),
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = limit,
                TokensPerPeriod = Math.Max(1, limit / 60),
                ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, 60.0 / limit)),
                QueueLimit = 0,
                AutoReplenishment = true,
            }));
}

/// <summary>Counts every request before anything is done for it.</summary>
internal sealed class RequestCount(RequestDelegate next, ClientRates rates)
{
    public Task InvokeAsync(HttpContext context)
    {
        rates.CountRequest(context);
        return next(context);
    }
}
