using System.Globalization;

namespace Affekt.Media;

/// <summary>The command lines. The input is always one local file, in a container that names no other file.</summary>
internal static class ToolArguments
{
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

    // Playlists (hls, concat, dash, image2 ...) are left out: they open what the file names. 8192 x 8192 pixels.
    private static readonly string[] _guard =
    [
        "-v", "error", "-hide_banner",
        "-protocol_whitelist", "file",
        "-format_whitelist",
        "mov,mp4,m4a,3gp,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,flv,asf,mxf,nut,dv,wtv,gif,apng,"
            + "wav,w64,aiff,caf,au,mp3,aac,loas,flac,ogg,amr,ac3,eac3,dts,truehd,wv,ape,tta,voc,nistsphere",
        "-max_pixels", "67108864",
    ];

    // At this level ffprobe also says when nothing but a file's name speaks for its type.
    public static IEnumerable<string> Probe(string path) =>
    [
        .. _guard, "-v", "warning",
        "-of", "json",
        "-show_entries",
        "format=format_name,duration"
            + ":stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,r_frame_rate,"
            + "field_order,channels,sample_rate"
            + ":stream_disposition=default,attached_pic:stream_side_data=rotation",
        "-i", Input(path),
    ];

    /// <summary>One line per packet: its time and how long it lasts, in seconds.</summary>
    public static IEnumerable<string> PacketTimes(string path) =>
        [.. _guard, "-of", "csv=p=0", "-show_entries", "packet=pts_time,duration_time", "-i", Input(path)];

    public static IEnumerable<string> Sound(string path, string stream, TimeRange range)
    {
        TimeSpan from = range.Start > _soundPreroll ? range.Start - _soundPreroll : TimeSpan.Zero;

        // rematrix_maxval: without it a mix of several channels to float may get louder than full scale.
        string filter = string.Create(
            CultureInfo.InvariantCulture,
            $"aresample={Media.Sound.SampleRate}:async=1:first_pts=0:rematrix_maxval=1,"
                + $"atrim=start_sample={SamplesIn(range.Start - from)}:end_sample={SamplesIn(range.End - from)}");
        return
        [
            "-nostdin", .. _guard, "-threads", "1", "-vn", "-sn", "-dn", "-ss", Seconds(from), "-i", Input(path),
            "-map", $"0:{stream}", "-af", filter,
            "-ac", "1", "-ar", $"{Media.Sound.SampleRate}", "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1",
        ];
    }

    /// <summary>Frame k of count is the one on screen at start + (k + 0.5) * length / count.</summary>
    public static IEnumerable<string> Frames(
        string path, VideoStream stream, TimeRange range, int count, FrameGeometry size)
    {
        // The fps filter repeats for each of its instants the last frame not after it ("round=up"); its instant 0 is
        // moved to the middle of the first of the equal parts. tpad keeps the last frame on screen past the video's
        // end. Seeking is inaccurate on purpose: the frame on screen at the start appeared before it.
        TimeSpan first = (range.Length / (2 * count)) + _timestampSlack;
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
            "-nostdin", .. _guard, "-an", "-sn", "-dn", "-noaccurate_seek", "-ss", Seconds(range.Start), "-i", Input(path),
            "-map", $"0:{stream.Index}", "-vf", string.Join(',', filters),
            "-frames:v", $"{count}", "-fps_mode", "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "pipe:1",
        ];
    }

    /// <summary>The picture on screen at a time, as JPEG.</summary>
    public static IEnumerable<string> Jpeg(string path, VideoStream stream, TimeSpan at, int width) =>
    [
        "-nostdin", .. _guard, "-threads", "1", "-an", "-sn", "-dn", "-ss", Seconds(at), "-i", Input(path),
        "-map", $"0:{stream.Index}", "-vf", $"scale={width}:-2:flags=bilinear,format=yuvj420p", "-frames:v", "1",
        "-c:v", "mjpeg", "-q:v", "6", "-f", "image2pipe", "pipe:1",
    ];

    /// <summary>JPEG files one behind the other in one file, each to the same size, in grey.</summary>
    public static IEnumerable<string> Pictures(string path, int width, int height) =>
    [
        "-nostdin", "-v", "error", "-hide_banner", "-protocol_whitelist", "file", "-max_pixels", "67108864",
        "-f", "mjpeg", "-i", Input(path),
        "-vf", $"scale={width}:{height}:flags=bilinear+accurate_rnd+bitexact:in_range=full:out_range=full,format=gray",
        "-fps_mode", "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "pipe:1",
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
        "-fps_mode", "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "-flush_packets", "1", "pipe:1",
    ];

    public static int SamplesIn(TimeSpan time) =>
        (int)Math.Round(time.TotalSeconds * Media.Sound.SampleRate);

    // "file:" in front: a name is never taken for an option, another protocol or a pattern.
    private static string Input(string path) => $"file:{path}";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);
}
