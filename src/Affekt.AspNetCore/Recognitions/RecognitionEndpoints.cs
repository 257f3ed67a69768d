using Affekt.AspNetCore.Jobs;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;
using Affekt.Recognition;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>POST /v1/recognitions, and the jobs that come of it.</summary>
internal static class RecognitionEndpoints
{
    private const string Path = "/v1/recognitions";
    private const string Tag = "Recognition";

    public static void AddRecognitions(this IServiceCollection services)
    {
        services.AddSingleton<MediaFolders>();
        services.AddSingleton<UploadReader>();
        services.AddSingleton<Uploads>();
        services.AddSingleton<UploadCheck>();
        services.AddSingleton<BundleFacts>();
        services.AddSingleton<Baselines>();
        services.AddSingleton<Admission>();
        services.AddSingleton<RecognitionRun>();
        services.AddSingleton<JobStore>();
        services.AddSingleton<JobService>();
        services.AddHostedService(provider => provider.GetRequiredService<JobService>());
    }

    public static void MapRecognitions(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, RecognizeAsync)
            .WithTags(Tag).WithName("recognize").WithSummary("Recognizes a recording, at once or as a job.")
            .Accepts<UploadForm>("multipart/form-data").TakesUploads(endpoints)
            .Produces<RecognitionResult>().Produces<JobAnswer>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 401, 408, 413, 415, 422, 429, 503, 507);
        endpoints.MapGet(Path + "/{id}", (string id, JobService jobs) => ServerJson.Answer(Known(jobs, id).Answer))
            .WithTags(Tag).WithName("job").WithSummary("How a job stands.")
            .Produces<JobAnswer>().ProducesProblems(401, 404);
        endpoints.MapGet(Path + "/{id}/events", (string id, HttpContext context, JobService jobs, IHostApplicationLifetime lifetime) =>
                JobEvents.WriteAsync(context, Known(jobs, id), lifetime.ApplicationStopping))
            .WithTags(Tag).WithName("job_events").WithSummary("A job as it goes on, as server-sent events.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream").Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(401, 404);
        endpoints.MapDelete(Path + "/{id}", NoContent (string id, JobService jobs) =>
                jobs.Delete(id) ? TypedResults.NoContent() : throw NoJob())
            .WithTags(Tag).WithName("delete_job").WithSummary("Cancels a job and deletes it with its media.")
            .ProducesProblems(401, 404);
    }

    private static async Task<IResult> RecognizeAsync(
        HttpContext context, ModelHost models, ClientRates rates, Admission admission, MediaFolders folders, Uploads uploads,
        UploadReader reader, UploadCheck check, RecognitionRun recognition, JobService jobs)
    {
        // What can be refused is refused before the upload is read.
        string client = Client.Of(context);
        rates.CountStart(context);
        models.RequireReady();
        admission.RequireRoom(client);
        string? folder = null;
        Admission.Place? place = null;
        bool handedOver = false;
        try
        {
            folder = folders.Create();
            Upload received = await uploads.ReceiveAsync(
                client, end => reader.ReadAsync(context.Request, folder, end), context.RequestAborted);
            place = admission.Enter(client);
            Upload upload = await check.CheckAsync(received, context.RequestAborted);
            if (upload.Options.Mode == RecognitionMode.Job)
            {
                JobAnswer job = jobs.Submit(upload, place);
                handedOver = true;
                context.Response.Headers.Location = $"{context.Request.PathBase}{context.Request.Path.Value!.TrimEnd('/')}/{job.Id}";
                return ServerJson.Answer(job, StatusCodes.Status202Accepted);
            }

            return ServerJson.Answer(await place.WorkAsync(
                upload.Work,
                () => recognition.RunAsync(upload, update => place.Reached(TimeSpan.FromMilliseconds(update.DoneMs)), context.RequestAborted),
                context.RequestAborted));
        }
        finally
        {
            if (!handedOver)
            {
                place?.Dispose();
                if (folder is not null)
                    folders.Delete(folder);
            }
        }
    }

    private static Job Known(JobService jobs, string id) => jobs.Find(id) ?? throw NoJob();

    private static ProblemException NoJob() =>
        new(ProblemCode.NotFound, "Found no job of that id: it never was, was deleted, or has expired.");

    /// <summary>Lets in as much as the limits say, whatever the host's other endpoints take.</summary>
    internal static RouteHandlerBuilder TakesUploads(this RouteHandlerBuilder builder, IEndpointRouteBuilder endpoints) =>
        builder.WithMetadata(new RequestSizeLimitAttribute(endpoints.ServiceProvider.GetRequiredService<ServerLimits>().MaxRequestBytes));

    internal static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder builder, params int[] statuses)
    {
        foreach (int status in statuses)
            builder.Produces<Problem>(status, Problem.MediaType);
        return builder;
    }
}
