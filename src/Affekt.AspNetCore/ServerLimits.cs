using Affekt.AspNetCore.Live;

namespace Affekt.AspNetCore;

/// <summary>How much the server takes on. Every limit is told by GET /v1/limits or stands in docs/api.md. A value that
/// a limit cannot have is an <see cref="ArgumentOutOfRangeException"/>.</summary>
public sealed record ServerLimits
{
    /// <summary>The largest upload, in bytes.</summary>
    public long MaxUploadBytes
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxUploadBytes), value, "expected 1 or more");
    } = 512L << 20;

    /// <summary>The largest request, in bytes: beside the media a form has headers, and fields.</summary>
    public long MaxRequestBytes => MaxUploadBytes + (8 << 20);

    /// <summary>The longest recording.</summary>
    public TimeSpan MaxDuration
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(MaxDuration), value, "expected more than 0");
    } = TimeSpan.FromHours(2);

    /// <summary>The longest recording that is answered at once; a longer one is a job.</summary>
    public TimeSpan MaxSyncDuration
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(MaxSyncDuration), value, "expected 0 or more");
    } = TimeSpan.FromMinutes(5);

    /// <summary>The most pixels of one picture; 4096 x 4096.</summary>
    public long MaxPixels
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxPixels), value, "expected 1 or more");
    } = 1L << 24;

    /// <summary>How many live sessions there are at once.</summary>
    public int MaxLiveSessions
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(MaxLiveSessions), value, "expected 0 or more");
    } = 8;

    /// <summary>How many of the live sessions one client may have; half of them, rounded up, where that is not set.</summary>
    public int? MaxLiveSessionsPerClient { get; init; }

    /// <summary>What one live session may take.</summary>
    public LiveLimits Live { get; init; } = new();

    /// <summary>How many recognitions wait, beside those that are at work.</summary>
    public int MaxQueue
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(MaxQueue), value, "expected 0 or more");
    } = 16;

    /// <summary>How many recognitions are at work at once: one decodes while another computes.</summary>
    public int Workers
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Workers), value, "expected 1 or more");
    } = 2;

    /// <summary>
    /// How many of the places for recognitions are kept for clients who have none: whoever takes all others does not shut the server to
    /// them.
    /// </summary>
    public int PlacesForOthers => MaxQueue / 4;

    /// <summary>
    /// How long a recording is whose work counts as long: one client's leave a worker to others, where there are two or more, and where
    /// long works have every worker, one short work goes beside them.
    /// </summary>
    public TimeSpan LongWork { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many recordings of a voice, for its baseline, come with one request.</summary>
    public int MaxBaselineFiles { get; init; } = 8;

    /// <summary>How many voices one client has enrolled for live sessions; one more makes the oldest forgotten.</summary>
    public int MaxBaselinesPerClient { get; init; } = 16;

    /// <summary>How many voices are enrolled for live sessions altogether.</summary>
    public int MaxBaselines => 16 * MaxBaselinesPerClient;

    /// <summary>How long an enrolled voice waits for a live session that names it.</summary>
    public TimeSpan KeepBaseline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many uploads of one client come in at once; they take no place until they are there.</summary>
    public int MaxUploadsPerClient => Workers + MaxQueue;

    /// <summary>How many uploads come in at once.</summary>
    public int MaxUploads => 4 * MaxUploadsPerClient;

    /// <summary>How long an upload may take.</summary>
    public TimeSpan MaxUploadTime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The least that comes of an upload in a second, on average, in bytes; its first ten seconds are free.</summary>
    public int MinUploadRate { get; init; } = 16 << 10;

    /// <summary>How many connections one client may hold.</summary>
    public int MaxConnectionsPerClient { get; init; } = 256;

    /// <summary>How many connections there are at once.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>How long the work on a recording may take whose length is 0.</summary>
    public TimeSpan MaxWork { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many times a recording's length the work on it may take beside that.</summary>
    public double MaxWorkPerDuration { get; init; } = 4;

    /// <summary>How long a job is kept after its beginning.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often jobs that expired are deleted, and what could not be stored is tried again.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many recognitions and live sessions one client may begin in a minute.</summary>
    public int MaxStartsPerMinute { get; init; } = 240;

    /// <summary>How many requests of any kind one client may send in a minute.</summary>
    public int MaxRequestsPerMinute { get; init; } = 1200;

    /// <summary>The longest field that is no file (text, speaker, options), in bytes.</summary>
    public int MaxFieldBytes { get; init; } = 64 << 10;

    /// <summary>The largest transcript, in bytes.</summary>
    public int MaxTranscriptBytes { get; init; } = 4 << 20;

    /// <summary>How many lines a transcript may have for a recording of length 0.</summary>
    public int MaxTranscriptLines { get; init; } = 1000;

    /// <summary>How many lines a transcript may have beside those for each second of the recording.</summary>
    public int MaxTranscriptLinesPerSecond { get; init; } = 20;

    /// <summary>The most memory that one decoder may take, in bytes.</summary>
    public long MaxDecoderBytes { get; init; } = 3L << 30;

    /// <summary>The most processor time that one decoder may take.</summary>
    public TimeSpan MaxDecoderTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many live sessions one client may have.</summary>
    public int LiveSessionsPerClient => MaxLiveSessionsPerClient ?? ((MaxLiveSessions + 1) / 2);

    /// <summary>How long the work on a recording may take, waiting for its turn not counted.</summary>
    public TimeSpan WorkTime(TimeSpan duration) => MaxWork + (MaxWorkPerDuration * duration);

    /// <summary>How many lines a transcript may have.</summary>
    public long TranscriptLines(TimeSpan duration) => MaxTranscriptLines + (long)(MaxTranscriptLinesPerSecond * duration.TotalSeconds);
}
