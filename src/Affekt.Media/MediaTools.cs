using System.Text.Json;

namespace Affekt.Media;

/// <summary>
/// Reads sound and pictures from local media files and picture files, with ffmpeg and ffprobe as child processes. Safe for concurrent
/// use: the sound and the pictures of a clip may be read at the same time.
/// </summary>
/// <remarks>
/// Every method throws <see cref="MediaException"/> for a file that cannot be read and
/// <see cref="OperationCanceledException"/> when canceled; the child process is gone by then, unless a stalled disk keeps it from
/// ending. A file without sound or without picture is no error: the result says that it is missing.
/// </remarks>
public sealed partial class MediaTools
{
    private const int MaximumProbeBytes = 1 << 22;

    private static readonly TimeSpan _minimumStretch = TimeSpan.FromMilliseconds(1);

    // Given ends are often a little late; that is not worth a warning.
    private static readonly TimeSpan _endTolerance = TimeSpan.FromMilliseconds(250);

    private readonly MediaToolsOptions _options;
    private readonly MediaTool _ffmpeg;
    private readonly MediaTool _ffprobe;

    private MediaTools(MediaToolsOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumStretch, _minimumStretch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaximumStretch, TimeSpan.FromHours(24));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumStream, _minimumStretch);

        // In samples it must stay an int.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaximumStream, TimeSpan.FromHours(36));
        _options = options;
        _ffmpeg = new MediaTool(ToolFinder.Find("ffmpeg", options.FfmpegPath), options.Sandbox);
        _ffprobe = new MediaTool(ToolFinder.Find("ffprobe", options.FfprobePath), options.Sandbox);
    }

    /// <summary>Finds ffmpeg and ffprobe.</summary>
    /// <param name="options">Paths and limits; null for the defaults.</param>
    /// <exception cref="MediaException">One is missing (<see cref="MediaError.ToolMissing"/>).</exception>
    public static MediaTools Find(MediaToolsOptions? options = null) => new(options ?? new MediaToolsOptions());

    /// <summary>Reads what a file holds; a JPEG, PNG, WebP or BMP file counts as a video of one picture. Playlists and other files that name further files are refused.</summary>
    /// <param name="file">Path of a local file; never taken for an address or a pattern.</param>
    /// <param name="cancellation">Ends the tool.</param>
    public async Task<MediaInfo> ProbeAsync(string file, CancellationToken cancellation = default)
    {
        string path = await MediaFile.CheckAsync(file, _options.Timeout, cancellation).ConfigureAwait(false);
        return await ProbeFileAsync(file, path, cancellation).ConfigureAwait(false);
    }

    private async Task<MediaInfo> ProbeFileAsync(string file, string path, CancellationToken cancellation)
    {
        string? format = PictureFormat(path);

        // An animated PNG is a recording.
        if (format is not null and not PngFormat)
            return await ProbePictureAsync(file, path, format, cancellation).ConfigureAwait(false);
        (ToolResult result, ReadOnlyMemory<byte> json) = await DescribeAsync(file, ToolArguments.Probe(path), cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            return format is null ? throw Unknown(file, path, result) ?? ToolFailure.ToOpen(file, result) : await ProbePictureAsync(file, path, format, cancellation).ConfigureAwait(false);

        (MediaInfo info, bool isDoubtful) = ParseProbe(file, () => ProbeReader.Read(file, json));
        if (isDoubtful)
            info = await CountAsync(info, path, cancellation).ConfigureAwait(false);

        return info.AudioStreams.Count > 1 ? await ChooseSoundAsync(info, path, cancellation).ConfigureAwait(false) : info;
    }

    private async Task<(ToolResult Result, ReadOnlyMemory<byte> Json)> DescribeAsync(
        string file, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        byte[] json = new byte[MaximumProbeBytes];
        int length = 0;
        ToolResult result = await ToolProcess.RunAsync(
            _ffprobe,
            file,
            arguments,
            _options.Timeout,
            async output => length = await PipeReader.FillAsync(output, json).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        return (result, json.AsMemory(0, length));
    }

    private async Task<MediaInfo> ProbePictureAsync(string file, string path, string format, CancellationToken cancellation)
    {
        (ToolResult result, ReadOnlyMemory<byte> json) =
            await DescribeAsync(file, ToolArguments.ProbePicture(path, format), cancellation).ConfigureAwait(false);
        MediaInfo? info = result.ExitCode == 0 ? ParseProbe(file, () => ProbeReader.ReadPicture(file, json, format)) : null;
        return info ?? throw Unreadable(file, path, result);
    }

    private static T ParseProbe<T>(string file, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException)
        {
            throw new MediaException(MediaError.ToolFailed, file, cause.Message, "a description in JSON from ffprobe", cause);
        }
    }

    private async Task<(MediaInfo Media, TimeRange Asked)> CheckRangeAsync(
        MediaInfo media, TimeRange? range, List<MediaWarning> warnings, CancellationToken cancellation)
    {
        // Whoever asks for more than the file states may know better.
        if (range is { } beyond && beyond.End > media.Duration + _endTolerance)
            media = await CountAsync(media, cancellation).ConfigureAwait(false);
        TimeRange asked = range ?? new TimeRange(TimeSpan.Zero, media.Duration);
        if (asked.Length > _options.MaximumStretch)
            throw TooLong(media.File, $"a stretch of {asked.Length}");
        if (range is null)
            return (media, asked);

        if (asked.Start < TimeSpan.Zero || asked.Length < _minimumStretch || media.Duration - asked.Start < _minimumStretch)
        {
            throw new MediaException(
                MediaError.BadRange,
                media.File,
                $"the stretch from {asked.Start} to {asked.End}",
                FormattableString.Invariant($"one of at least {_minimumStretch.TotalMilliseconds} ms between 0 and the file's length of {media.Duration}"));
        }

        if (asked.End > media.Duration + _endTolerance)
        {
            warnings.Add(new MediaWarning(
                MediaWarning.RangePastEnd, $"The stretch ends at {asked.End}, the file at {media.Duration}."));
        }

        return (media, asked);
    }

    private MediaException TooLong(string file, string found) => new(
        MediaError.BadRange, file, found, $"at most {_options.MaximumStretch} at once (see MediaToolsOptions.MaximumStretch)");

    /// <summary>Sorts a tool's end: fine, fine with a warning, nothing there, or unreadable.</summary>
    private static void Review(string file, string what, ToolResult result, bool nothing, List<MediaWarning> warnings)
    {
        if (nothing && result.ExitCode != 0)
            throw ToolFailure.ToDecode(file, what, result);

        if (result.ExitCode != 0 || result.Errors.Length > 0)
        {
            warnings.Add(new MediaWarning(
                MediaWarning.DecodeErrors, $"Part of the {what} could not be decoded: {ToolFailure.Summary(result.Errors)}"));
        }

        if (nothing)
            warnings.Add(Nothing(what));
    }

    private static MediaWarning NoAudioStream => new(MediaWarning.NoAudioStream, "The file has no audio stream.");

    private static MediaWarning Nothing(string what) =>
        new(MediaWarning.NothingInRange, $"There is no {what} in this stretch.");
}
