using System.Text.Json;

namespace Affekt.Models.Tokenizers;

/// <summary>A value in a JSON file, and where it stands there: what is wrong with it is told by file and field.</summary>
internal sealed class JsonField
{
    private JsonField(string file, string where, JsonElement value) => (File, Where, Value) = (file, where, value);

    public string File { get; }

    /// <summary>Its place, as <c>model.vocab</c>; empty for the whole file.</summary>
    public string Where { get; }

    public JsonElement Value { get; }

    public bool IsObject => Value.ValueKind == JsonValueKind.Object;

    public bool IsArray => Value.ValueKind == JsonValueKind.Array;

    /// <summary>Reads a file that holds one object.</summary>
    /// <exception cref="ModelException">The file cannot be read, or holds something else.</exception>
    public static JsonField Read(string file)
    {
        try
        {
            // Not disposed: what is read from it stays in use.
            JsonElement root = JsonDocument.Parse(System.IO.File.ReadAllBytes(file)).RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new JsonField(file, "", root)
                : throw new ModelException(file, null, $"{root.ValueKind}", "a JSON object");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ModelException(file, null, e.Message, "a readable JSON file", e);
        }
    }

    /// <summary>A member; null where it is absent or null.</summary>
    public JsonField? Find(string name) =>
        IsObject && Value.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null
            ? new JsonField(File, Where.Length == 0 ? name : $"{Where}.{name}", found)
            : null;

    /// <summary>A member that must be there.</summary>
    public JsonField Get(string name) => Find(name) ?? throw Wrong("nothing", $"\"{name}\"");

    /// <summary>The elements of a list.</summary>
    public IEnumerable<JsonField> Elements()
    {
        if (!IsArray)
            throw Wrong(Short, "a list");
        string file = File, where = Where;
        return Value.EnumerateArray().Select((element, i) => new JsonField(file, $"{where}[{i}]", element));
    }

    /// <summary>The members of an object.</summary>
    public IEnumerable<(string Name, JsonField Value)> Members()
    {
        if (!IsObject)
            throw Wrong(Short, "an object");
        string file = File, where = Where;
        return Value.EnumerateObject().Select(member => (NameOf(member), new JsonField(file, $"{where}.{member.Name}", member.Value)));
    }

    public string Text()
    {
        try
        {
            return Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Wrong(Short, "a string");
        }
        catch (InvalidOperationException e)
        {
            throw Wrong(e.Message, "a string of whole characters");
        }
    }

    public bool Flag() => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(Short, "true or false"),
    };

    public double Number() => Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out double number) && double.IsFinite(number)
        ? number
        : throw Wrong(Short, "a number");

    public int Count(int least = 0, int most = int.MaxValue) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out int number) && number >= least && number <= most
            ? number
            : throw Wrong(Short, $"a whole number from {least} to {most}");

    public ModelException Wrong(string found, string expected) => new(File, Where.Length == 0 ? null : Where, found, expected);

    public string Short
    {
        get
        {
            string text = Value.GetRawText();
            return text.Length <= 60 ? text : $"{text[..60]}...";
        }
    }

    private string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException e)
        {
            throw Wrong(e.Message, "names of whole characters");
        }
    }
}
