using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Affekt.Models;

namespace Affekt.Training.Recipes;

/// <summary>
/// Compares a recipe's JSON with the type that it is to become, so that an error names the place, what is there and what
/// was expected: the deserializer alone would name types of this program.
/// </summary>
internal sealed class RecipeValidator(string file, JsonLineNumbers places, JsonSerializerOptions options)
{
    // Further apart than this, two names are not a slip of the pen.
    private const int FarthestSlip = 3;

    /// <summary>Checks a value and all below it.</summary>
    /// <exception cref="RecipeException">A field is unknown, missing, or of another kind.</exception>
    public void Check(JsonNode? value, Type type, string path)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (value is null)
        {
            if (plain == type)
                throw Error(path, "null", Expected(plain));
            return;
        }

        JsonTypeInfo info = options.GetTypeInfo(plain);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(value as JsonObject ?? throw Error(path, Found(value), Expected(plain)), info, path);
                break;
            case JsonTypeInfoKind.Enumerable:
                JsonArray list = value as JsonArray ?? throw Error(path, Found(value), Expected(plain));
                foreach ((int i, JsonNode? element) in list.Index())
                    Check(element, info.ElementType!, $"{path}[{i}]");
                break;
            default:
                if (!Fits(value, plain))
                    throw Error(path, Found(value), Expected(plain));
                break;
        }
    }

    /// <summary>An error at a place in the recipe.</summary>
    public RecipeException Error(string path, string found, string expected) =>
        new(file, places.Describe(path), found, expected);

    /// <summary>What a value is, cut short.</summary>
    public static string Found(JsonNode? value)
    {
        const int Shown = 60;
        string text = value?.ToJsonString() ?? "nothing";
        return text.Length <= Shown ? text : $"{text[..Shown]}...";
    }

    /// <summary>The name that a misspelled one, or one cut to its initials such as lr, stands for; or null.</summary>
    internal static string? Nearest(string name, IEnumerable<string> known)
    {
        string[] candidates = [.. known];
        return candidates.FirstOrDefault(candidate => name.Length > 1 && string.Concat(candidate.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(word => word[0])) == name)
            ?? candidates.Where(candidate => Distance(name, candidate) <= Math.Min(FarthestSlip, name.Length / 2)).MinBy(candidate => Distance(name, candidate));
    }

    private void CheckObject(JsonObject value, JsonTypeInfo info, string path)
    {
        Dictionary<string, JsonPropertyInfo> known = info.Properties.ToDictionary(property => property.Name);
        string? discriminator = path.Length == 0 ? Recipe.Discriminator : null;
        foreach ((string name, JsonNode? field) in value)
        {
            string place = JsonLineNumbers.Join(path, name);
            if (known.TryGetValue(name, out JsonPropertyInfo? property))
            {
                if (field is null && property.IsSetNullable)
                    continue;
                if (property.CustomConverter is LayerWeightsConverter && field is not JsonArray { Count: > 0 })
                {
                    if (Found(field) == $"\"{LayerWeightsConverter.Learned}\"")
                        continue;
                    throw Error(place, Found(field), $"{Expected(property.PropertyType)}, or \"{LayerWeightsConverter.Learned}\"");
                }

                Check(field, property.PropertyType, place);
            }
            else if (name != discriminator && name != Recipe.SchemaField)
            {
                string hint = Nearest(name, known.Keys) is { } near ? $"\"{near}\"" : $"one of {string.Join(", ", known.Keys)}";
                throw Error(place, $"a field \"{name}\", which this task does not have", hint);
            }
        }

        if (known.Values.FirstOrDefault(property => property.IsRequired && !value.ContainsKey(property.Name)) is { } missing)
            throw Error(path, "nothing", $"a field \"{missing.Name}\": {Expected(missing.PropertyType)}");
    }

    private bool Fits(JsonNode value, Type type)
    {
        if (type.IsEnum)
            return Names(type).Contains(value.ToJsonString());
        return value is JsonValue scalar && scalar.GetValueKind() switch
        {
            JsonValueKind.String => type == typeof(string),
            JsonValueKind.True or JsonValueKind.False => type == typeof(bool),
            JsonValueKind.Number when type == typeof(int) => int.TryParse(scalar.ToJsonString(), CultureInfo.InvariantCulture, out _),
            JsonValueKind.Number => type == typeof(double) && scalar.TryGetValue(out double number) && double.IsFinite(number),
            _ => false,
        };
    }

    private string Expected(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Expected(inner);
        if (type.IsEnum)
            return string.Join(" or ", Names(type));
        if (options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Enumerable } list)
            return $"a list, each of it {Expected(list.ElementType!)}";
        return type == typeof(int) ? "a whole number"
            : type == typeof(double) ? "a number"
            : type == typeof(string) ? "a text"
            : type == typeof(bool) ? "true or false"
            : "an object";
    }

    // As they are written in JSON.
    private IEnumerable<string> Names(Type choice) =>
        Enum.GetValues(choice).Cast<object>().Select(value => JsonSerializer.Serialize(value, choice, options));

    // Levenshtein's, 1966.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
