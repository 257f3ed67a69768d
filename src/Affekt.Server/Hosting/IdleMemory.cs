using Affekt.AspNetCore;
using Affekt.AspNetCore.Live;
using Affekt.AspNetCore.Recognitions;
using Affekt.Recognition;

namespace Affekt.Server.Hosting;

/// <summary>
/// Gives memory back when work is over. What a rush took, the runtime's heap and the C library's would otherwise keep for the next
/// one: they tidy up when something is allocated, and nothing is while a server waits.
/// </summary>
internal sealed class IdleMemory(Admission admission, LiveSessions live, TimeProvider time, ILogger<IdleMemory> logger) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(5);

    /// <summary>How often memory was given back.</summary>
    public int Times { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(_every, time);
        long seen = 0, tidied = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Idle for as long as it takes to look twice: work that follows at once should find its memory where it was.
            long begun = admission.Begun + live.Begun;
            if (begun == seen && begun != tidied && admission.Taken == 0 && live.Count == 0)
            {
                Tidy();
                tidied = begun;
            }

            seen = begun;
        }
    }

    // A host ends with the first of its services that throws.
    private void Tidy()
    {
        try
        {
            ProcessMemory.GiveBack();
            Times++;
        }
        catch (Exception exception) when (exception is DllNotFoundException or OutOfMemoryException)
        {
            ServerLog.NotTidied(logger, exception.Message);
        }
    }
}
