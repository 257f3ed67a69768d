using System.Globalization;

namespace Affekt.Media;

/// <summary>The command lines. The input is always one local file, in a container that names no other file.</summary>
internal static class ToolArguments
{
    /// <summary>The option for frames that are neither repeated nor left out; before ffmpeg 5.1 it was called -vsync.</summary>
    public const string FrameMode = "-fps_mode";

    /// <summary>What ffprobe tells last of a stream; before ffmpeg 5 the part had no name of its own.</summary>
    public const string RotationEntry = ":stream_side_data=rotation";

    /// <summary>
    /// A frame that appears up to so much after the time asked for still counts as shown then: containers round
    /// times to as much as a millisecond.
    /// </summary>
    private static readonly TimeSpan _timestampSlack = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Decoding starts so much before the stretch and is cut off again, because codecs need the blocks before a
    /// sample to decode it right.
    /// </summary>
    private static readonly TimeSpan _soundPreroll = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// What begins before this is read from the file's beginning. A seek to where there is no key frame yet fails, and what ffmpeg had
    /// read of the file by then is lost.
    /// </summary>
    private static readonly TimeSpan _leastSeek = TimeSpan.FromSeconds(2);

    // 8192 x 8192 pixels.
    private static readonly string[] _limits = ["-v", "error", "-hide_banner", "-protocol_whitelist", "file", "-max_pixels", "67108864"];

    // Playlists (hls, concat, dash, image2 ...) are left out: they open what the file names.
    private static readonly string[] _guard =
    [
        .. _limits, "-format_whitelist",
        "mov,mp4,m4a,3gp,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,flv,asf,mxf,nut,dv,wtv,gif,apng,"
            + "wav,w64,aiff,caf,au,mp3,aac,loas,flac,ogg,amr,ac3,eac3,dts,truehd,wv,ape,tta,voc,nistsphere",
    ];

    // Where the pictures' size changes, the filters stay and count on; each of them can do with that but the one that ffmpeg puts
    // in front of them where pictures are turned.
    private static readonly string[] _keepFilters = ["-reinit_filter", "0"];

    // At this level ffprobe also says when nothing but a file's name speaks for its type.
    public static IEnumerable<string> Probe(string path) =>
    [
        .. _guard, "-v", "warning",
        "-of", "json",
        "-show_entries",
        "format=format_name,start_time,duration"
            + ":stream=index,codec_type,codec_name,start_time,duration,width,height,sample_aspect_ratio,avg_frame_rate,r_frame_rate,"
            + "field_order,channels,sample_rate"
            + ":stream_disposition=default,attached_pic,timed_thumbnails" + RotationEntry,
        "-i", Input(path),
    ];

    /// <summary>As <see cref="Probe"/>, of a picture file, which is decoded: only then does it tell how it is turned.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">What ffmpeg calls its format.</param>
    public static IEnumerable<string> ProbePicture(string path, string format) =>
    [
        .. _limits, "-f", format,
        "-of", "json",
        "-show_entries", "format=format_name:stream=index,codec_type,codec_name,width,height,sample_aspect_ratio:frame_side_data=rotation",
        "-i", Input(path),
    ];

    /// <summary>
    /// One line per packet of sound or moving picture, with its time and how long it lasts: on the same clock on which ffmpeg decodes,
    /// which goes on where a container's own clock jumps.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="streams">Which of its streams; they get new numbers from 0.</param>
    public static IEnumerable<string> PacketTimes(string path, IEnumerable<int> streams) =>
    [
        "-nostdin", .. _guard, "-i", Input(path), .. streams.SelectMany(stream => new[] { "-map", $"0:{stream}" }),
        "-c", "copy", "-copyinkf", "-f", "framecrc", "pipe:1",
    ];

    /// <summary>
    /// Sound as 32-bit floats in Matroska whose time of a block, in ms, is the place of its first sample counted from the beginning
    /// of what is decoded; <see cref="SoundStart"/> tells where in it the stretch begins.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="stream">The stream, as after "0:".</param>
    /// <param name="range">The stretch.</param>
    /// <param name="seeks">Whether decoding may begin right before the stretch, or has to at the file's beginning.</param>
    /// <param name="channel">The only channel to be heard; null for a mix of all.</param>
    public static IEnumerable<string> Sound(string path, string stream, TimeRange range, bool seeks = true, int? channel = null)
    {
        int start = SoundStart(range, seeks);

        // rematrix_maxval: without it a mix of several channels to float may get louder than full scale. No filter may count from
        // zero: ffmpeg builds all of them anew where the stream changes.
        string filter = string.Create(
            CultureInfo.InvariantCulture,
            $"{(channel is { } one ? $"pan=mono|c0=c{one}," : "")}aresample={Media.Sound.SampleRate}:async=1:rematrix_maxval=1,"
                + $"atrim=start_pts={start}:end_pts={start + (long)SamplesIn(range.Length)},asetpts=PTS*16");
        return
        [
            "-nostdin", .. _guard, "-threads", "1", "-vn", "-sn", "-dn", .. Seek(SoundSeek(range, seeks)), "-i", Input(path),
            "-map", $"0:{stream}", "-af", filter,
            "-ac", "1", "-ar", $"{Media.Sound.SampleRate}", "-c:a", "pcm_f32le", "-avoid_negative_ts", "disabled",
            "-fflags", "+bitexact", "-f", "matroska", "pipe:1",
        ];
    }

