namespace Affekt.AspNetCore.Problems;

/// <summary>The kinds of problems, with their status and title. docs/api.md lists them.</summary>
internal sealed record ProblemCode(string Name, int Status, string Title)
{
    public static readonly ProblemCode BadRequest = new("bad_request", 400, "The request cannot be read");
    public static readonly ProblemCode BadMessage = new("bad_message", 400, "The message cannot be read");
    public static readonly ProblemCode BadForm = new("bad_form", 400, "The form cannot be read");
    public static readonly ProblemCode BadOptions = new("bad_options", 400, "The options cannot be read");
    public static readonly ProblemCode MediaMissing = new("media_missing", 400, "The form has no media");
    public static readonly ProblemCode KeyMissing = new("key_missing", 401, "A key is needed");
    public static readonly ProblemCode KeyWrong = new("key_wrong", 401, "The key is not known");
    public static readonly ProblemCode OriginNotAllowed = new("origin_not_allowed", 403, "Pages of this origin may not call");
    public static readonly ProblemCode NotFound = new("not_found", 404, "There is no such thing");
    public static readonly ProblemCode MethodNotAllowed = new("method_not_allowed", 405, "This cannot be done here");
    public static readonly ProblemCode TimedOut = new("timed_out", 408, "The request took too long");
    public static readonly ProblemCode TooLarge = new("too_large", 413, "The upload is too large");
    public static readonly ProblemCode TooManyFields = new("too_many_fields", 413, "The form has too many fields");
    public static readonly ProblemCode TooLong = new("too_long", 413, "The recording is too long");
    public static readonly ProblemCode TooLongForSync = new("too_long_for_sync", 413, "The recording is too long to wait for");
    public static readonly ProblemCode TooManyPixels = new("too_many_pixels", 413, "The picture is too large");
    public static readonly ProblemCode NotMultipart = new("not_multipart", 415, "The request is no form");
    public static readonly ProblemCode NotMedia = new("not_media", 415, "The file is no recording");
    public static readonly ProblemCode WrongHost = new("wrong_host", 421, "This server does not answer to that name");
    public static readonly ProblemCode EmptyMedia = new("empty_media", 422, "The recording is empty");
    public static readonly ProblemCode DamagedMedia = new("damaged_media", 422, "The recording cannot be decoded");
    public static readonly ProblemCode SlowMedia = new("slow_media", 422, "The recording took too long to decode");
    public static readonly ProblemCode TookTooLong = new("took_too_long", 422, "The work on the recording took too long");
    public static readonly ProblemCode BadTranscript = new("bad_transcript", 422, "The transcript cannot be read");
    public static readonly ProblemCode TooManyRequests = new("too_many_requests", 429, "Too many requests");
    public static readonly ProblemCode Internal = new("internal", 500, "The server failed");
    public static readonly ProblemCode NotReady = new("not_ready", 503, "The models are not there yet");
    public static readonly ProblemCode QueueFull = new("queue_full", 503, "The queue is full");
    public static readonly ProblemCode TooManyUploads = new("too_many_uploads", 503, "There are too many uploads at once");
    public static readonly ProblemCode StorageBusy = new("storage_busy", 503, "The store of jobs cannot be written at the moment");
    public static readonly ProblemCode TooManySessions = new("too_many_sessions", 503, "There are too many live sessions");
    public static readonly ProblemCode LiveUnavailable = new("live_unavailable", 503, "This server cannot listen");
    public static readonly ProblemCode NoHello = new("no_hello", 408, "The client said no hello");
    public static readonly ProblemCode TakenOver = new("taken_over", 409, "Another connection went on with the session");
    public static readonly ProblemCode Idle = new("idle", 408, "The client said nothing for too long");
    public static readonly ProblemCode Stopping = new("stopping", 503, "The server stops");
    public static readonly ProblemCode Interrupted = new("interrupted", 500, "The server ended while it was at work");
    public static readonly ProblemCode StorageFull = new("storage_full", 507, "There is no room for the upload");
}
