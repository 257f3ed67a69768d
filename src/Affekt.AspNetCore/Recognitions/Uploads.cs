using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>
/// Uploads while they come in: so many of one client, so many of all, and each in its time. Kestrel ends those that come too slowly
/// (<see cref="ServerLimits.MinUploadRate"/>).
/// </summary>
internal sealed class Uploads(ServerLimits limits, TimeProvider time)
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(5);

    private readonly ClientSlots _coming = new(limits.MaxUploads, limits.MaxUploadsPerClient);

    /// <summary>Reads an upload.</summary>
    /// <exception cref="ProblemException">There are too many, or it did not come in time.</exception>
    public async Task<Upload> ReceiveAsync(string client, Func<CancellationToken, Task<Upload>> read, CancellationToken aborted)
    {
        using ClientSlots.Slot place = _coming.TryEnter(client) ?? throw new ProblemException(
            ProblemCode.TooManyUploads,
            $"Found {limits.MaxUploadsPerClient} uploads of this client that come in, or {limits.MaxUploads} of all, expected fewer.", _again);
        using CancellationTokenSource late = new(limits.MaxUploadTime, time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(aborted, late.Token);
        try
        {
            return await read(end.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            throw new ProblemException(
                ProblemCode.TimedOut, $"Found an upload that takes more than {limits.MaxUploadTime.TotalSeconds:0.###} s, expected one that is here by then.");
        }
    }
}
