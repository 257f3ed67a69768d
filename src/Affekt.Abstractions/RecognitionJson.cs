using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Recognition;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RecognitionResult))]
internal sealed partial class RecognitionJson : JsonSerializerContext
{
    public static RecognitionJson Compact { get; } = new(Written(indented: false));

    public static RecognitionJson Indented { get; } = new(Written(indented: true));

    // Words stay readable: the text goes to terminals and files, never unescaped into a page.
    private static JsonSerializerOptions Written(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = indented,
        NewLine = "\n",
    };
}

/// <summary>Enum members as snake_case strings; numbers are refused.</summary>
internal sealed class SnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, false)
    where T : struct, Enum;
