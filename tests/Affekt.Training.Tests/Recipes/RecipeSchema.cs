using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Affekt.Models;
using Affekt.Training.Recipes;

namespace Affekt.Tests.Recipes;

/// <summary>Makes recipes/recipe.schema.json from the types that recipes are read into, with their documentation.</summary>
internal static partial class RecipeSchema
{
    public const string File = "recipes/recipe.schema.json";

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Create()
    {
        XElement documentation = XElement.Load(Path.ChangeExtension(typeof(Recipe).Assembly.Location, ".xml"));
        JsonSchemaExporterOptions options = new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Describe(context, node, documentation),
        };
        JsonArray tasks = [];
        foreach ((string task, Type type) in Recipe.Tasks)
        {
            JsonObject schema = Recipe.JsonOptions.GetJsonSchemaAsNode(type, options).AsObject();
            JsonObject fields = schema["properties"]!.AsObject();
            fields.Insert(0, "$schema", new JsonObject { ["type"] = "string" });
            fields.Insert(1, Recipe.Discriminator, new JsonObject { ["const"] = task });
            JsonArray required = schema["required"]?.AsArray() ?? [];
            required.Insert(0, Recipe.Discriminator);
            schema["required"] = required;
            tasks.Add(schema);
        }

        JsonObject root = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "A recipe of Affekt: a whole training run",
            ["oneOf"] = tasks,
        };
        return root.ToJsonString(s_indented) + "\n";
    }

    private static JsonNode Describe(JsonSchemaExporterContext context, JsonNode node, XElement documentation)
    {
        string? name = context.PropertyInfo?.AttributeProvider is PropertyInfo property
            ? $"P:{property.DeclaringType!.FullName}.{property.Name}"
            : context.PropertyInfo is null && context.Path.Length == 0 ? $"T:{context.TypeInfo.Type.FullName}" : null;
        // A converter tells the exporter nothing.
        if (context.PropertyInfo?.CustomConverter is LayerWeightsConverter)
        {
            node = new JsonObject
            {
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "number" }, ["minItems"] = 1 },
                    new JsonObject { ["enum"] = new JsonArray(LayerWeightsConverter.Learned, null) }),
            };
        }

        if (name is not null && node is JsonObject schema && Summary(documentation, name) is { } summary)
            schema.Insert(0, "description", summary);
        return node;
    }

    private static string? Summary(XElement documentation, string name)
    {
        XElement? summary = documentation.Descendants("member").FirstOrDefault(member => (string?)member.Attribute("name") == name)?.Element("summary");
        return summary is null ? null : Blanks().Replace(summary.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
