using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Security;
using Affekt.Media;
using Affekt.Recognition;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>POST /v1/baselines: how a voice usually sounds, for the live sessions that name it.</summary>
internal static class BaselineEndpoints
{
    private const string Path = "/v1/baselines";
    private const string Tag = "Live";

    public static void MapBaselines(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost(Path, EnrollAsync)
            .WithTags(Tag).WithName("enroll").WithSummary("Enrolls a voice from recordings of it, for live sessions.")
            .Accepts<BaselineForm>("multipart/form-data").TakesUploads(endpoints)
            .Produces<BaselineAnswer>()
            .ProducesProblems(400, 401, 408, 413, 415, 422, 429, 503, 507);
        endpoints.MapDelete(Path + "/{id}", NoContent (string id, Baselines baselines) => baselines.Delete(id)
                ? TypedResults.NoContent()
                : throw new ProblemException(ProblemCode.NotFound, "Found no enrolled voice of that name: it never was, was deleted, or has expired."))
            .WithTags(Tag).WithName("forget_voice").WithSummary("Forgets an enrolled voice.")
            .ProducesProblems(401, 404);
    }

    private static async Task<JsonHttpResult<BaselineAnswer>> EnrollAsync(
        HttpContext context, ModelHost models, ClientRates rates, Admission admission, MediaFolders folders, Uploads uploads,
        UploadReader reader, UploadCheck check, IEmotionRecognizer recognizer, Baselines baselines, ServerLimits limits, TimeProvider time)
    {
        string client = Client.Of(context);
        rates.CountStart(context);
        models.RequireReady();
        admission.RequireRoom(client);
        string folder = folders.Create();
        try
        {
            Upload received = await uploads.ReceiveAsync(
                client, end => reader.ReadBaselineAsync(context.Request, folder, end), context.RequestAborted);
            using Admission.Place place = admission.Enter(client);
            Upload upload = await check.CheckBaselineAsync(received with { DurationMs = 0 }, context.RequestAborted);
            ISpeakerBaseline voice = await place.WorkAsync(
                upload.Work, () => ListenAsync(upload, recognizer, limits, time, context.RequestAborted), context.RequestAborted);
            return ServerJson.Answer(new BaselineAnswer(baselines.Add(client, voice), voice.HeardUtterances, (long)limits.KeepBaseline.TotalMilliseconds));
        }
        finally
        {
            folders.Delete(folder);
        }
    }

    private static async Task<ISpeakerBaseline> ListenAsync(
        Upload upload, IEmotionRecognizer recognizer, ServerLimits limits, TimeProvider time, CancellationToken cancellation)
    {
        TimeSpan most = limits.WorkTime(upload.Work ?? TimeSpan.Zero);
        using CancellationTokenSource late = new(most, time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await recognizer.EnrollAsync([.. upload.Baseline.Select(file => file.Path)], end.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ProblemException(
                ProblemCode.TookTooLong, FormattableString.Invariant($"baseline: found work of more than {most.TotalSeconds:0.#} s, expected less."));
        }
        catch (MediaException exception)
        {
            throw new ProblemException(MediaProblems.Of(exception, upload));
        }
    }
}

/// <summary>An enrolled voice.</summary>
/// <param name="Id">Its name, for a live session's hello.</param>
/// <param name="Utterances">How many utterances it rests on; 0 where nobody was heard.</param>
/// <param name="KeepMs">How long it waits for a session that names it, each time.</param>
internal sealed record BaselineAnswer(string Id, int Utterances, long KeepMs);
