using System.Collections.Concurrent;
using System.Security.Cryptography;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Recognitions;
using Affekt.Recognition;
using Microsoft.Data.Sqlite;

namespace Affekt.AspNetCore.Jobs;

/// <summary>Runs jobs, and keeps them until they expire.</summary>
internal sealed class JobService(
    JobStore store, MediaFolders folders, Admission admission, RecognitionRun recognition, ModelHost models, ServerLimits limits,
    TimeProvider time, ILogger<JobService> logger) : IHostedService, IDisposable
{
    // A job that was at work both times when a server ended abruptly may be what ended it.
    private const int MostAttempts = 2;

    private readonly ConcurrentDictionary<string, Job> _unfinished = new();
    private readonly ConcurrentDictionary<Task, bool> _working = new();

    // What could not be stored when it happened: by job, what to store.
    private readonly ConcurrentDictionary<string, Action> _unstored = new();
    private readonly CancellationTokenSource _stopping = new();
    private ITimer? _sweep;

    /// <summary>Takes on a job; its upload's folder and place are the job's from here on.</summary>
    public JobAnswer Submit(Upload upload, Admission.Place place)
    {
        DateTimeOffset now = Now;
        JobAnswer answer = new()
        {
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            State = JobState.Queued,
            Created = now,
            Expires = now + limits.Keep,
            File = upload.File,
            Progress = new JobProgress(0, 0, upload.DurationMs),
        };
        store.Add(answer, upload);
        Start(new Job(answer, upload.Folder), upload, place);
        return answer;
    }

    /// <summary>A job; null where there is none, or none any more.</summary>
    public Job? Find(string id) => _unfinished.TryGetValue(id, out Job? job) ? IsDeleted(job) ? null : job
        : store.Find(id, Now) is { } answer ? new Job(answer) : null;

    /// <summary>Deletes a job with all that belongs to it; false where there is none.</summary>
    public bool Delete(string id)
    {
        // Its own work sees that it is canceled, and deletes the media when the decoder is gone.
        if (_unfinished.TryGetValue(id, out Job? job))
        {
            if (IsDeleted(job))
                return false;
            bool isOver = job.Answer.IsOver;
            job.Change(answer => answer with { State = JobState.Canceled });
            job.Cancel();
            Store(id, () => store.Delete(id));
            if (isOver)
                Forget(job);
            return true;
        }

        return store.Delete(id);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        int failed = 0;
        List<StoredJob> again = [];
        foreach (StoredJob stored in store.Unfinished())
        {
            if (stored.Upload is null || stored.Attempts >= MostAttempts || !stored.Upload.IsThere())
            {
                failed++;
                string reason = stored.Attempts >= MostAttempts
                    ? $"The server ended {stored.Attempts} times while it was at work on this."
                    : "The server ended, and the recording is gone.";
                store.End(stored.Job with
                {
                    State = JobState.Failed,
                    Expires = Now + limits.Keep,
                    Error = Problem.Of(ProblemCode.Interrupted, reason),
                });
            }
            else
            {
                again.Add(stored);
            }
        }

        folders.Sweep(again.Select(stored => stored.Upload!.Folder).ToHashSet());
        if (failed + again.Count > 0)
            ServerLog.Restored(logger, again.Count, failed);
        foreach (StoredJob stored in again)
            Start(new Job(stored.Job with { State = JobState.Queued }, stored.Upload!.Folder), stored.Upload, admission.Restore());
        _sweep = time.CreateTimer(_ => Sweep(), null, limits.Sweep, limits.Sweep);
        return Task.CompletedTask;
    }

    /// <summary>Ends the work; jobs that are not done are done by the next server.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_sweep is not null)
            await _sweep.DisposeAsync();
        await _stopping.CancelAsync();
        await Task.WhenAll(_working.Keys).WaitAsync(cancellationToken);
        StoreLeft();
    }

    public void Dispose()
    {
        _sweep?.Dispose();
        _stopping.Dispose();
    }

    // Its work has not ended yet.
    private static bool IsDeleted(Job job) => job.Answer.State == JobState.Canceled;

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private void Start(Job job, Upload upload, Admission.Place place)
    {
        _unfinished[job.Answer.Id] = job;
        Task work = Task.Run(() => WorkAsync(job, upload, place), CancellationToken.None);
        _working[work] = true;
        work.ContinueWith(done => _working.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task WorkAsync(Job job, Upload upload, Admission.Place place)
    {
        string id = job.Answer.Id;
        bool isOver = true;
        try
        {
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(job.Canceled, _stopping.Token);
            await models.WhenReady.WaitAsync(end.Token);
            RecognitionResult result = await place.WorkAsync(upload.Work, () => RecognizeAsync(job, upload, place, end.Token), end.Token);
            End(job, answer => answer with
            {
                State = JobState.Done,
                Result = result,
                Progress = new JobProgress(result.Utterances.Count, result.Input.DurationMs, result.Input.DurationMs),
            });
        }
        catch (OperationCanceledException) when (job.Canceled.IsCancellationRequested)
        {
            // Deleted: nothing of it is left but its media.
            Forget(job);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            isOver = false;
            Store(id, () => store.PutBack(id));
        }
        catch (Exception exception)
        {
            Problem problem = ProblemWriter.Of(exception);
            if (problem.Code == ProblemCode.Internal.Name || exception is SqliteException)
                ServerLog.JobFailed(logger, id, exception.GetType().Name, exception.StackTrace);
            End(job, answer => answer with { State = JobState.Failed, Error = problem });
        }
        finally
        {
            place.Dispose();
            if (!isOver)
                _unfinished.TryRemove(id, out _);
        }
    }

    private Task<RecognitionResult> RecognizeAsync(Job job, Upload upload, Admission.Place place, CancellationToken cancellation)
    {
        store.Begin(job.Answer.Id);
        job.Change(answer => answer with { State = JobState.Running });
        return recognition.RunAsync(
            upload,
            update =>
            {
                place.Reached(TimeSpan.FromMilliseconds(update.DoneMs));
                job.Change(
                    answer => answer with
                    {
                        Progress = new JobProgress(
                            answer.Progress.Utterances + (update.Utterance is null ? 0 : 1), update.DoneMs, update.Input.DurationMs),
                    },
                    update.Utterance is { } utterance ? utterance : null);
            },
            cancellation);
    }

    // Stored before it is told: who has read that a job is done finds it done after a crash as well. Where it cannot be stored it is
    // told all the same, kept in memory, and stored as soon as that can be done; its media stay until then, for the next server.
    private void End(Job job, Func<JobAnswer, JobAnswer> change)
    {
        JobAnswer over = change(job.Answer) with { Expires = Now + limits.Keep };
        Store(over.Id, () =>
        {
            store.End(over);
            Forget(job);
        });
        job.Change(_ => over);
        if (job.Canceled.IsCancellationRequested)
            Forget(job);
    }

    private void Forget(Job job)
    {
        if (job.Folder is { } folder)
            folders.Delete(folder);
        _unfinished.TryRemove(job.Answer.Id, out _);
    }

    // What happens last to a job is what is stored of it.
    private void Store(string id, Action write)
    {
        try
        {
            write();
            _unstored.TryRemove(id, out _);
        }
        catch (Exception exception)
        {
            if (!_unstored.ContainsKey(id))
                ServerLog.NotStored(logger, id, exception.Message);
            _unstored[id] = write;
        }
    }

    private void StoreLeft()
    {
        foreach ((string id, Action write) in _unstored)
            Store(id, write);
    }

    // A timer's callback that throws would end the process.
    private void Sweep()
    {
        try
        {
            StoreLeft();
            foreach ((string id, Job job) in _unfinished)
            {
                if (job.Answer is { IsOver: true } over && over.Expires <= Now)
                    Delete(id);
            }

            folders.DeleteLeft();
            store.DeleteExpired(Now);
        }
        catch (Exception exception)
        {
            ServerLog.NotSwept(logger, exception.Message);
        }
    }
}
