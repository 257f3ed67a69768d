using System.Text.Json;

namespace Affekt.Onnx.StateFiles;

/// <summary>Opens a JSON file that names the files which hold the tensors.</summary>
internal static class JsonManifest
{
    private const int MaxLength = 100_000_000;

    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    public static StateFile Open(MappedFile file)
    {
        if (file.Length > MaxLength)
            throw file.Error("JSON", null, $"{file.Length} bytes", $"at most {MaxLength}");

        try
        {
            using JsonDocument document = JsonDocument.Parse(file.Slice(0, (int)file.Length).ToArray(), _strict);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array)
                return TfjsReader.Read(file, root);

            if (root.TryGetProperty("weightsManifest", out JsonElement manifest))
                return TfjsReader.Read(file, manifest);

            return root.TryGetProperty("weight_map", out JsonElement map)
                ? ShardIndexReader.Read(file, root, map)
                : throw file.Error("JSON", 0, "an object without either", "weight_map or weightsManifest");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text with half a surrogate pair.
            throw file.Error("JSON", null, $"broken JSON ({e.Message})", "an index of shards or a weights manifest", e);
        }
    }

    public static JsonElement Field(MappedFile file, string where, JsonElement owner, string name, JsonValueKind kind)
    {
        if (owner.ValueKind != JsonValueKind.Object || !owner.TryGetProperty(name, out JsonElement value))
            throw file.Error(where, null, $"no field \"{name}\"", $"\"{name}\": {kind}");

        return Expect(file, $"{name} of {where}", value, kind);
    }

    public static JsonElement Expect(MappedFile file, string where, JsonElement value, JsonValueKind kind) =>
        value.ValueKind == kind ? value : throw file.Error(where, null, $"{value.ValueKind}", $"{kind}");

    /// <summary>
    /// Maps a file that a manifest names: a plain name, so that a manifest cannot reach out of its folder.
    /// </summary>
    public static MappedFile OpenBeside(MappedFile manifest, JsonElement value)
    {
        string name = Expect(manifest, "name of a file", value, JsonValueKind.String).GetString()!;
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny("/\\:\0"))
            throw manifest.Error("name of a file", null, $"\"{name}\"", "the plain name of a file in the same folder");

        return new MappedFile(Path.Combine(Path.GetDirectoryName(manifest.Path) ?? "", name));
    }
}
