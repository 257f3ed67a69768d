namespace Affekt.Training.Features;

/// <summary>Which part of the work one of several machines or jobs does.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct PreparationShard(int Number, int Count)
{
    /// <summary>All of it.</summary>
    public static PreparationShard Whole { get; } = new(1, 1);

    /// <summary>Reads "2/8"; false where it is not a number from 1 and the count that it is out of.</summary>
    public static bool TryParse(string text, out PreparationShard shard)
    {
        shard = Whole;
        string[] parts = text.Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[0], out int number) || !int.TryParse(parts[1], out int count)
            || number < 1 || number > count)
        {
            return false;
        }

        shard = new PreparationShard(number, count);
        return true;
    }
}

/// <summary>How far the encoder of one modality is.</summary>
/// <param name="Modality">"text", "audio" or "video".</param>
/// <param name="Done">Inputs that are in the store, or that were tried.</param>
/// <param name="Total">Inputs of this shard.</param>
/// <param name="PerSecond">Inputs encoded a second, so far; 0 where none was.</param>
/// <param name="StoreBytes">Bytes that the store takes.</param>
public sealed record PreparationProgress(string Modality, int Done, int Total, double PerSecond, long StoreBytes)
{
    /// <summary>The share of all processors' time that was worked so far, tools included, in [0, 1].</summary>
    public double Utilization { get; init; }

    /// <summary>How long the rest will take at this rate; null where there is no rate yet.</summary>
    public TimeSpan? Remaining => PerSecond > 0 ? TimeSpan.FromSeconds((Total - Done) / PerSecond) : null;
}

/// <summary>An input of which there is no feature.</summary>
/// <param name="Id">The utterance's id.</param>
/// <param name="Reason">Why, for a person to read.</param>
public sealed record PreparationGap(string Id, string Reason);

/// <summary>What the encoder of one modality did.</summary>
public sealed record ModalityPreparation
{
    /// <summary>"text", "audio" or "video".</summary>
    public required string Modality { get; init; }

    /// <summary>Inputs of this shard: the same text, or the same stretch of a file, counts once.</summary>
    public required int Inputs { get; init; }

    /// <summary>Inputs that were in the store before.</summary>
    public required int Kept { get; init; }

    /// <summary>Inputs that were encoded.</summary>
    public required int Encoded { get; init; }

    /// <summary>Inputs in which there is nothing to encode, such as a silent clip; the store holds that as a result.</summary>
    public required IReadOnlyList<PreparationGap> Empty { get; init; }

    /// <summary>Inputs that could not be read; the store holds nothing of them, and the next run tries them again.</summary>
    public required IReadOnlyList<PreparationGap> Failed { get; init; }

    /// <summary>Utterances of the corpus without this modality, though others of it have it.</summary>
    public required int Missing { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Inputs encoded a second; 0 where none was.</summary>
    public double PerSecond => Encoded == 0 ? 0 : Encoded / Seconds;
}

/// <summary>What <see cref="FeaturePreparer"/> did; as JSON, schema "affekt.preparation/1".</summary>
public sealed record PreparationReport
{
    /// <summary>The schema's name.</summary>
    public string Schema { get; } = "affekt.preparation/1";

    /// <summary>Modality by modality, in the order of the encoders.</summary>
    public required IReadOnlyList<ModalityPreparation> Modalities { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>The share of all processors' time that was worked, tools included, in [0, 1].</summary>
    public required double Utilization { get; init; }

    /// <summary>Bytes that the store takes.</summary>
    public required long StoreBytes { get; init; }

    /// <summary>Features in the store.</summary>
    public required int StoreFeatures { get; init; }

    /// <summary>The report as JSON.</summary>
    public string ToJson() => ReportJson.Write(this);
}
