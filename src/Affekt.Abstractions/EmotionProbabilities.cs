using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Recognition;

/// <summary>
/// A probability for each of the seven emotions, or for each label of a bundle that has others; they sum to 1. In JSON an object keyed by
/// label, in the labels' order.
/// </summary>
[JsonConverter(typeof(EmotionProbabilitiesConverter))]
public sealed class EmotionProbabilities
{
    private readonly double[] _values;

    /// <summary>Probabilities in label order.</summary>
    /// <param name="values">One for each label.</param>
    /// <param name="labels">The labels; null for the seven emotions.</param>
    /// <exception cref="ArgumentException">There are not as many as labels.</exception>
    public EmotionProbabilities(IReadOnlyList<double> values, LabelSet? labels = null)
    {
        Labels = labels ?? LabelSet.Emotions;
        if (values.Count != Labels.Count)
            throw new ArgumentException($"found {values.Count} probabilities, expected {Labels.Count}", nameof(values));
        _values = [.. values];
        TopIndex = Array.IndexOf(_values, _values.Max());
    }

    /// <summary>What the probabilities are of.</summary>
    public LabelSet Labels { get; }

    /// <summary>The probabilities in label order.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>The index of the most probable label, from 0; of equal ones the first.</summary>
    public int TopIndex { get; }

    /// <summary>The most probable label; of equal ones the first in label order.</summary>
    public string TopLabel => Labels.Names[TopIndex];

    /// <summary>Its probability, in [0, 1].</summary>
    public double Confidence => _values[TopIndex];

    /// <summary>The most probable emotion; of equal ones the first in label order.</summary>
    /// <exception cref="InvalidOperationException">The labels are not the seven emotions; <see cref="TopLabel"/> names the label.</exception>
    public Emotion Top => (Emotion)OfSeven(TopIndex);

    /// <summary>The same for all labels: what can be said where nothing is known.</summary>
    /// <param name="labels">The labels; null for the seven emotions.</param>
    public static EmotionProbabilities Uniform(LabelSet? labels = null)
    {
        int count = (labels ?? LabelSet.Emotions).Count;
        return new EmotionProbabilities([.. Enumerable.Repeat(1.0 / count, count)], labels);
    }

    /// <summary>The probability of one of the seven emotions, in [0, 1].</summary>
    /// <exception cref="InvalidOperationException">The labels are not the seven emotions; <see cref="Values"/> has those of any.</exception>
    public double this[Emotion emotion] => _values[OfSeven((int)emotion)];

    private int OfSeven(int index) =>
        Labels.IsEmotions ? index : throw new InvalidOperationException($"the labels are {Labels}, and not the seven emotions");
}

internal sealed class EmotionProbabilitiesConverter : JsonConverter<EmotionProbabilities>
{
    public override EmotionProbabilities Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        JsonProperty[] entries = root.ValueKind == JsonValueKind.Object ? [.. root.EnumerateObject()] : [];

        // The seven are known in any order; others are in the bundle's.
        LabelSet labels = Labels(entries);
        double[] values = new double[labels.Count];
        for (int i = 0; i < values.Length; i++)
        {
            if (!root.TryGetProperty(labels.Names[i], out JsonElement value) || value.ValueKind != JsonValueKind.Number)
                throw new JsonException($"probabilities: no number for {labels.Names[i]}");
            values[i] = value.GetDouble();
        }

        return new EmotionProbabilities(values, labels);
    }

    public override void Write(Utf8JsonWriter writer, EmotionProbabilities value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        for (int i = 0; i < value.Values.Count; i++)
            writer.WriteNumber(value.Labels.Names[i], value.Values[i]);
        writer.WriteEndObject();
    }

    private static LabelSet Labels(JsonProperty[] entries)
    {
        HashSet<string> names = [.. entries.Select(entry => entry.Name)];
        if (names.SetEquals(Emotions.Labels))
            return LabelSet.Emotions;
        try
        {
            return LabelSet.Of(entries.Select(entry => entry.Name));
        }
        catch (ArgumentException e)
        {
            throw new JsonException($"probabilities: {e.Message}", e);
        }
    }
}
