using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Recognition;

/// <summary>A probability for each of the seven emotions; they sum to 1. In JSON an object keyed by label.</summary>
[JsonConverter(typeof(EmotionProbabilitiesConverter))]
public sealed class EmotionProbabilities
{
    private readonly double[] _values;

    /// <summary>Seven probabilities in label order.</summary>
    /// <exception cref="ArgumentException">There are not seven.</exception>
    public EmotionProbabilities(IReadOnlyList<double> values)
    {
        if (values.Count != Emotions.Count)
            throw new ArgumentException($"found {values.Count} probabilities, expected {Emotions.Count}", nameof(values));
        _values = [.. values];
        Top = (Emotion)Array.IndexOf(_values, _values.Max());
    }

    /// <summary>The same for all: what can be said where nothing is known.</summary>
    public static EmotionProbabilities Uniform { get; } =
        new([.. Enumerable.Repeat(1.0 / Emotions.Count, Emotions.Count)]);

    /// <summary>The probabilities in label order.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>The most probable emotion; of equal ones the first in label order.</summary>
    public Emotion Top { get; }

    /// <summary>One emotion's probability, in [0, 1].</summary>
    public double this[Emotion emotion] => _values[(int)emotion];
}

internal sealed class EmotionProbabilitiesConverter : JsonConverter<EmotionProbabilities>
{
    public override EmotionProbabilities Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement root = document.RootElement;
        double[] values = new double[Emotions.Count];
        for (int i = 0; i < values.Length; i++)
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(Emotions.Labels[i], out JsonElement value)
                || value.ValueKind != JsonValueKind.Number)
                throw new JsonException($"probabilities: no number for {Emotions.Labels[i]}");
            values[i] = value.GetDouble();
        }

        return new EmotionProbabilities(values);
    }

    public override void Write(Utf8JsonWriter writer, EmotionProbabilities value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        for (int i = 0; i < Emotions.Count; i++)
            writer.WriteNumber(Emotions.Labels[i], value.Values[i]);
        writer.WriteEndObject();
    }
}
