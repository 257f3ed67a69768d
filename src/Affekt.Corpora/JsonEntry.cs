using System.Text.Json;

namespace Affekt.Corpora;

/// <summary>A value in a JSON file, with its place there for messages.</summary>
/// <param name="File">The file.</param>
/// <param name="Place">The way to the value, such as "episodes[0].scenes[2]"; empty for the whole.</param>
/// <param name="Value">The value.</param>
internal readonly record struct JsonEntry(string File, string Place, JsonElement Value)
{
    private static readonly JsonDocumentOptions _readOptions = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file. The document is to be disposed of after use.</summary>
    /// <exception cref="CorpusException">The file cannot be read, or is no JSON.</exception>
    public static JsonDocument Open(string file, string expected)
    {
        try
        {
            return JsonDocument.Parse(TextFile.Read(file), _readOptions);
        }
        catch (JsonException error)
        {
            int? line = error.LineNumber is { } before ? (int)before + 1 : null;
            throw new CorpusException($"no JSON ({error.Message})", expected, file, line, cause: error);
        }
        catch (InvalidOperationException error)
        {
            // Names are compared with each other, and one of them escapes half a surrogate pair.
            throw new CorpusException("half of a surrogate pair in a name", expected, file, cause: error);
        }
    }

    /// <summary>The fields of an object.</summary>
    public IEnumerable<(string Name, JsonEntry Value)> Fields()
    {
        JsonEntry self = this;
        return Require(JsonValueKind.Object, "an object").EnumerateObject().Select(field =>
        {
            string name = self.Unescaped(() => field.Name);
            return (name, new JsonEntry(self.File, self.Join(name), field.Value));
        });
    }

    /// <summary>A field that must be there.</summary>
    public JsonEntry Field(string name) => TryField(name) ?? throw Wrong("nothing", "a value", name);

    /// <summary>A field; null where it is absent or null.</summary>
    public JsonEntry? TryField(string name)
    {
        JsonElement whole = Require(JsonValueKind.Object, "an object");
        JsonElement? found = Unescaped(() => whole.TryGetProperty(name, out JsonElement value) ? value : (JsonElement?)null);
        return found is { ValueKind: not JsonValueKind.Null } there ? new JsonEntry(File, Join(name), there) : null;
    }

    /// <summary>The values of a list.</summary>
    public IEnumerable<JsonEntry> Items()
    {
        JsonEntry self = this;
        return Require(JsonValueKind.Array, "a list").EnumerateArray()
            .Select((item, index) => new JsonEntry(self.File, $"{self.Place}[{index}]", item));
    }

    /// <summary>A string.</summary>
    public string Text()
    {
        JsonElement value = Require(JsonValueKind.String, "a string");
        return Unescaped(() => value.GetString()!);
    }

    public CorpusException Wrong(string found, string expected, string? field = null) =>
        new(found, expected, File, field: field is not null ? Join(field) : Place.Length > 0 ? Place : null);

    private string Join(string name) => Place.Length == 0 ? name : $"{Place}.{name}";

    private JsonElement Require(JsonValueKind kind, string expected) =>
        Value.ValueKind == kind ? Value : throw Wrong($"a JSON {JsonManifestLine.Kind(Value)}", expected);

    // JSON may escape half a surrogate pair, which is no text; System.Text.Json only says so when the string is asked for.
    private T Unescaped<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Wrong("half of a surrogate pair", "a string of whole characters");
        }
    }
}
