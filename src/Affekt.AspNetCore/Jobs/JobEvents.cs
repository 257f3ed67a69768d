using System.Globalization;
using System.Text.Json;
using Affekt.Recognition;

namespace Affekt.AspNetCore.Jobs;

/// <summary>
/// A job's server-sent events. Utterances are numbered from 1, and the same recording gives the same ones in another run, so that
/// "behind event 5" means the same to every server.
/// </summary>
internal static class JobEvents
{
    /// <summary>The id of the last event: who has it is told, by 204, not to come back.</summary>
    private const string End = "end";

    private static readonly TimeSpan _quietFor = TimeSpan.FromSeconds(15);

    public static async Task WriteAsync(HttpContext context, Job job, CancellationToken stopping)
    {
        string? last = context.Request.Headers["Last-Event-ID"];
        if (last == End && job.Answer.IsOver)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        int seen = int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : 0;
        HttpResponse response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await WriteAsync(response, job, seen, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The client left, or the server stops: the client comes back with the number of its last event.
        }
    }

    private static async Task WriteAsync(HttpResponse response, Job job, int seen, CancellationToken cancellation)
    {
        while (true)
        {
            (JobAnswer answer, IReadOnlyList<RecognizedUtterance> utterances, Task changed) = job.Look(seen);
            foreach (RecognizedUtterance utterance in utterances)
                await SendAsync(response, "utterance", $"{++seen}", utterance, cancellation);
            if (answer.IsOver)
            {
                await SendAsync(response, JsonNamingPolicy.SnakeCaseLower.ConvertName(answer.State.ToString()), End, answer, cancellation);
                return;
            }

            await SendAsync(response, "progress", null, answer, cancellation);
            while (await Task.WhenAny(changed, Task.Delay(_quietFor, cancellation)) != changed)
            {
                // Keeps proxies from closing what they take for idle.
                cancellation.ThrowIfCancellationRequested();
                await response.WriteAsync(": still at work\n\n", cancellation);
                await response.Body.FlushAsync(cancellation);
            }
        }
    }

    private static async Task SendAsync<T>(HttpResponse response, string name, string? id, T data, CancellationToken cancellation)
    {
        // JSON has no line ends of its own.
        string text = JsonSerializer.Serialize(data, ServerJson.Options);
        await response.WriteAsync($"{(id is null ? "" : $"id: {id}\n")}event: {name}\ndata: {text}\n\n", cancellation);
        await response.Body.FlushAsync(cancellation);
    }
}
