namespace Affekt.Media;

/// <content>Pictures: of video, and of JPEG files.</content>
public sealed partial class MediaTools
{
    private const int LargestJpeg = 1 << 20;

    private static readonly byte[] _pngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G'];

    private static readonly TimeSpan _timeForPicture = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Reads pictures evenly spread over a stretch, scaled so that they just cover the size asked for, and cut to it
    /// around the center. Picture k of n is the one on screen at start + (k + 0.5) * (end - start) / n; video with
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

    /// <summary>
    /// Reads JPEG and PNG pictures, of any size, colored or gray, as gray ones of one size: scaled so that they just cover it, and
    /// cut to it around the center. All of a format are read in one run of the tool.
    /// </summary>
    /// <param name="name">What they belong to, for errors.</param>
    /// <param name="pictures">The bytes of each file.</param>
    /// <param name="width">Width of the result in pixels.</param>
    /// <param name="height">Height of the result in pixels.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <exception cref="MediaException">A picture is damaged (<see cref="MediaError.Damaged"/>).</exception>
    public async Task<GrayPictures> ReadPicturesAsync(
        string name, IEnumerable<byte[]> pictures, int width, int height, CancellationToken cancellation = default)
    {
        List<int> jpegs = [], pngs = [];
        string jpegFile = Path.GetTempFileName(), pngFile = Path.GetTempFileName();
        try
        {
            using (FileStream jpeg = File.Create(jpegFile), png = File.Create(pngFile))
            {
                foreach (byte[] picture in pictures)
                {
                    bool isPng = picture.AsSpan().StartsWith(_pngSignature);
                    (isPng ? pngs : jpegs).Add(jpegs.Count + pngs.Count);
                    if (isPng)
                        await png.WriteAsync(picture, cancellation).ConfigureAwait(false);
                    else
                        await WriteAsync(jpeg, picture, cancellation).ConfigureAwait(false);
                }
            }

            byte[] ofJpegs = await ReadGrayAsync(name, jpegFile, "mjpeg", jpegs.Count, width, height, cancellation).ConfigureAwait(false);
            if (pngs.Count == 0)
                return new GrayPictures(width, height, ofJpegs);
            byte[] ofPngs = await ReadGrayAsync(name, pngFile, PngFormat, pngs.Count, width, height, cancellation).ConfigureAwait(false);
            byte[] all = new byte[ofJpegs.Length + ofPngs.Length];
            foreach ((List<int> places, byte[] from) in ((List<int>, byte[])[])[(jpegs, ofJpegs), (pngs, ofPngs)])
            {
                foreach ((int i, int place) in places.Index())
                    from.AsSpan(i * width * height, width * height).CopyTo(all.AsSpan(place * width * height));
            }

            return new GrayPictures(width, height, all);
        }
        finally
        {
            File.Delete(jpegFile);
            File.Delete(pngFile);
        }
    }

    private async Task<byte[]> ReadGrayAsync(
        string name, string file, string format, int count, int width, int height, CancellationToken cancellation)
    {
        if (count == 0)
            return [];

        // One byte more than is expected: a picture too many is seen as well.
        byte[] gray = new byte[checked((count * width * height) + 1)];
        int length = 0;
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            name,
            ToolArguments.Pictures(file, format, width, height),
            _options.Timeout + (count * _timeForPicture),
            async output => length = await PipeReader.FillAsync(output, gray).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        return length == gray.Length - 1 && result.ExitCode == 0 && result.Errors.Length == 0
            ? gray[..^1]
            : throw new MediaException(
                MediaError.Damaged,
                name,
                $"{length / (width * height)} of {count} pictures that can be read {ToolFailure.Summary(result.Errors)}".TrimEnd(),
                "JPEG or PNG pictures, all of them whole");
    }

