using System.Text.Json;
using System.Text.Json.Serialization;
using Affekt.Training.Recipes;

namespace Affekt.Training;

/// <summary>
/// Where a run's loop stands between two epochs: state.json. It names the checkpoints that belong to it, so replacing
/// this one file moves a run on; all randomness of an epoch follows from <see cref="RunSeeds"/> and needs no state.
/// </summary>
public sealed record LoopState
{
    /// <summary>The value of <see cref="Schema"/>.</summary>
    public const string CurrentSchema = "affekt.training-state/1";

    /// <summary>The file's name.</summary>
    public const string FileName = "state.json";

    /// <summary>"affekt.training-state/1".</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The stage of the last epoch that was finished; empty before the first.</summary>
    public string Stage { get; init; } = "";

    /// <summary>Epochs of that stage that were finished.</summary>
    public int Epoch { get; init; }

    /// <summary>Steps that the stage's optimizer has taken.</summary>
    public long Steps { get; init; }

    /// <summary>The epoch with the best dev score, from 1; 0 before the first.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Its score; greater is better. Null before the first.</summary>
    public double? BestScore { get; init; }

    /// <summary>The checkpoint to go on from, by its path in the run's folder: weights and the optimizer's moments.</summary>
    public string? Last { get; init; }

    /// <summary>The checkpoint of the best epoch: weights only.</summary>
    public string? Best { get; init; }

    /// <summary>The length of metrics.jsonl; what stands after it was written by an epoch that did not end.</summary>
    public long MetricsBytes { get; init; }

    /// <summary>The length of steps.jsonl, likewise.</summary>
    public long StepsBytes { get; init; }

    /// <summary>The length of the TensorBoard file, likewise.</summary>
    public long EventsBytes { get; init; }

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsFinished { get; init; }

    /// <summary>Epochs of a stage that were finished; 0 for a stage that has not begun.</summary>
    public int EpochsOf(string stage) => Stage == stage ? Epoch : 0;

    /// <summary>Whether a stage's dev score has not risen for so many epochs; never where patience is null.</summary>
    public bool HasStalled(string stage, int? patience) =>
        Stage == stage && patience is { } most && Epoch - BestEpoch >= most;

    internal static LoopState Read(string file) => Parse(File.ReadAllText(file), file);

    internal static LoopState Parse(string json, string file)
    {
        try
        {
            LoopState? state = JsonSerializer.Deserialize(json, LoopStateJson.Default.LoopState);
            return state?.Schema == CurrentSchema
                ? state
                : throw new RecipeException(file, "schema", $"\"{state?.Schema}\"", CurrentSchema);
        }
        catch (JsonException e)
        {
            throw new RecipeException(file, e.Path, e.Message, "the state of a training run", e);
        }
    }

    internal string ToJson() => JsonSerializer.Serialize(this, LoopStateJson.Default.LoopState);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(LoopState))]
internal sealed partial class LoopStateJson : JsonSerializerContext;
