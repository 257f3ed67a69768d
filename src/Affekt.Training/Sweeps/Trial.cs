using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Training.Sweeps;

/// <summary>What became of one trial of a sweep: a line of sweep.jsonl.</summary>
public sealed record Trial
{
    /// <summary>The trial that trained all its epochs, or until its patience ended.</summary>
    public const string Done = "done";

    /// <summary>The trial that was ended early, for others had done better by then.</summary>
    public const string Stopped = "stopped";

    /// <summary>The trial that could not go on, such as one whose loss was no number any more.</summary>
    public const string Failed = "failed";

    /// <summary>Its number, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>What was drawn for it: the settings' values, as JSON or words.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary><see cref="Done"/>, <see cref="Stopped"/> or <see cref="Failed"/>.</summary>
    public required string State { get; init; }

    /// <summary>The score of each epoch, where greater is better.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>Why it failed; otherwise null.</summary>
    public string? Reason { get; init; }

    /// <summary>Its best score; null where no epoch has ended.</summary>
    [JsonIgnore]
    public double? Best => Scores.Count == 0 ? null : Scores.Max();

    internal static Trial Parse(string line) => JsonSerializer.Deserialize(line, TrialJson.Default.Trial)!;

    internal string ToJson() => JsonSerializer.Serialize(this, TrialJson.Default.Trial);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Trial))]
internal sealed partial class TrialJson : JsonSerializerContext;
