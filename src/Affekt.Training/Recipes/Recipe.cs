using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Affekt.Corpora;

namespace Affekt.Training.Recipes;

/// <summary>A JSON file that states a whole training run. Paths in it are relative to the file.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = Discriminator, UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(TextEncoderRecipe), "text-encoder")]
[JsonDerivedType(typeof(AudioTextRecipe), "audio-text")]
[JsonDerivedType(typeof(AudioTextFrozenRecipe), "audio-text-frozen")]
[JsonDerivedType(typeof(SoundRecipe), "sound")]
[JsonDerivedType(typeof(SpeakersRecipe), "speakers")]
[JsonDerivedType(typeof(OverlapRecipe), "overlap")]
[JsonDerivedType(typeof(ExpressionRecipe), "expression")]
[JsonDerivedType(typeof(VideoImagesRecipe), "video-images")]
[JsonDerivedType(typeof(FusionRecipe), "fusion")]
[JsonDerivedType(typeof(VideoRecipe), "video")]
[JsonDerivedType(typeof(VideoFrozenRecipe), "video-frozen")]
public abstract record Recipe
{
    /// <summary>The field that names the task.</summary>
    internal const string Discriminator = "task";

    /// <summary>A field that editors read, and nothing here.</summary>
    internal const string SchemaField = "$schema";

    /// <summary>By reflection: code generated for records gives a field that is absent 0 or null, not the default that it declares.</summary>
    internal static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>The types of recipes by their task.</summary>
    internal static readonly IReadOnlyDictionary<string, Type> Tasks = typeof(Recipe).GetCustomAttributes<JsonDerivedTypeAttribute>()
        .ToDictionary(task => (string)task.TypeDiscriminator!, task => task.DerivedType);

    // What tasks were called before: recipes and runs from then stay readable.
    private static readonly Dictionary<string, string> _formerTasks = new()
    {
        ["audio-text-features"] = "audio-text-frozen",
        ["video-features"] = "video-frozen",
        ["video-stills"] = "video-images",
    };

    private static readonly JsonDocumentOptions _document = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    private static readonly UTF8Encoding _strictUtf8 = new(false, throwOnInvalidBytes: true);

    private JsonLineNumbers? _places;

    /// <summary>Seeds of initial weights, order and dropout: one run each.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [1];

