using System.Text.Json;

namespace Affekt.Corpora;

/// <summary>An utterance as a JSON object.</summary>
internal sealed class JsonManifestLine : ManifestLine
{
    private readonly Dictionary<string, JsonElement> _fields = [];

    public JsonManifestLine(JsonElement line, string file, int? number, string? entry = null)
        : base(file, number, entry)
    {
        if (line.ValueKind != JsonValueKind.Object)
            throw new CorpusException($"a JSON {Kind(line)}", "a JSON object", file, number, entry);

        foreach (JsonProperty field in line.EnumerateObject())
            _fields.Add(Unescaped(() => field.Name, "(name)"), field.Value);
    }

    public override IEnumerable<string> UnknownFields() => _fields.Keys.Where(field => !Known.Contains(field));

    public override string? Text(string field)
    {
        if (!_fields.TryGetValue(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;

        // Ids and speakers are often numbers.
        return value.ValueKind switch
        {
            JsonValueKind.String => Utterance.TextOrNull(Unescaped(() => value.GetString()!, field)),
            JsonValueKind.Number when field is "id" or "dialogue" or "speaker" => value.GetRawText(),
            _ => throw Wrong(field, $"a JSON {Kind(value)}", "a string"),
        };
    }

    public override double? Decimal(string field)
    {
        if (!_fields.TryGetValue(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(field, CorpusException.Quote(value.GetRawText()), "a number");
    }

    public override int? Number(string field)
    {
        if (!_fields.TryGetValue(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;

        return value.ValueKind == JsonValueKind.Number && Whole(value.GetRawText()) is { } number
            ? number
            : throw Wrong(field, CorpusException.Quote(value.GetRawText()), $"a whole number from 0 to {int.MaxValue}");
    }

    /// <summary>What a JSON value is, for messages.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind kind => kind.ToString().ToLowerInvariant(),
    };

    // JSON may escape half a surrogate pair, which is no text; System.Text.Json only says so when the string is asked for.
    private string Unescaped(Func<string> read, string field)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Wrong(field, "half of a surrogate pair", "a string of whole characters");
        }
    }
}
