using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Affekt.Training.Recipes;

/// <summary>A JSON file that states a whole training run. Paths in it are relative to the file.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "task", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(TextEncoderRecipe), "text-encoder")]
[JsonDerivedType(typeof(AudioTextRecipe), "audio-text")]
public abstract record Recipe
{
    // By reflection: code generated for records gives a field that is absent 0 or null, not the default that it declares.
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    /// <summary>Seeds of initial weights, order and dropout: one run each.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>
    /// fp32, or bf16: large products in bfloat16 while weights and gradients stay in single precision.
    /// </summary>
    public string Precision { get; init; } = "fp32";

    /// <summary>The recipe's file, for paths and messages.</summary>
    [JsonIgnore]
    public string File { get; private set; } = "";

    /// <summary>Reads a recipe.</summary>
    /// <param name="file">The JSON file; comments and trailing commas are allowed.</param>
    /// <param name="settings">
    /// Values that replace the file's: "key=value", where a key is a dotted path ("optimizer.learning_rate") that exists
    /// as a field, and a value is JSON or else a string.
    /// </param>
    /// <exception cref="RecipeException">The file or a setting is not what it should be.</exception>
    public static Recipe Load(string file, IReadOnlyList<string>? settings = null)
    {
        try
        {
            JsonNode root = JsonNode.Parse(
                System.IO.File.ReadAllText(file), documentOptions: new JsonDocumentOptions
                {
                    CommentHandling = JsonCommentHandling.Skip,
                    AllowTrailingCommas = true,
                }) ?? throw new RecipeException(file, null, "null", "a JSON object");
            foreach (string setting in settings ?? [])
                Apply(root, setting, file);
            string? task = (root as JsonObject)?["task"]?.ToString();
            if (task is not ("text-encoder" or "audio-text"))
                throw new RecipeException(file, "task", task is null ? "nothing" : $"\"{task}\"", "\"text-encoder\" or \"audio-text\"");
            Recipe recipe = root.Deserialize<Recipe>(s_json)
                ?? throw new RecipeException(file, null, "null", "a JSON object");
            recipe.File = Path.GetFullPath(file);
            recipe.Check();
            return recipe;
        }
        catch (JsonException e)
        {
            throw new RecipeException(file, e.Path, e.Message, "a recipe", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException(file, null, e.Message, "a readable file", e);
        }
    }

    /// <summary>The recipe as JSON, with every default spelt out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);

    /// <summary>A path in the recipe as a full path.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, Path.GetDirectoryName(File)!);

    /// <summary>Checks ranges that the types do not.</summary>
    /// <exception cref="RecipeException">A value is out of range.</exception>
    protected virtual void Check()
    {
        Require(Seeds.Count > 0, "seeds", "none", "at least one");
        Require(Precision is "fp32" or "bf16", "precision", Precision, "fp32 or bf16");
    }

    /// <summary>Throws, naming the field, unless the condition holds.</summary>
    protected void Require(bool condition, string field, object found, string expected)
    {
        if (!condition)
            throw new RecipeException(File, field, $"{found}", expected);
    }

    private static void Apply(JsonNode root, string setting, string file)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
            throw new RecipeException(file, "--set", $"\"{setting}\"", "key=value");
        string[] keys = setting[..equals].Split('.');
        JsonNode? owner = root;
        foreach (string key in keys[..^1])
            owner = (owner as JsonObject)?[key];
        if (owner is not JsonObject fields)
            throw new RecipeException(file, "--set", $"\"{setting}\"", "a key whose parents are in the recipe");
        fields[keys[^1]] = ParseOrText(setting[(equals + 1)..]);
    }

    private static JsonNode? ParseOrText(string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            return JsonValue.Create(value);
        }
    }
}
