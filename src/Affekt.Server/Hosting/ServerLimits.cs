using Affekt.Server.Live;

namespace Affekt.Server.Hosting;

/// <summary>How much the server takes on. Every limit is told by GET /v1/limits or stands in docs/api.md.</summary>
internal sealed record ServerLimits
{
    /// <summary>The largest upload, in bytes.</summary>
    public long MaxUploadBytes { get; init; } = 512L << 20;

    /// <summary>The longest recording.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The longest recording that is answered at once; a longer one is a job.</summary>
    public TimeSpan MaxSyncDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The most pixels of one picture; 4096 x 4096.</summary>
    public long MaxPixels { get; init; } = 1L << 24;

    /// <summary>How many live sessions there are at once.</summary>
    public int MaxLiveSessions { get; init; } = 8;

    /// <summary>What one live session may take.</summary>
    public LiveLimits Live { get; init; } = new();

    /// <summary>How many recognitions wait, beside those that are at work.</summary>
    public int MaxQueue { get; init; } = 16;

    /// <summary>How many recognitions are at work at once: one decodes while another computes.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>How long a job is kept behind its beginning.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many recognitions and live sessions one client may begin in a minute.</summary>
    public int MaxStartsPerMinute { get; init; } = 240;

    /// <summary>How many requests of any kind one client may send in a minute.</summary>
    public int MaxRequestsPerMinute { get; init; } = 1200;

    /// <summary>The longest field that is no file (text, speaker, options), in bytes.</summary>
    public int MaxFieldBytes { get; init; } = 64 << 10;

    /// <summary>The largest transcript, in bytes.</summary>
    public int MaxTranscriptBytes { get; init; } = 4 << 20;

    /// <summary>The most memory that one decoder may take, in bytes.</summary>
    public long MaxDecoderBytes { get; init; } = 3L << 30;

    /// <summary>The most processor time that one decoder may take.</summary>
    public TimeSpan MaxDecoderTime { get; init; } = TimeSpan.FromMinutes(10);
}
