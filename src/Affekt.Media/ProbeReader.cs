using System.Globalization;
using System.Text.Json;

namespace Affekt.Media;

/// <summary>Reads ffprobe's JSON.</summary>
internal static class ProbeReader
{
    // Averages of evenly spaced frames stray a little from the nominal rate where the last frame's length is off.
    private const double RateTolerance = 0.01;

    // A clock that begins elsewhere: containers disagree whether their length counts from there.
    private const double LatestStart = 0.1;

    private static readonly TimeSpan _pictureLength = TimeSpan.FromMilliseconds(40);

    // Containers without a stated length, with one that was guessed, or with the length of their last part only. ffmpeg's names.
    private static readonly HashSet<string> _withoutLength =
    [
        "mp3", "aac", "loas", "amr", "ac3", "eac3", "dts", "truehd", "tta", "ape", "mpegts", "mpeg", "mpegvideo", "m4v", "h264", "hevc", "ogg",
        "dv", "wtv", "gif", "apng",
    ];

    // What records live writes the length at the end, if it comes to it; with sound, that tells whether it is true.
    private static readonly HashSet<string> _doubtedWithoutSound = ["matroska", "webm", "flv", "avi", "asf", "nut"];

    /// <summary>What the file holds, and whether the length that it states may not be relied upon.</summary>
    public static (MediaInfo Info, bool IsDoubtful) Read(string file, ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement format = document.RootElement.GetProperty("format");
        double start = Number(format, "start_time") ?? 0;
        List<AudioStream> audio = [];
        List<VideoStream> video = [];
        Dictionary<int, TimeSpan> ends = [];
        foreach (JsonElement stream in document.RootElement.GetProperty("streams").EnumerateArray())
        {
            switch (Text(stream, "codec_type"))
            {
                case "audio" when Number(stream, "channels") >= 1 && Number(stream, "sample_rate") >= 1:
                    audio.Add(ReadAudio(stream));
                    if (Number(stream, "duration") is double length and > 0 and < 1e9)
                        ends[audio[^1].Index] = TimeSpan.FromSeconds(Math.Clamp((Number(stream, "start_time") ?? start) - start + length, 0, 1e9));
                    break;
                case "video" when Number(stream, "width") >= 1 && Number(stream, "height") >= 1:
                    video.Add(ReadVideo(stream, Rotation(stream)));
                    break;
            }
        }

        TimeSpan? duration = Number(format, "duration") is double seconds and > 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : null;
        MediaInfo info = new()
        {
            File = file,
            Container = Text(format, "format_name") ?? "",
            Duration = duration ?? TimeSpan.Zero,
            ClockStart = TimeSpan.FromSeconds(Math.Clamp(start, -1e9, 1e9)),
            AudioStreams = audio,
            VideoStreams = video,
            StatedEnds = ends,
        };
        string[] names = info.Container.Split(',');
        bool doubtful = duration is null || Math.Abs(start) > LatestStart || names.Any(_withoutLength.Contains)
            || (audio.Count == 0 && names.Any(_doubtedWithoutSound.Contains));
        return (info, doubtful && (audio.Count > 0 || info.Picture is not null));
    }

    /// <summary>
    /// A file that is one picture: a video that shows it for as long as one of 25 pictures a second lasts. Null where it cannot be decoded.
    /// </summary>
    public static MediaInfo? ReadPicture(string file, ReadOnlyMemory<byte> json, string format)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        JsonElement streams = root.GetProperty("streams");
        if (streams.GetArrayLength() == 0 || !root.TryGetProperty("frames", out JsonElement frames) || frames.GetArrayLength() == 0)
            return null;

        return new MediaInfo
        {
            File = file,
            Container = format,
            Duration = _pictureLength,
            IsCounted = true,
            AudioStreams = [],
            VideoStreams = [ReadVideo(streams[0], Rotation(frames[0])) with { FrameRate = 1 / _pictureLength.TotalSeconds, PictureFormat = format }],
        };
    }

    private static AudioStream ReadAudio(JsonElement stream) => new(
        (int)Number(stream, "index")!,
        Text(stream, "codec_name") ?? "unknown",
        (int)Number(stream, "channels")!,
        (int)Number(stream, "sample_rate")!,
        IsSet(stream, "default"));

    private static VideoStream ReadVideo(JsonElement stream, int rotation)
    {
        int width = (int)Number(stream, "width")!;
        int height = (int)Number(stream, "height")!;
        if (Ratio(stream, "sample_aspect_ratio", ':') is double pixel and > 0)
            width = Math.Max(1, (int)Math.Round(width * pixel));

        if (Math.Round(rotation / 90.0) % 2 != 0)
            (width, height) = (height, width);

        double average = Ratio(stream, "avg_frame_rate", '/') ?? 0;
        return new(
            (int)Number(stream, "index")!,
            Text(stream, "codec_name") ?? "unknown",
            width,
            height,
            average,
            IsVariable(stream, average),
            IsSet(stream, "attached_pic") || IsSet(stream, "timed_thumbnails"),
            IsSet(stream, "default"))
        {
            Rotation = rotation,
        };
    }

    private static bool IsVariable(JsonElement stream, double average)
    {
        // r_frame_rate is the lowest rate whose multiples hit all timestamps; it counts fields of interlaced video.
        double nominal = Ratio(stream, "r_frame_rate", '/') ?? average;
        bool interlaced = Text(stream, "field_order") is "tt" or "bb" or "tb" or "bt";
        return !IsNear(nominal, average) && !(interlaced && IsNear(nominal, 2 * average));
    }

    private static bool IsNear(double rate, double other) => Math.Abs(rate - other) <= RateTolerance * other;

    private static int Rotation(JsonElement streamOrFrame)
    {
        if (!streamOrFrame.TryGetProperty("side_data_list", out JsonElement list))
            return 0;

        double degrees = list.EnumerateArray().Select(entry => Number(entry, "rotation")).FirstOrDefault(turn => turn is not null) ?? 0;
        return (int)Math.Round(degrees);
    }

    private static bool IsSet(JsonElement stream, string disposition) =>
        stream.TryGetProperty("disposition", out JsonElement flags) && Number(flags, disposition) == 1;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? value.ToString() : null;

    // ffprobe writes some numbers as numbers and some as strings, and leaves out or says N/A what it does not know.
    private static double? Number(JsonElement element, string name) => Parse(Text(element, name));

    private static double? Ratio(JsonElement element, string name, char separator) =>
        Text(element, name)?.Split(separator) is [string above, string below] && Parse(below) is double divisor and > 0
            ? Parse(above) / divisor
            : null;

    private static double? Parse(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
