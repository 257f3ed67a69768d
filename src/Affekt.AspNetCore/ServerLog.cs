namespace Affekt.AspNetCore;

/// <summary>What the server logs: no media, no words, no names of files or speakers, no keys, no addresses of clients.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Listening at {Urls}")]
    public static partial void Listening(ILogger logger, string urls);

    [LoggerMessage(Level = LogLevel.Information, Message = "The models are there, after {Seconds:0.0} s")]
    public static partial void Ready(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "The models cannot be opened, and are tried again in {Seconds} s: {Message}")]
    public static partial void NotReady(ILogger logger, double seconds, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed: {Kind}\n{Trace}")]
    public static partial void Failed(ILogger logger, string method, string route, string kind, string? trace);

    [LoggerMessage(Level = LogLevel.Information, Message = "Found {Waiting} jobs to run again and {Failed} that failed with the last server")]
    public static partial void Restored(ILogger logger, int waiting, int failed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Decoders are not kept from {What}")]
    public static partial void WeakSandbox(ILogger logger, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Id} failed: {Kind}\n{Trace}")]
    public static partial void JobFailed(ILogger logger, string id, string kind, string? trace);

    [LoggerMessage(Level = LogLevel.Error, Message = "A live session failed: {Kind}\n{Trace}")]
    public static partial void LiveFailed(ILogger logger, string kind, string? trace);

    [LoggerMessage(Level = LogLevel.Error, Message = "What became of job {Id} cannot be stored, and is tried again: {Message}")]
    public static partial void NotStored(ILogger logger, string id, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "Jobs that expired cannot be deleted, and are tried again: {Message}")]
    public static partial void NotSwept(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "An upload cannot be deleted, and is tried again: {Message}")]
    public static partial void NotDeleted(ILogger logger, string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "Memory cannot be given back: {Message}")]
    public static partial void NotTidied(ILogger logger, string message);
}