    /// <summary>
    /// fp32, or bf16: large products in bfloat16 while weights and gradients stay in single precision. Tasks on features that are
    /// computed before take fp32 only.
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
        (JsonObject root, JsonLineNumbers places) = Parse(file);
        foreach (string setting in settings ?? [])
            Apply(root, setting, file, places);
        UpdateTask(root);
        RecipeValidator validator = new(file, places, JsonOptions);
        JsonNode? task = root[Discriminator];
        Type type = task is JsonValue value && value.TryGetValue(out string? name) && Tasks.TryGetValue(name, out Type? known)
            ? known
            : throw validator.Error(
                Discriminator, RecipeValidator.Found(task), $"one of {string.Join(", ", Tasks.Keys.Select(key => $"\"{key}\""))}");
        validator.Check(root, type, "");
        root.Remove(SchemaField);
        Recipe recipe = root.Deserialize<Recipe>(JsonOptions)!;
        recipe.File = Path.GetFullPath(file);
        recipe._places = places;
        recipe.Check();
        return recipe;
    }

    /// <summary>The recipe as JSON, with every default spelled out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    /// <summary>Gives a recipe that names its task as it was called before today's name.</summary>
    internal static void UpdateTask(JsonObject recipe)
    {
        if (recipe[Discriminator] is JsonValue task && task.TryGetValue(out string? name) && _formerTasks.TryGetValue(name, out string? today))
            recipe[Discriminator] = today;
    }

    /// <summary>The recipe's folder, which paths in it are relative to.</summary>
    [JsonIgnore]
    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>A path in the recipe as a full path.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, Folder);

    /// <summary>Told of what is left out of the corpora that are read; null where nobody listens.</summary>
    [JsonIgnore]
    public Action<string>? Tell { get; init; }

    /// <summary>Reads a corpus that the recipe names, and tells which labels and entries are left out.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="root">The folder or file, relative to the recipe.</param>
    /// <param name="map">What labels count as, such as "exc=joy".</param>
    /// <param name="fold">The fold; null for the layout's own choice.</param>
    /// <param name="labels">What its labels are read into; null for the seven emotions.</param>
    /// <param name="dimensions">What is read beside them; null for nothing.</param>
    /// <exception cref="CorpusException">It cannot be read.</exception>
    internal Corpus ReadCorpus(
        string layout, string root, IReadOnlyList<string> map, int? fold, LabelSet? labels = null,
        IReadOnlyList<string>? dimensions = null)
    {
        Corpus corpus = CorpusReader.Read(layout, Resolve(root), new CorpusReadOptions
        {
            Labels = LabelMap.Parse(map, labels),
            Fold = fold,
            Dimensions = dimensions ?? [],
        });
        foreach (CorpusNote note in corpus.Notes.Where(note => note.Code is CorpusNote.UnmappedLabel or CorpusNote.LeftOut))
            Tell?.Invoke($"{note.File}{(note.Line is { } line ? $", line {line}" : "")}: {note.Message}");
        return corpus;
    }

    /// <summary>Throws unless there is such a layout, with such a fold, and each label is mapped to an emotion.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="map">What labels count as.</param>
    /// <param name="fold">The fold.</param>
    /// <param name="place">What the fields' names begin with, such as "train.".</param>
    /// <param name="field">The field that names the layout.</param>
    /// <param name="labels">What labels are read into; null for the seven emotions.</param>
    protected void RequireCorpus(
        string layout, IReadOnlyList<string> map, int? fold, string place = "", string field = "corpus", LabelSet? labels = null)
    {
        CorpusLayout? known = CorpusReader.TryFind(layout);
        Require(known is not null, $"{place}{field}", $"\"{layout}\"", string.Join(", ", CorpusReader.Names));
        Require(
            fold is null || (fold >= 1 && fold <= known!.Folds), $"{place}fold", fold ?? 0,
            known!.Folds > 0 ? $"1 to {known.Folds}" : $"none: {known.Name} has its own splits");
        try
        {
            _ = LabelMap.Parse(map, labels);
        }
        catch (CorpusException e)
        {
            throw new RecipeException(File, _places?.Describe($"{place}map") ?? $"{place}map", e.Found, e.Expected, e);
        }
    }

    /// <summary>Throws unless there is a corpus, and each has a known layout, fold and splits.</summary>
    private protected void RequireCorpora(IReadOnlyList<SoundCorpus> corpora, string field, bool optional = false)
    {
        Require(optional || corpora.Count > 0, field, "none", "at least one corpus");
        foreach (SoundCorpus corpus in corpora)
        {
            RequireCorpus(corpus.Corpus, corpus.Map, corpus.Fold, $"{field}.");
            Require(
                corpus.Splits.Count > 0 && corpus.Splits.All(Splits.Names.Contains), $"{field}.splits", string.Join(", ", corpus.Splits),
                $"some of {string.Join(", ", Splits.Names)}");
        }
    }

    /// <summary>Checks ranges that the types do not.</summary>
    /// <exception cref="RecipeException">A value is out of range.</exception>
    protected virtual void Check()
    {
        Require(Seeds.Count > 0, "seeds", "none", "at least one");
        Require(Precision is "fp32" or "bf16", "precision", Precision, "fp32 or bf16");
    }

    /// <summary>Throws unless the field "labels" names a set.</summary>
    protected void RequireLabels(string labels)
    {
        try
        {
            _ = LabelSet.Parse(labels);
        }
        catch (ArgumentException e)
        {
            Require(false, "labels", labels, e.Message);
        }
    }

    /// <summary>Throws unless precision is fp32, for tasks that have nothing large enough to compute in bfloat16.</summary>
    protected void RequireSinglePrecision() => Require(Precision == "fp32", "precision", Precision, "fp32: this task trains in single precision");

    /// <summary>Throws, naming the place of the field, unless the condition holds.</summary>
    protected void Require(bool condition, string field, object found, string expected)
    {
        if (!condition)
            throw new RecipeException(File, _places?.Describe(field) ?? field, Text(found), expected);
    }

    /// <summary>Throws unless a number lies in [0, 1], or in [0, 1) where 1 would leave nothing.</summary>
    protected void RequireShare(double value, string field, bool below1 = false) =>
        Require(value is >= 0 and <= 1 && !(below1 && value == 1), field, value, below1 ? "0 to below 1" : "0 to 1");

    /// <summary>Throws unless a number is at least 1.</summary>
    protected void RequireCount(int value, string field) => Require(value >= 1, field, value, "at least 1");

    /// <summary>Throws unless a number is above 0.</summary>
    protected void RequirePositive(double value, string field) => Require(value > 0, field, value, "a number above 0");

    /// <summary>Throws unless a number is at least 0.</summary>
    protected void RequireNotNegative(double value, string field) => Require(value >= 0, field, value, "a number of at least 0");

    private static string Text(object found) => Convert.ToString(found, CultureInfo.InvariantCulture) ?? "";

    private static (JsonObject Root, JsonLineNumbers Places) Parse(string file)
    {
        try
        {
            ReadOnlySpan<byte> json = System.IO.File.ReadAllBytes(file);
            if (json.StartsWith("\uFEFF"u8))
                json = json["\uFEFF"u8.Length..];
            _strictUtf8.GetCharCount(json);
            JsonNode? root = JsonNode.Parse(json, documentOptions: _document);

            // Escapes that stand for half a character show when the text that they are in is first read.
            JsonLineNumbers places = new(json);
            return root is JsonObject fields && root.ToJsonString().Length > 0
                ? (fields, places)
                : throw new RecipeException(file, "line 1", RecipeValidator.Found(root), "a JSON object");
        }
        catch (JsonException e)
        {
            throw new RecipeException(file, e.LineNumber is { } before ? $"line {before + 1}" : null, e.Message, "JSON", e);
        }
        catch (Exception e) when (e is DecoderFallbackException or InvalidOperationException)
        {
            throw new RecipeException(file, null, e.Message, "text in UTF-8", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException(file, null, e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message, "a readable file", e);
        }
    }

    private static void Apply(JsonNode root, string setting, string file, JsonLineNumbers places)
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
        places.Replace(setting[..equals]);
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
