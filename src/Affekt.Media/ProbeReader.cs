using System.Globalization;
using System.Text.Json;

namespace Affekt.Media;

/// <summary>Reads ffprobe's JSON.</summary>
internal static class ProbeReader
{
    // Averages of evenly spaced frames stray a little from the nominal rate where the last frame's length is off.
    private const double RateTolerance = 0.01;

    /// <summary>What the file holds. The duration is null where the container does not state it.</summary>
    public static (MediaInfo Info, TimeSpan? Duration) Read(string file, ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement format = document.RootElement.GetProperty("format");
        List<AudioStream> audio = [];
        List<VideoStream> video = [];
        foreach (JsonElement stream in document.RootElement.GetProperty("streams").EnumerateArray())
        {
            switch (Text(stream, "codec_type"))
            {
                case "audio" when Number(stream, "channels") >= 1 && Number(stream, "sample_rate") >= 1:
                    audio.Add(ReadAudio(stream));
                    break;
                case "video" when Number(stream, "width") >= 1 && Number(stream, "height") >= 1:
                    video.Add(ReadVideo(stream));
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
            AudioStreams = audio,
            VideoStreams = video,
        };
        return (info, duration);
    }

    private static AudioStream ReadAudio(JsonElement stream) => new(
        (int)Number(stream, "index")!,
        Text(stream, "codec_name") ?? "unknown",
        (int)Number(stream, "channels")!,
        (int)Number(stream, "sample_rate")!,
        IsSet(stream, "default"));

    private static VideoStream ReadVideo(JsonElement stream)
    {
        int width = (int)Number(stream, "width")!;
        int height = (int)Number(stream, "height")!;
        if (Ratio(stream, "sample_aspect_ratio", ':') is double pixel and > 0)
        {
            width = Math.Max(1, (int)Math.Round(width * pixel));
        }

        if (IsTurned(stream))
        {
            (width, height) = (height, width);
        }

        double average = Ratio(stream, "avg_frame_rate", '/') ?? 0;
        return new(
            (int)Number(stream, "index")!,
            Text(stream, "codec_name") ?? "unknown",
            width,
            height,
            average,
            IsVariable(stream, average),
            IsSet(stream, "attached_pic"),
            IsSet(stream, "default"));
    }

    private static bool IsVariable(JsonElement stream, double average)
    {
        // r_frame_rate is the lowest rate whose multiples hit all timestamps; it counts fields of interlaced video.
        double nominal = Ratio(stream, "r_frame_rate", '/') ?? average;
        bool interlaced = Text(stream, "field_order") is "tt" or "bb" or "tb" or "bt";
        return !IsNear(nominal, average) && !(interlaced && IsNear(nominal, 2 * average));
    }

    private static bool IsNear(double rate, double other) => Math.Abs(rate - other) <= RateTolerance * other;

    private static bool IsTurned(JsonElement stream)
    {
        if (!stream.TryGetProperty("side_data_list", out JsonElement list))
        {
            return false;
        }

        double degrees = list.EnumerateArray().Select(entry => Number(entry, "rotation")).FirstOrDefault(turn => turn is not null) ?? 0;
        return (int)Math.Round(degrees / 90) % 2 != 0;
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
