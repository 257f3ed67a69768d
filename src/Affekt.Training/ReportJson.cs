using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Training;

/// <summary>How reports are written as JSON: indented, in snake_case, with the same line ends everywhere.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
    };

    // For what is read in a terminal: names of files and quoted text as they are.
    private static readonly JsonSerializerOptions _unescaped = new(_options)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write<T>(T report, bool escape = true) => JsonSerializer.Serialize(report, escape ? _options : _unescaped);
}
