using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Models.Fusion;

/// <summary>
/// How often each label is expected before anything is heard or seen: of the seven emotions seven probabilities. A prior belongs to where a
/// recording comes from, not to what is on it. In JSON "uniform", "meld" (in capitals too), or an object with a number above 0 for each label.
/// </summary>
[JsonConverter(typeof(EmotionPriorConverter))]
public sealed class EmotionPrior
{
    private const string UniformName = "uniform";
    private const string MeldName = "meld";

    // Labels of MELD's train split, in label order (Poria et al., 2019, table 4).
    private static readonly double[] _meld = [4_710, 1_743, 683, 1_109, 268, 271, 1_205];

    private EmotionPrior(string name, IReadOnlyList<double> weights, LabelSet? labels = null)
    {
        Name = name;
        Labels = labels ?? LabelSet.Emotions;

        // The sum of the weights themselves may be beyond every number.
        double scale = double.IsFinite(weights.Sum()) ? 1 : weights.Max();
        double sum = weights.Sum(weight => weight / scale);
        Values = [.. weights.Select(weight => weight / scale / sum)];
    }

    /// <summary>All emotions alike: for recordings of which nothing is known.</summary>
    public static EmotionPrior Uniform { get; } = UniformOver(LabelSet.Emotions);

    /// <summary>As in MELD's train split, scenes of a comedy: 47 % neutral, 2.7 % fear.</summary>
    public static EmotionPrior Meld { get; } = new(MeldName, _meld);

    /// <summary>"uniform", "meld", the file that it was read from, or where else it comes from.</summary>
    public string Name { get; }

    /// <summary>What is expected so often.</summary>
    public LabelSet Labels { get; }

    /// <summary>A probability above 0 for each label, in label order, with the sum 1.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>All labels of a set alike.</summary>
    public static EmotionPrior UniformOver(LabelSet labels) => new(UniformName, [.. Enumerable.Repeat(1.0, labels.Count)], labels);

    /// <summary>A prior in proportion to weights, such as counts.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="weights">One for each label, in label order.</param>
    /// <param name="labels">The labels; null for the seven emotions.</param>
    /// <exception cref="ArgumentException">There are not as many finite numbers above 0.</exception>
    public static EmotionPrior Of(string name, IReadOnlyList<double> weights, LabelSet? labels = null) => IsValid(weights, labels)
        ? new(name, weights, labels)
        : throw new ArgumentException($"found {string.Join(", ", weights.Select(weight => weight.ToString(CultureInfo.InvariantCulture)))}, expected {(labels ?? LabelSet.Emotions).Count} finite numbers above 0", nameof(weights));

    /// <summary>The same of weights by labels' names: the seven emotions in any order, or another set in this one.</summary>
    /// <exception cref="ArgumentException">They are not two or more different labels with finite numbers above 0.</exception>
    public static EmotionPrior Of(string name, IReadOnlyList<KeyValuePair<string, double>> weights)
    {
        LabelSet named = LabelSet.Of(weights.Select(weight => weight.Key));
        EmotionPrior prior = Of(name, [.. weights.Select(weight => weight.Value)], named);
        return named.Names.ToHashSet().SetEquals(Emotions.Labels) ? prior.For(LabelSet.Emotions) : prior;
    }

    /// <summary>The same for a set of labels: one that is uniform fits all, another those of the same names in any order.</summary>
    /// <exception cref="ArgumentException">It is one of other labels.</exception>
    public EmotionPrior For(LabelSet labels)
    {
        if (labels.Equals(Labels))
            return this;
        if (Name == UniformName)
            return UniformOver(labels);
        int[] places = [.. labels.Names.Select(name => Labels.Names.Index().Where(own => own.Item == name).Select(own => own.Index).DefaultIfEmpty(-1).First())];
        return places.Length == Labels.Count && !places.Contains(-1)
            ? new EmotionPrior(Name, [.. places.Select(place => Values[place])], labels)
            : throw new ArgumentException($"found {Labels} ({Name}), expected {labels}", nameof(labels));
    }

    internal static bool IsValid(IReadOnlyList<double> weights, LabelSet? labels = null) =>
        weights.Count == (labels ?? LabelSet.Emotions).Count && weights.All(weight => double.IsFinite(weight) && weight > 0)
        && weights.Min() / weights.Max() / weights.Count > 0;

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
            return EmotionPrior.Named(reader.GetString()!.ToLowerInvariant()) ?? throw new JsonException("a prior of another name; expected uniform or meld");
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement is not { ValueKind: JsonValueKind.Object } root)
            throw new JsonException("expected uniform, meld, or an object");
        try
        {
            return EmotionPrior.Of(Given, [.. root.EnumerateObject().Select(entry =>
                KeyValuePair.Create(entry.Name, entry.Value.ValueKind == JsonValueKind.Number ? entry.Value.GetDouble() : 0))]);
        }
        catch (ArgumentException e)
        {
            throw new JsonException("expected a number above 0 for each label", e);
        }
    }

    public override void Write(Utf8JsonWriter writer, EmotionPrior value, JsonSerializerOptions options)
    {
        if (EmotionPrior.Named(value.Name) is not null)
        {
            writer.WriteStringValue(value.Name);
            return;
        }

        writer.WriteStartObject();
        foreach ((string label, double probability) in value.Labels.Names.Zip(value.Values))
            writer.WriteNumber(label, probability);
        writer.WriteEndObject();
    }
}
