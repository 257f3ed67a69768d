using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Models.Fusion;

/// <summary>
/// How often each emotion is expected before anything is heard or seen: seven probabilities. A prior belongs to where a
/// recording comes from, not to what is on it. In JSON "uniform", "meld", or an object with a number above 0 for each label.
/// </summary>
[JsonConverter(typeof(EmotionPriorConverter))]
public sealed class EmotionPrior
{
    private const string UniformName = "uniform";
    private const string MeldName = "meld";

    // Labels of MELD's train split, in label order (Poria et al., 2019, table 4).
    private static readonly double[] _meld = [4_710, 1_743, 683, 1_109, 268, 271, 1_205];

    private EmotionPrior(string name, IReadOnlyList<double> weights)
    {
        Name = name;
        double sum = weights.Sum();
        Values = [.. weights.Select(weight => weight / sum)];
    }

    /// <summary>All emotions alike: for recordings of which nothing is known.</summary>
    public static EmotionPrior Uniform { get; } = new(UniformName, [.. Enumerable.Repeat(1.0, Emotions.Count)]);

    /// <summary>As in MELD's train split, scenes of a comedy: 47 % neutral, 2.7 % fear.</summary>
    public static EmotionPrior Meld { get; } = new(MeldName, _meld);

    /// <summary>"uniform", "meld", the file that it was read from, or where else it comes from.</summary>
    public string Name { get; }

    /// <summary>Seven probabilities above 0 with the sum 1, in label order.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>A prior in proportion to seven weights, such as counts.</summary>
    /// <exception cref="ArgumentException">There are not seven finite numbers above 0.</exception>
    public static EmotionPrior Of(string name, IReadOnlyList<double> weights) => IsValid(weights)
        ? new(name, weights)
        : throw new ArgumentException($"found {string.Join(", ", weights.Select(weight => weight.ToString(CultureInfo.InvariantCulture)))}, expected {Emotions.Count} finite numbers above 0", nameof(weights));

    internal static bool IsValid(IReadOnlyList<double> weights) =>
        weights.Count == Emotions.Count && weights.All(weight => double.IsFinite(weight) && weight > 0);

    /// <summary>"uniform" or "meld"; null for another name.</summary>
    internal static EmotionPrior? Named(string? name) => name switch
    {
        UniformName => Uniform,
        MeldName => Meld,
        _ => null,
    };
}

/// <summary>Reads names that are known and objects; never a file, for JSON may come from strangers.</summary>
internal sealed class EmotionPriorConverter : JsonConverter<EmotionPrior>
{
    private const string Given = "given";

    public override EmotionPrior Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return EmotionPrior.Named(reader.GetString()) ?? throw new JsonException("a prior of another name; expected uniform or meld");
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        double[] weights = root.ValueKind != JsonValueKind.Object ? [] :
        [
            .. Emotions.Labels.Select(label =>
                root.TryGetProperty(label, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0),
        ];
        return EmotionPrior.IsValid(weights) ? EmotionPrior.Of(Given, weights) : throw new JsonException("expected a number above 0 for each emotion");
    }

    public override void Write(Utf8JsonWriter writer, EmotionPrior value, JsonSerializerOptions options)
    {
        if (EmotionPrior.Named(value.Name) is not null)
        {
            writer.WriteStringValue(value.Name);
            return;
        }

        writer.WriteStartObject();
        foreach ((string label, double probability) in Emotions.Labels.Zip(value.Values))
            writer.WriteNumber(label, probability);
        writer.WriteEndObject();
    }
}
