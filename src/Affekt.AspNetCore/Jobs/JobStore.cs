using System.Globalization;
using System.Text.Json;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Recognitions;
using Affekt.Recognition;
using Microsoft.Data.Sqlite;

namespace Affekt.AspNetCore.Jobs;

/// <summary>
/// Jobs on disk, so that a restarted server knows them. What a job was given is kept until it is over, its result
/// until it expires; what is deleted is overwritten.
/// </summary>
internal sealed class JobStore : IDisposable
{
    private readonly SqliteConnection _database;
    private readonly Lock _using = new();

    public JobStore(DataFolder data)
    {
        _database = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(data.Root, "jobs.sqlite"),
            Pooling = false,

            // Whoever else has the file locked: callers are told to come back, rather than kept waiting.
            DefaultTimeout = 2,
        }.ConnectionString);
        _database.Open();

        // No write-ahead log: words that were deleted would stay in it for a while.
        Execute("PRAGMA journal_mode = DELETE; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;");
        Execute(
            """
            CREATE TABLE IF NOT EXISTS jobs (
                id TEXT PRIMARY KEY, state TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, file TEXT NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0, folder TEXT, upload TEXT, duration_ms INTEGER, error TEXT, result TEXT)
            """);
    }

    /// <summary>Writes a new job and what it was given.</summary>
    public void Add(JobAnswer job, Upload upload) => Execute(
        """
        INSERT INTO jobs (id, state, created, expires, file, folder, upload, duration_ms)
        VALUES ($id, $state, $created, $expires, $file, $folder, $upload, $duration)
        """,
        ("$id", job.Id), ("$state", Name(job.State)), ("$created", Ms(job.Created)), ("$expires", Ms(job.Expires)), ("$file", job.File),
        ("$folder", upload.Folder), ("$upload", JsonSerializer.Serialize(upload, ServerJson.Options)), ("$duration", job.Progress.DurationMs));

    /// <summary>Writes that work on a job began.</summary>
    public void Begin(string id) => Execute("UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE id = $id", ("$id", id));

    /// <summary>Writes that a job waits again, through no fault of its own.</summary>
    public void PutBack(string id) => Execute(
        "UPDATE jobs SET state = 'queued', attempts = max(attempts - 1, 0) WHERE id = $id", ("$id", id));

    /// <summary>Writes how a job ended, and forgets what it was given.</summary>
    public void End(JobAnswer job) => Execute(
        """
        UPDATE jobs SET state = $state, expires = $expires, error = $error, result = $result, folder = NULL, upload = NULL
        WHERE id = $id
        """,
        ("$id", job.Id), ("$state", Name(job.State)), ("$expires", Ms(job.Expires)),
        ("$error", job.Error is null ? null : JsonSerializer.Serialize(job.Error, ServerJson.Options)),
        ("$result", job.Result?.ToJson(indented: false)));

    /// <summary>Forgets a job; false where there is none.</summary>
    public bool Delete(string id) => Execute("DELETE FROM jobs WHERE id = $id", ("$id", id)) > 0;

    /// <summary>Forgets every job that is over and has expired.</summary>
    public int DeleteExpired(DateTimeOffset now) => Execute(
        "DELETE FROM jobs WHERE expires <= $now AND state IN ('done', 'failed')", ("$now", Ms(now)));

    /// <summary>A job; null where there is none, or none any more.</summary>
    public JobAnswer? Find(string id, DateTimeOffset now) =>
        Read("WHERE id = $id AND (expires > $now OR state IN ('queued', 'running'))", ("$id", id), ("$now", Ms(now)))
            .Select(row => row.Job).FirstOrDefault();

    /// <summary>The jobs that the last server left unfinished, the oldest first, with how often work on each was begun.</summary>
    public IReadOnlyList<StoredJob> Unfinished() => Read("WHERE state IN ('queued', 'running') ORDER BY created, rowid");

    public void Dispose() => _database.Dispose();

    private List<StoredJob> Read(string where, params (string Name, object? Value)[] values)
    {
        lock (_using)
        {
            using SqliteCommand command = Command(
                $"SELECT id, state, created, expires, file, attempts, upload, duration_ms, error, result FROM jobs {where}", values);
            using SqliteDataReader reader = command.ExecuteReader();
            List<StoredJob> found = [];
            while (reader.Read())
                found.Add(ReadRow(reader));
            return found;
        }
    }

    private static StoredJob ReadRow(SqliteDataReader row)
    {
        string? upload = Text(6);
        RecognitionResult? result = Text(9) is { } json ? RecognitionResult.FromJson(json) : null;
        int? duration = row.IsDBNull(7) ? null : row.GetInt32(7);
        JobAnswer job = new()
        {
            Id = row.GetString(0),
            State = Enum.Parse<JobState>(row.GetString(1), ignoreCase: true),
            Created = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)),
            Expires = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
            File = row.GetString(4),
            Progress = new JobProgress(result?.Utterances.Count ?? 0, result?.Input.DurationMs ?? 0, result?.Input.DurationMs ?? duration),
            Error = Text(8) is { } error ? JsonSerializer.Deserialize<Problem>(error, ServerJson.Options) : null,
            Result = result,
        };
        return new StoredJob(job, row.GetInt32(5), upload is null ? null : ReadUpload(upload));

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }

    // One row that cannot be read must not keep a server from starting: its job fails.
    private static Upload? ReadUpload(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Upload>(json, ServerJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private int Execute(string sql, params (string Name, object? Value)[] values)
    {
        lock (_using)
        {
            using SqliteCommand command = Command(sql, values);
            return command.ExecuteNonQuery();
        }
    }

    private SqliteCommand Command(string sql, (string Name, object? Value)[] values)
    {
        SqliteCommand command = _database.CreateCommand();

        // Every statement is one of those above; what comes from outside is always a parameter.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object? value) in values)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static string Name(JobState state) => state.ToString().ToLower(CultureInfo.InvariantCulture);
}

/// <summary>A job as it was stored.</summary>
/// <param name="Job">How it stands.</param>
/// <param name="Attempts">How often work on it was begun.</param>
/// <param name="Upload">What it was given; null where it is over.</param>
internal sealed record StoredJob(JobAnswer Job, int Attempts, Upload? Upload);
