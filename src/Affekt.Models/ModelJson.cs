using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Affekt.Models;

/// <summary>How configurations are written in JSON.</summary>
internal static partial class ModelJson
{
    // By reflection: code generated for records gives a field that is absent 0 or null, not the default that it declares.
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a file that holds one object.</summary>
    /// <param name="file">The file.</param>
    /// <param name="expected">What it should hold, for messages.</param>
    /// <exception cref="ModelException">The file cannot be read, or does not hold that object.</exception>
    public static T Read<T>(string file, string expected)
        where T : class
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return JsonSerializer.Deserialize<T>(stream, Options) ?? throw new ModelException(file, null, "null", expected);
        }
        catch (JsonException e)
        {
            throw Wrong(file, e, expected);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(file, null, e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message, "a readable file", e);
        }
    }

    /// <summary>What is wrong with a file, without the names that its parts have in this program.</summary>
    public static ModelException Wrong(string file, JsonException e, string expected) => e switch
    {
        { InnerException: JsonException } => new(file, $"line {e.LineNumber + 1}", $"no JSON at byte {e.BytePositionInLine}", expected, e),
        _ when MissingFields().Match(e.Message) is { Success: true } missing => new(file, e.Path, $"nothing for {missing.Groups[1].Value}", expected, e),
        _ when NullField().Match(e.Message) is { Success: true } field => new(file, e.Path, $"null for '{field.Groups[1].Value}'", expected, e),
        _ when e.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) =>
            new(file, e.Path, "a value that this version does not know", expected, e),
        _ => new(file, e.Path, e.Message.Split(" Path: ")[0].TrimEnd('.'), expected, e),
    };

    [GeneratedRegex("'([^']*)' on type '[^']*' doesn't allow")]
    private static partial Regex NullField();

    [GeneratedRegex("missing required properties including: (.*?)\\.?$")]
    private static partial Regex MissingFields();
}

/// <summary>Enum members as kebab-case strings; numbers are refused.</summary>
internal sealed class KebabCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, false)
    where T : struct, Enum;

/// <summary>The weights of an encoder's layers, as a list of numbers; "learned", in a recipe, is read as none.</summary>
public sealed class LayerWeightsConverter : JsonConverter<IReadOnlyList<double>>
{
    /// <summary>What a recipe says in their place.</summary>
    public const string Learned = "learned";

    /// <inheritdoc/>
    public override IReadOnlyList<double> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(Learned))
            return [];
        return JsonSerializer.Deserialize<double[]>(ref reader, options) is { Length: > 0 } weights
            ? weights
            : throw new JsonException("no weights in the list");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options)
    {
        if (value.Count == 0)
            writer.WriteStringValue(Learned);
        else
            JsonSerializer.Serialize(writer, value, options);
    }
}
