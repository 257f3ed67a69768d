using System.Text.Json;

namespace Affekt.Media;

/// <summary>
/// Reads sound and pictures from local media files, with ffmpeg and ffprobe as child processes. Safe for concurrent
/// use: the sound and the pictures of a clip may be read at the same time.
/// </summary>
/// <remarks>
/// Every method throws <see cref="MediaException"/> for a file that cannot be read and
/// <see cref="OperationCanceledException"/> when cancelled; the child process is gone by then. A file without sound
/// or without picture is no error: the result says that it is missing.
/// </remarks>
public sealed partial class MediaTools
{
    private const int MaximumProbeBytes = 1 << 22;

    private static readonly TimeSpan _minimumStretch = TimeSpan.FromMilliseconds(1);

    // Given ends are often a little late; that is not worth a warning.
    private static readonly TimeSpan _endTolerance = TimeSpan.FromMilliseconds(250);

    // Buffers grow beyond it.
    private static readonly TimeSpan _firstRoom = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _timeForPicture = TimeSpan.FromMilliseconds(10);

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

    /// <summary>Reads what a file holds. Playlists and other files that name further files are refused.</summary>
    /// <param name="file">Path of a local file; never taken for an address or a pattern.</param>
    /// <param name="cancellation">Ends the tool.</param>
    public async Task<MediaInfo> ProbeAsync(string file, CancellationToken cancellation = default)
    {
        string path = MediaFile.Check(file);
        byte[] json = new byte[MaximumProbeBytes];
        int length = 0;
        ToolResult result = await ToolProcess.RunAsync(
            _ffprobe,
            file,
            ToolArguments.Probe(path),
            _options.Timeout,
            async output => length = await PipeReader.FillAsync(output, json),
            cancellation);
        if (result.ExitCode != 0)
        {
            throw ToolFailure.ToOpen(file, result);
        }

        (MediaInfo info, TimeSpan? duration) = ReadProbe(file, json.AsMemory(0, length));
        return duration is null && (info.Sound is not null || info.Picture is not null)
            ? info with { Duration = await MeasureAsync(file, path, cancellation) }
            : info;
    }

    /// <summary>Reads a stretch of the file's sound as 16 kHz mono; several channels are mixed down by ffmpeg.</summary>
    /// <param name="media">The probed file.</param>
    /// <param name="range">The stretch; null for the whole file.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <returns>The samples; missing if the file has no audio stream or none of it lies in the stretch.</returns>
    public async Task<Sound> ReadSoundAsync(
        MediaInfo media, TimeRange? range = null, CancellationToken cancellation = default)
    {
        string path = MediaFile.Check(media.File);
        if (media.Sound is not AudioStream stream)
        {
            return new Sound([], [NoAudioStream]);
        }

        List<MediaWarning> warnings = [];
        TimeRange asked = CheckRange(media, range, warnings);
        TimeSpan likely = (asked.End < media.Duration ? asked.End : media.Duration) - asked.Start;

        // The duration may be an estimate: the whole file is read to its end, not to where that should be.
        TimeRange read = range is null ? WholeFile : asked;
        (ToolResult result, float[] samples) = await DecodeSoundAsync(media.File, path, $"{stream.Index}", read, likely, cancellation);
        return Finish(media, likely, result, samples, warnings);
    }

    /// <summary>
    /// Reads pictures evenly spread over a stretch, scaled so that they just cover the size asked for, and cut to it
    /// around the centre. Picture k of n is the one on screen at start + (k + 0.5) * (end - start) / n; video with
    /// fewer frames repeats the nearest.
    /// </summary>
    /// <param name="media">The probed file.</param>
    /// <param name="count">How many pictures; 1 or more.</param>
    /// <param name="range">The stretch; null for the whole file. An end beyond the file's counts as the file's end.</param>
    /// <param name="width">Width of the result in pixels.</param>
    /// <param name="height">Height of the result in pixels.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <returns>The pictures; missing if the file has no video stream.</returns>
    public Task<Frames> ReadFramesAsync(
        MediaInfo media,
        int count,
        TimeRange? range = null,
        int width = 224,
        int height = 224,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return ReadFramesAsync(media, count, range, video => FrameGeometry.Cover(video.Width, video.Height, width, height), cancellation);
    }

