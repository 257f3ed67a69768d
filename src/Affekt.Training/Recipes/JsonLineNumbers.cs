using System.Text.Json;

namespace Affekt.Training.Recipes;

/// <summary>Where in a JSON text each value begins: lines by path ("stages[0].epochs"; "" is the whole).</summary>
internal sealed class JsonLineNumbers
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly HashSet<string> _replaced = [];

    /// <summary>Reads valid JSON, comments and trailing commas allowed.</summary>
    public JsonLineNumbers(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(
            json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        Stack<(string Path, int Index)> owners = new();
        string path = "";
        int line = 1;
        long counted = 0;
        while (reader.Read())
        {
            line += json[(int)counted..(int)reader.TokenStartIndex].Count((byte)'\n');
            counted = reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    path = Join(owners.Peek().Path, reader.GetString()!);
                    _lines.TryAdd(path, line);
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    owners.Pop();
                    continue;
            }

            // A value: the property's that was just named, the next one of a list, or the whole.
            if (owners.TryPeek(out (string Path, int Index) owner) && owner.Index >= 0)
            {
                owners.Pop();
                owners.Push((owner.Path, owner.Index + 1));
                path = $"{owner.Path}[{owner.Index}]";
            }

            _lines.TryAdd(path, line);
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                owners.Push((path, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
        }
    }

    /// <summary>The path of a field of an object.</summary>
    public static string Join(string owner, string field) => owner.Length == 0 ? field : $"{owner}.{field}";

    /// <summary>Notes that a value, and what was in it, comes from the command line instead.</summary>
    public void Replace(string path)
    {
        foreach (string below in _lines.Keys.Where(known => known == path || known.StartsWith(path + ".", StringComparison.Ordinal) || known.StartsWith(path + "[", StringComparison.Ordinal)).ToArray())
            _lines.Remove(below);
        _replaced.Add(path);
    }

    /// <summary>"line 3, stages[0].epochs"; the path alone for a value that is not in the text.</summary>
    public string Describe(string path) => !_lines.TryGetValue(path, out int line)
        ? _replaced.Contains(path) ? $"--set {path}" : path
        : path.Length == 0 ? $"line {line}"
        : $"line {line}, {path}";
}
