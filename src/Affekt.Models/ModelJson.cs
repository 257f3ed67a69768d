using System.Text.Json;

namespace Affekt.Models;

/// <summary>How configurations are written in JSON.</summary>
internal static class ModelJson
{
    // By reflection: code generated for records gives a field that is absent 0 or null, not the default that it declares.
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };
}