    /// <summary>
    /// Reads whole pictures, uncut, spread as by
    /// <see cref="ReadFramesAsync(MediaInfo, int, TimeRange?, int, int, CancellationToken)"/>, for face detection.
    /// </summary>
    /// <param name="media">The probed file.</param>
    /// <param name="count">How many pictures; 1 or more.</param>
    /// <param name="longerSide">Longest width or height in pixels; larger pictures are scaled down to it.</param>
    /// <param name="range">The stretch; null for the whole file.</param>
    /// <param name="cancellation">Ends the tool.</param>
    public Task<Frames> ReadWholeFramesAsync(
        MediaInfo media,
        int count,
        int longerSide,
        TimeRange? range = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longerSide, 1);
        return ReadFramesAsync(media, count, range, video => FrameGeometry.Within(video.Width, video.Height, longerSide), cancellation);
    }

    /// <summary>Reads JPEG pictures as grey ones of one size, all of them in one run of the tool.</summary>
    /// <param name="name">What they belong to, for errors.</param>
    /// <param name="pictures">The bytes of each JPEG file.</param>
    /// <param name="width">Width of the result in pixels; other pictures are scaled to it.</param>
    /// <param name="height">Height of the result in pixels.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <exception cref="MediaException">A picture is damaged (<see cref="MediaError.Damaged"/>).</exception>
    public async Task<GreyPictures> ReadPicturesAsync(
        string name, IEnumerable<byte[]> pictures, int width, int height, CancellationToken cancellation = default)
    {
        string file = Path.GetTempFileName();
        try
        {
            int count = 0;
            await using (FileStream stream = File.Create(file))
            {
                foreach (byte[] picture in pictures)
                {
                    await stream.WriteAsync(picture, cancellation);
                    count++;
                }
            }

            // One byte more than is expected: a picture too many is seen as well.
            byte[] grey = new byte[checked((count * width * height) + 1)];
            int length = 0;
            ToolResult result = await ToolProcess.RunAsync(
                _ffmpeg,
                name,
                ToolArguments.Pictures(file, width, height),
                _options.Timeout + (count * _timeForPicture),
                async output => length = await PipeReader.FillAsync(output, grey),
                cancellation);
            if (length != grey.Length - 1 || result.ExitCode != 0 || result.Errors.Length > 0)
            {
                throw new MediaException(
                    MediaError.Damaged,
                    name,
                    $"{length / (width * height)} of {count} pictures that can be read {ToolFailure.Summary(result.Errors)}".TrimEnd(),
                    "JPEG pictures, all of them whole");
            }

            return new GreyPictures(width, height, grey[..^1]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<Frames> ReadFramesAsync(
        MediaInfo media,
        int count,
        TimeRange? range,
        Func<VideoStream, FrameGeometry> geometry,
        CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        string path = MediaFile.Check(media.File);
        if (media.Picture is not VideoStream stream)
        {
            return new Frames(0, 0, [], [], [new MediaWarning(MediaWarning.NoVideoStream, "The file has no picture.")]);
        }

        FrameGeometry size = geometry(stream);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count * size.Bytes, Array.MaxLength, nameof(count));
        List<MediaWarning> warnings = [];
        TimeRange asked = CheckRange(media, range, warnings);
        TimeRange read = asked.End > media.Duration ? asked with { End = media.Duration } : asked;
        if (read.Length < _minimumStretch)
        {
            return new Frames(size.Width, size.Height, [], [], [.. warnings, Nothing("video")]);
        }

        byte[] rgb = new byte[count * size.Bytes];
        int length = 0;
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            media.File,
            ToolArguments.Frames(path, stream, read, count, size),
            _options.Timeout + read.Length,
            async output => length = await PipeReader.FillAsync(output, rgb),
            cancellation);

        int got = (int)(length / size.Bytes);
        Review(media.File, "video", result, got == 0, warnings);
        if (got == 0)
        {
            return new Frames(size.Width, size.Height, [], [], warnings);
        }

        for (int frame = got; frame < count; frame++)
        {
            rgb.AsSpan((int)((got - 1) * size.Bytes), (int)size.Bytes).CopyTo(rgb.AsSpan((int)(frame * size.Bytes)));
        }

        TimeSpan[] timestamps = [.. Enumerable.Range(0, count).Select(k => read.Start + (read.Length * ((k + 0.5) / count)))];
        return new Frames(size.Width, size.Height, rgb, timestamps, warnings);
    }

    private TimeRange WholeFile => new(TimeSpan.Zero, _options.MaximumStretch);

    private async Task<(ToolResult Result, float[] Samples)> DecodeSoundAsync(
        string file, string path, string stream, TimeRange read, TimeSpan likely, CancellationToken cancellation)
    {
        // Of a length that is only bounded, room for the first seconds is enough to begin with.
        TimeSpan room = likely < _firstRoom ? likely : _firstRoom;
        float[] samples = [];
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            file,
            ToolArguments.Sound(path, stream, read),
            _options.Timeout + likely,
            async output => samples = await PipeReader.ReadFloatsAsync(
                output, ToolArguments.SamplesIn(room), ToolArguments.SamplesIn(read.Length)),
            cancellation);
        return (result, samples);
    }

    private static Sound Finish(
        MediaInfo media, TimeSpan likely, ToolResult result, float[] samples, List<MediaWarning> warnings)
    {
        Review(media.File, "sound", result, samples.Length == 0, warnings);
        WarnOfEnd(likely, samples.Length, warnings);
        return new Sound(samples, warnings);
    }

    private static void WarnOfEnd(TimeSpan likely, long samples, List<MediaWarning> warnings)
    {
        TimeSpan missing = likely - TimeSpan.FromSeconds((double)samples / Sound.SampleRate);
        if (samples > 0 && missing > _endTolerance)
        {
            warnings.Add(new MediaWarning(
                MediaWarning.SoundEndsEarly, $"The last {missing.TotalSeconds:0.0} s of the stretch hold no sound."));
        }
    }

    private async Task<TimeSpan> MeasureAsync(string file, string path, CancellationToken cancellation)
    {
        TimeSpan duration = default;
        ToolResult result = await ToolProcess.RunAsync(
            _ffprobe,
            file,
            ToolArguments.PacketTimes(path),
            _options.Timeout,
            async output => duration = await PipeReader.ReadPacketSpanAsync(output),
            cancellation);
        return result.ExitCode == 0 ? duration : throw ToolFailure.ToOpen(file, result);
    }

    private static (MediaInfo Info, TimeSpan? Duration) ReadProbe(string file, ReadOnlyMemory<byte> json)
    {
        try
        {
            return ProbeReader.Read(file, json);
        }
        catch (Exception cause) when (cause is JsonException or KeyNotFoundException)
        {
            throw new MediaException(MediaError.ToolFailed, file, cause.Message, "a description in JSON from ffprobe", cause);
        }
    }

    private TimeRange CheckRange(MediaInfo media, TimeRange? range, List<MediaWarning> warnings)
    {
        TimeRange asked = range ?? new TimeRange(TimeSpan.Zero, media.Duration);
        if (asked.Length > _options.MaximumStretch)
        {
            throw new MediaException(
                MediaError.BadRange,
                media.File,
                $"a stretch of {asked.Length}",
                $"at most {_options.MaximumStretch} at once (see MediaToolsOptions.MaximumStretch)");
        }

        if (range is null)
        {
            return asked;
        }

        if (asked.Start < TimeSpan.Zero || asked.Length < _minimumStretch || media.Duration - asked.Start < _minimumStretch)
        {
            throw new MediaException(
                MediaError.BadRange,
                media.File,
                $"the stretch from {asked.Start} to {asked.End}",
                $"one of at least {_minimumStretch.TotalMilliseconds} ms between 0 and the file's length of {media.Duration}");
        }

        if (asked.End > media.Duration + _endTolerance)
        {
            warnings.Add(new MediaWarning(
                MediaWarning.RangePastEnd, $"The stretch ends at {asked.End}, the file at {media.Duration}."));
        }

        return asked;
    }

    /// <summary>Sorts a tool's end: fine, fine with a warning, nothing there, or unreadable.</summary>
    private static void Review(string file, string what, ToolResult result, bool nothing, List<MediaWarning> warnings)
    {
        if (nothing && result.ExitCode != 0)
        {
            throw ToolFailure.ToDecode(file, what, result);
        }

        if (result.ExitCode != 0 || result.Errors.Length > 0)
        {
            warnings.Add(new MediaWarning(
                MediaWarning.DecodeErrors, $"Part of the {what} could not be decoded: {ToolFailure.Summary(result.Errors)}"));
        }

        if (nothing)
        {
            warnings.Add(Nothing(what));
        }
    }

    private static MediaWarning NoAudioStream => new(MediaWarning.NoAudioStream, "The file has no audio stream.");

    private static MediaWarning Nothing(string what) =>
        new(MediaWarning.NothingInRange, $"There is no {what} in this stretch.");
}
