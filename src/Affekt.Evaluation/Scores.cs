using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Evaluation;

/// <summary>The four scores that every report carries; each is a fraction of 1.</summary>
/// <param name="Accuracy">The share of right answers.</param>
/// <param name="WeightedF1">The classes' F1, weighted by how often each is true.</param>
/// <param name="MacroF1">
/// The plain mean of F1 over the classes that are true or predicted somewhere; a class that is neither has no F1.
/// </param>
/// <param name="Uar">
/// Unweighted average recall: the plain mean of recall over the classes that are true somewhere.
/// </param>
public sealed record Scores(double Accuracy, double WeightedF1, double MacroF1, double Uar)
{
    internal Scores Combine(Scores other, Func<double, double, double> combine) => new(
        combine(Accuracy, other.Accuracy),
        combine(WeightedF1, other.WeightedF1),
        combine(MacroF1, other.MacroF1),
        combine(Uar, other.Uar));
}

/// <summary>How well one class is recognized; a quotient with nothing below the line counts as 0.</summary>
/// <param name="Precision">The share of its predictions that are right.</param>
/// <param name="Recall">The share of its utterances that are found.</param>
/// <param name="F1">The harmonic mean of both.</param>
/// <param name="Support">How many utterances truly have it.</param>
public sealed record ClassScores(double Precision, double Recall, double F1, int Support);

/// <summary>The ends of a confidence interval; in JSON an array of two numbers.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
[JsonConverter(typeof(IntervalConverter))]
public readonly record struct Interval(double Low, double High);

/// <summary>An interval for each of the <see cref="Scores"/>.</summary>
/// <param name="Accuracy">Of the accuracy.</param>
/// <param name="WeightedF1">Of the weighted F1.</param>
/// <param name="MacroF1">Of the macro F1.</param>
/// <param name="Uar">Of the unweighted average recall.</param>
public sealed record ScoreIntervals(Interval Accuracy, Interval WeightedF1, Interval MacroF1, Interval Uar);

internal sealed class IntervalConverter : JsonConverter<Interval>
{
    public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("an interval is an array of two numbers");

        Interval interval = new(ReadNumber(ref reader), ReadNumber(ref reader));
        return reader.Read() && reader.TokenType == JsonTokenType.EndArray
            ? interval
            : throw new JsonException("an interval is an array of two numbers");
    }

    public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Low);
        writer.WriteNumberValue(value.High);
        writer.WriteEndArray();
    }

    private static double ReadNumber(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.Number
        ? reader.GetDouble()
        : throw new JsonException("an interval is an array of two numbers");
}
