using System.Text.Json;

namespace Affekt.Corpora;

/// <summary>The fields of one line of a manifest, each checked for its kind.</summary>
internal sealed class ManifestLine
{
    private static readonly HashSet<string> _known =
        ["id", "dialogue", "index", "speaker", "text", "emotion", "split", "media", "start_ms", "end_ms"];

    private readonly Dictionary<string, JsonElement> _fields = [];

    public ManifestLine(JsonElement line, string file, int number)
    {
        File = file;
        Line = number;
        if (line.ValueKind != JsonValueKind.Object)
        {
            throw new CorpusException($"a JSON {Kind(line)}", "a JSON object", file, number);
        }

        foreach (JsonProperty field in line.EnumerateObject())
        {
            _fields.Add(Unescaped(() => field.Name, "(name)"), field.Value);
        }
    }

    public string File { get; }

    public int Line { get; }

    public IEnumerable<string> UnknownFields() => _fields.Keys.Where(field => !_known.Contains(field));

    /// <summary>The string; null where the field is absent, null, or holds blanks only.</summary>
    public string? Text(string field)
    {
        if (!_fields.TryGetValue(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? Utterance.TextOrNull(Unescaped(() => value.GetString()!, field))
            : throw Wrong(field, $"a JSON {Kind(value)}", "a string");
    }

    public string RequiredText(string field) => Text(field) ?? throw Wrong(field, "nothing", "a string that is not empty");

    public int? Number(string field)
    {
        if (!_fields.TryGetValue(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0
            ? number
            : throw Wrong(field, CorpusException.Quote(value.GetRawText()), $"a whole number from 0 to {int.MaxValue}");
    }

    public Emotion? Emotion() => Text("emotion") is { } name ? Emotions.Parse(name, File, Line, "emotion") : null;

    public Split Split()
    {
        string name = RequiredText("split");
        return Splits.TryParse(name, out Split split)
            ? split
            : throw Wrong("split", CorpusException.Quote(name), string.Join(", ", Splits.Names));
    }

    /// <summary>The full path, whether or not a file is there.</summary>
    public string? Media(string folder)
    {
        string? media = Text("media");
        if (media is null)
        {
            return null;
        }

        return media.Contains('\0')
            ? throw Wrong("media", "a path with a NUL character", "a path")
            : Path.GetFullPath(Path.Combine(folder, media));
    }

    public CorpusException Wrong(string field, string found, string expected) => new(found, expected, File, Line, field);

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

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind kind => kind.ToString().ToLowerInvariant(),
    };
}
