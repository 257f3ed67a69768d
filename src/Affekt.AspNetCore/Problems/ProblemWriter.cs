using System.Globalization;
using Affekt.AspNetCore.Recognitions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Data.Sqlite;

namespace Affekt.AspNetCore.Problems;

/// <summary>The one place where a request's exceptions end, and where answers without a body get one.</summary>
internal sealed class ProblemWriter(RequestDelegate next, ILogger<ProblemWriter> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && Bodyless(context) is { } problem)
                await WriteAsync(context, problem);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer.
        }
        catch (Exception exception)
        {
            Problem problem = Of(exception);
            if (problem.Status == StatusCodes.Status500InternalServerError || exception is SqliteException)
                ServerLog.Failed(logger, context.Request.Method, RouteOf(context), exception.GetType().Name, exception.StackTrace);
            if (context.Response.HasStarted)
                context.Abort();
            else
                await WriteAsync(context, problem);
        }
    }

    /// <summary>Answers with a problem.</summary>
    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        HttpResponse response = context.Response;
        response.StatusCode = problem.Status;
        response.Headers.CacheControl = "no-store";
        if (problem.RetryAfter is { } wait)
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (problem.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        return response.WriteAsJsonAsync(problem, ServerJson.Options, Problem.MediaType, context.RequestAborted);
    }

    /// <summary>What an exception means to a client. A fault of the program tells nothing of itself.</summary>
    public static Problem Of(Exception exception) => exception switch
    {
        ProblemException { Problem: var problem } => problem,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            Problem.Of(ProblemCode.TooLarge, "The request is larger than the server's limit; GET /v1/limits tells it."),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
            Problem.Of(ProblemCode.TimedOut, "The request came too slowly."),
        BadHttpRequestException bad => Problem.Of(ProblemCode.BadRequest, bad.Message),
        IOException { HResult: OutOfSpace } =>
            Problem.Of(ProblemCode.StorageFull, "The server's data folder is full.") with { RetryAfter = TimeSpan.FromMinutes(1) },
        SqliteException { SqliteErrorCode: SqliteFull } =>
            Problem.Of(ProblemCode.StorageFull, "The server's data folder is full.") with { RetryAfter = TimeSpan.FromMinutes(1) },
        SqliteException =>
            Problem.Of(ProblemCode.StorageBusy, "The server's jobs cannot be read or written now.") with { RetryAfter = TimeSpan.FromSeconds(5) },
        _ => Problem.Of(ProblemCode.Internal, "The server failed; its log tells where."),
    };

    // ENOSPC, and SQLITE_FULL.
    private const int OutOfSpace = 28;
    private const int SqliteFull = 13;

    private static Problem? Bodyless(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => Problem.Of(ProblemCode.NotFound, "Found no resource of that path."),
        StatusCodes.Status405MethodNotAllowed => Problem.Of(
            ProblemCode.MethodNotAllowed, $"Found {context.Request.Method}, expected {context.Response.Headers.Allow}."),
        StatusCodes.Status415UnsupportedMediaType =>
            Problem.Of(ProblemCode.NotMultipart, UploadReader.NotMultipart(context.Request)),
        _ => null,
    };

    // Of a path that matches no route nothing is logged: it is the client's own text.
    private static string RouteOf(HttpContext context) =>
        (context.Features.Get<IEndpointFeature>()?.Endpoint as RouteEndpoint)?.RoutePattern.RawText ?? "no route";
}