    // What is no picture is left for ffmpeg to count.
    private static async Task WriteAsync(FileStream stream, byte[] picture, CancellationToken cancellation)
    {
        try
        {
            JpegHeader.Read(picture);
            StandaloneJpeg parts = StandaloneJpeg.Of(picture);
            await stream.WriteAsync(parts.Header, cancellation).ConfigureAwait(false);
            await stream.WriteAsync(parts.Pixels, cancellation).ConfigureAwait(false);
        }
        catch (MediaException)
        {
            await stream.WriteAsync(picture, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a decoder of JPEG pictures that come one by one; its tool starts with the first.</summary>
    /// <param name="options">Sizes and limits; null for the defaults.</param>
    public PictureDecoder OpenPictures(PictureOptions? options = null) => new(_ffmpeg, options ?? new PictureOptions());

    /// <summary>Reads the picture on screen at a time as JPEG, no wider than asked for.</summary>
    /// <param name="media">The probed file.</param>
    /// <param name="at">The time in the file.</param>
    /// <param name="width">Pixels; a smaller picture stays as it is.</param>
    /// <param name="cancellation">Ends the tool.</param>
    /// <returns>The picture's bytes; null where there is none.</returns>
    public async Task<byte[]?> ReadJpegAsync(
        MediaInfo media, TimeSpan at, int width, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        string path = await MediaFile.CheckAsync(media.File, _options.Timeout, cancellation).ConfigureAwait(false);
        if (media.Picture is not VideoStream stream)
            return null;
        byte[] jpeg = new byte[LargestJpeg];
        int length = 0;
        ToolResult result = await ToolProcess.RunAsync(
            _ffmpeg,
            media.File,
            ToolArguments.Jpeg(path, stream, at, Math.Min(width, stream.Width)),
            _options.Timeout,
            async output => length = await PipeReader.FillAsync(output, jpeg).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 && length > 0 && length < jpeg.Length ? jpeg[..length] : null;
    }

    private async Task<Frames> ReadFramesAsync(
        MediaInfo media,
        int count,
        TimeRange? range,
        Func<VideoStream, FrameGeometry> geometry,
        CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        string path = await MediaFile.CheckAsync(media.File, _options.Timeout, cancellation).ConfigureAwait(false);
        if (media.Picture is not VideoStream stream)
            return new Frames(0, 0, [], [], [new MediaWarning(MediaWarning.NoVideoStream, "The file has no picture.")]);

        FrameGeometry size = geometry(stream);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count * size.Bytes, Array.MaxLength, nameof(count));
        List<MediaWarning> warnings = [];
        (media, TimeRange asked) = await CheckRangeAsync(media, range, warnings, cancellation).ConfigureAwait(false);
        TimeRange read = asked.End > media.Duration ? asked with { End = media.Duration } : asked;
        if (read.Length < _minimumStretch)
            return new Frames(size.Width, size.Height, [], [], [.. warnings, Nothing("video")]);

        byte[] rgb = GC.AllocateUninitializedArray<byte>((int)(count * size.Bytes));
        bool seeks = !media.IsReadFromStart;
        (ToolResult result, int got) = await DecodeAsync(seeks).ConfigureAwait(false);
        if (got == 0 && seeks && read.Start > TimeSpan.Zero)
            (result, got) = await DecodeAsync(seeks: false).ConfigureAwait(false);

        Review(media.File, "video", result, got == 0, warnings);
        if (got == 0)
            return new Frames(size.Width, size.Height, [], [], warnings);

        for (int frame = got; frame < count; frame++)
            rgb.AsSpan((int)((got - 1) * size.Bytes), (int)size.Bytes).CopyTo(rgb.AsSpan((int)(frame * size.Bytes)));

        TimeSpan[] timestamps = [.. Enumerable.Range(0, count).Select(k => read.Start + (read.Length * ((k + 0.5) / count)))];
        return new Frames(size.Width, size.Height, rgb, timestamps, warnings);

        // Between two pictures all that lies between them is decoded.
        async Task<(ToolResult Result, int Count)> DecodeAsync(bool seeks)
        {
            int length = 0;
            ToolResult result = await ToolProcess.RunAsync(
                _ffmpeg,
                media.File,
                ToolArguments.Frames(path, stream, read, count, size, seeks),
                _options.Timeout + (seeks ? read.Length : read.End),
                async output => length = await PipeReader.FillAsync(output, rgb).ConfigureAwait(false),
                cancellation).ConfigureAwait(false);
            return (result, (int)(length / size.Bytes));
        }
    }
}
