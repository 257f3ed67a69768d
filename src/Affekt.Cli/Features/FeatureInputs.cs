using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Affekt.Cli.Features;

/// <summary>Gathers what is to become tensors, each under a name of its own.</summary>
internal static partial class FeatureInputs
{
    // Safetensors keeps it for strings beside the tensors.
    private const string ReservedName = "__metadata__";

    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Media files, each named by its file name.</summary>
    /// <exception cref="CommandException">Two have the same name.</exception>
    public static IReadOnlyList<MediaInput> Media(IEnumerable<string> files)
    {
        Dictionary<string, string> taken = [];
        List<MediaInput> inputs = [];
        foreach (string file in files)
        {
            string name = Path.GetFileName(file);
            if (!taken.TryAdd(name, file))
                throw Unusable($"{file}: found the file name of {taken[name]}, expected another for each input");
            inputs.Add(new MediaInput(name, file));
        }

        return inputs;
    }

    /// <summary>
    /// Reads JSONL: a string, or an object with "text" and perhaps "id" (a string or a whole number), on each line. A text
    /// without an id is named by its line's number, from 0. Half a surrogate pair reads as U+FFFD.
    /// </summary>
    /// <exception cref="CommandException">The file cannot be read, a line is something else, or an id is taken.</exception>
    public static IReadOnlyList<TextInput> Texts(string file)
    {
        ReadOnlyMemory<byte> rest = Read(file);
        Dictionary<string, int> taken = [];
        List<TextInput> inputs = [];
        for (int line = 0; !rest.IsEmpty; line++)
        {
            int end = rest.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> json = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            TextInput input = Parse($"{file}, line {line}", json, line);
            if (!taken.TryAdd(input.Name, line))
                throw Unusable($"{file}, line {line}: found the id \"{input.Name}\" of line {taken[input.Name]}, expected another");
            inputs.Add(input);
        }

        return inputs.Count > 0 ? inputs : throw Unusable($"{file}: found nothing, expected a text on each line");
    }

    private static ReadOnlyMemory<byte> Read(string file)
    {
        try
        {
            ReadOnlyMemory<byte> bytes = File.ReadAllBytes(file);
            return bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"{file}: found {e.Message}, expected a readable file of texts");
        }
    }

    private static TextInput Parse(string where, ReadOnlyMemory<byte> json, int line)
    {
        string number = line.ToString(CultureInfo.InvariantCulture);
        try
        {
            string whole = Escapes().Replace(
                _strict.GetString(json.Span), escape => escape.Groups["half"].Success ? @"\ufffd" : escape.Value);
            using JsonDocument document = JsonDocument.Parse(whole);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.String)
                return new TextInput(number, root.GetString()!);
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("text", out JsonElement text)
                || text.ValueKind != JsonValueKind.String)
            {
                throw Unusable($"{where}: found {Shortened(root.GetRawText())}, expected a string or an object with a string \"text\"");
            }

            return new TextInput(root.TryGetProperty("id", out JsonElement id) ? Name(where, id) : number, text.GetString()!);
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            throw Unusable($"{where}: found no JSON ({e.Message}), expected a string or an object with \"text\"");
        }
    }

    private static string Name(string where, JsonElement id)
    {
        string? name = id.ValueKind == JsonValueKind.String ? id.GetString()
            : id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out long number) ? number.ToString(CultureInfo.InvariantCulture)
            : null;
        return name is not (null or "" or ReservedName)
            ? name
            : throw Unusable($"{where}: found the id {Shortened(id.GetRawText())}, expected a string or a whole number");
    }

    private static string Shortened(string text) => text.Length <= 60 ? text : $"{text[..60]}...";

    private static CommandException Unusable(string message) => new(message, ExitCode.Unusable);

    // Programs write strings with half a pair, which JSON allows; System.Text.Json does not.
    [GeneratedRegex(@"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)")]
    private static partial Regex Escapes();
}

/// <summary>What becomes one tensor.</summary>
/// <param name="Name">The tensor's name.</param>
internal abstract record FeatureInput(string Name);

/// <summary>A text.</summary>
internal sealed record TextInput(string Name, string Text) : FeatureInput(Name);

/// <summary>A sound or video file.</summary>
internal sealed record MediaInput(string Name, string File) : FeatureInput(Name);