    /// <summary>Where in what is decoded for <see cref="Sound"/> the stretch begins, in samples.</summary>
    public static int SoundStart(TimeRange range, bool seeks = true) => SamplesIn(range.Start - SoundSeek(range, seeks));

    /// <summary>
    /// Frame k of count is the one on screen at start + (k + 0.5) * length / count.
    /// Without <paramref name="seeks"/> decoding begins at the file's beginning.
    /// </summary>
    public static IEnumerable<string> Frames(
        string path, VideoStream stream, TimeRange range, int count, FrameGeometry size, bool seeks = true)
    {
        // The fps filter repeats for each of its instants the last frame not after it ("round=up"); its instant 0 is
        // moved to the middle of the first of the equal parts. tpad keeps the last frame on screen past the video's
        // end. Seeking is inaccurate on purpose: the frame on screen at the start appeared before it.
        TimeSpan seek = seeks && range.Start > _leastSeek ? range.Start : TimeSpan.Zero;
        TimeSpan first = range.Start - seek + (range.Length / (2 * count)) + _timestampSlack;
        string[] filters =
        [
            .. stream.FrameRate > 0 ? new[] { "tpad=stop=-1:stop_mode=clone" } : [],
            "settb=1/1000000",
            string.Create(CultureInfo.InvariantCulture, $"setpts=PTS-{first.TotalMicroseconds:0}"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"fps=fps={count}*1000000/{range.Length.TotalMicroseconds:0}:round=up:start_time=0"),
            $"scale={size.ScaledWidth}:{size.ScaledHeight}:flags=bilinear+accurate_rnd+bitexact",
            $"crop={size.Width}:{size.Height}",
            "format=rgb24",
        ];
        return
        [
            "-nostdin", .. Guard(stream), "-an", "-sn", "-dn", "-noaccurate_seek",
            .. stream.Rotation == 0 ? _keepFilters : [], .. Seek(seek), "-i", Input(path),
            "-map", $"0:{stream.Index}", "-vf", string.Join(',', filters),
            "-frames:v", $"{count}", FrameMode, "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "pipe:1",
        ];
    }

    /// <summary>The picture on screen at a time, as JPEG.</summary>
    public static IEnumerable<string> Jpeg(string path, VideoStream stream, TimeSpan at, int width) =>
    [
        "-nostdin", .. Guard(stream), "-threads", "1", "-an", "-sn", "-dn", .. Seek(at > _leastSeek ? at : TimeSpan.Zero), "-i", Input(path),
        .. Seek(at > _leastSeek ? TimeSpan.Zero : at), "-map", $"0:{stream.Index}", "-vf", $"scale={width}:-2:flags=bilinear,format=yuvj420p", "-frames:v", "1",
        "-c:v", "mjpeg", "-q:v", "6", "-f", "image2pipe", "pipe:1",
    ];

    /// <summary>Picture files of a format one after the other in one file, each covering the same size, in gray.</summary>
    public static IEnumerable<string> Pictures(string path, string format, int width, int height) =>
    [
        "-nostdin", .. _limits, "-f", format, "-i", Input(path),
        "-vf",
        $"scale={width}:{height}:force_original_aspect_ratio=increase:flags=bilinear+accurate_rnd+bitexact:in_range=full:out_range=full,"
        + $"crop={width}:{height},format=gray",
        FrameMode, "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "pipe:1",
    ];

    /// <summary>A picture file as a portable pixmap, whole.</summary>
    public static IEnumerable<string> Picture(string path, string format) =>
    [
        "-nostdin", .. _limits, "-f", format, "-i", Input(path),
        "-vf", "scale=flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact,format=rgb24", "-frames:v", "1",
        "-c:v", "ppm", "-f", "image2pipe", "pipe:1",
    ];

    /// <summary>
    /// JPEG pictures that come through standard input as parts of one message, each scaled and handed on at once. One that
    /// is damaged ends the tool, so that it is never waited for.
    /// </summary>
    public static IEnumerable<string> Live(FrameGeometry size, int mostPixels) =>
    [
        "-v", "error", "-hide_banner", "-xerror", "-err_detect", "explode", "-protocol_whitelist", "pipe",
        "-max_pixels", $"{mostPixels}", "-threads", "1", "-fpsprobesize", "0", "-probesize", "32", "-analyzeduration", "0",
        "-noautorotate", "-f", "mpjpeg", "-i", "pipe:0",
        "-vf",
        $"scale={size.ScaledWidth}:{size.ScaledHeight}:flags=bilinear+accurate_rnd+bitexact,"
            + $"crop={size.Width}:{size.Height},format=rgb24",
        // Encoders with threads of their own hand a picture on when the next one comes, or the one after it.
        FrameMode, "passthrough", "-c:v", "rawvideo", "-threads", "1", "-f", "rawvideo", "-flush_packets", "1", "pipe:1",
    ];

    public static int SamplesIn(TimeSpan time) =>
        (int)Math.Round(time.TotalSeconds * Media.Sound.SampleRate);

    private static string[] Guard(VideoStream stream) => stream.PictureFormat is { } format ? [.. _limits, "-f", format] : _guard;

    private static TimeSpan SoundSeek(TimeRange range, bool seeks) =>
        seeks && range.Start > _soundPreroll + _leastSeek ? range.Start - _soundPreroll : TimeSpan.Zero;

    private static string[] Seek(TimeSpan to) => to > TimeSpan.Zero ? ["-ss", Seconds(to)] : [];

    // "file:" in front: a name is never taken for an option, another protocol or a pattern.
    private static string Input(string path) => $"file:{path}";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);
}
