using System.Globalization;
using System.Text.Json.Serialization;

namespace Affekt.Models.Fusion;

/// <summary>How the branches' answers become one, with the numbers that training found; small enough to be read.</summary>
public sealed record FusionConfig
{
    private const double SumTolerance = 1e-6;

    /// <summary>The plain average, without parameters: the baseline.</summary>
    public static FusionConfig Late { get; } = new() { Kind = FusionKind.Late };

    /// <summary>What follows the weighted sum of the branches' answers.</summary>
    public required FusionKind Kind { get; init; }

    /// <summary>What is summed. Default: probabilities, as in the source.</summary>
    public FusionInput Reads { get; init; }

    /// <summary>The audio-text branch's weight, a in [0, 1]. Default: 0.5.</summary>
    public double AudioText { get; init; } = 0.5;

    /// <summary>The video branch's weight, b in [0, 1], with a + b = 1. Default: 0.5.</summary>
    public double Video { get; init; } = 0.5;

    /// <summary>Of per-class: what each class's sum is multiplied by, in label order.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Scales { get; init; }

    /// <summary>Of affine: the matrix, a row for each answer, in label order.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<double>>? Matrix { get; init; }

    /// <summary>Of affine: what is added to each class.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Bias { get; init; }

    /// <summary>Of experts: their numbers, in place of all others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExpertsConfig? Experts { get; init; }

    /// <summary>
    /// Of each dimension that both branches estimate, such as valence, the audio-text branch's weight in [0, 1]; the rest is the video branch's. Null
    /// for the weights of their answers.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Dimensions { get; init; }

    /// <summary>How many numbers training set for the labels: 0 for late, of seven labels 9 for per-class and 58 for affine, one to three for each expert.</summary>
    [JsonIgnore]
    public int ParameterCount => Kind switch
    {
        FusionKind.PerClass => 2 + Scales!.Count,
        FusionKind.Affine => 2 + (Bias!.Count * (Bias.Count + 1)),
        FusionKind.Experts => Experts!.ParameterCount,
        _ => 0,
    };

    /// <summary>"per-class on log-probabilities" and the like.</summary>
    [JsonIgnore]
    public string Name => Kind switch
    {
        FusionKind.Late => "late",
        FusionKind.PerClass => "per-class",
        FusionKind.Experts => "experts",
        _ => "affine",
    } + (Reads == FusionInput.LogProbabilities ? " on log-probabilities" : "");

    /// <summary>One line for people: the form, the weights, and the scales where it has some.</summary>
    public override string ToString()
    {
        if (Experts is { } experts)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Name}, {ParameterCount} parameters: words {Of(experts.Text)}, sound {Of(experts.Audio)}, picture {Of(experts.Video)}");
        }

        string weights = string.Create(
            CultureInfo.InvariantCulture, $"{Name}, {ParameterCount} parameters: audio-text {AudioText:F3}, video {Video:F3}");
        return Scales is null
            ? weights
            : $"{weights}, scales {string.Join(' ', Scales.Select(scale => scale.ToString("F2", CultureInfo.InvariantCulture)))}";

        static string Of(ExpertConfig expert) => string.Create(
            CultureInfo.InvariantCulture,
            $"{expert.Weight:F2}{(expert.Trust == 1 ? "" : $" trust {expert.Trust:F2}")}{(expert.Unshown > 0 ? $" unshown {expert.Unshown:F2}" : "")}{(expert.Shown is null ? "" : " shown by votes")}");
    }

    /// <summary>Refuses numbers that are none, too few or too many.</summary>
    /// <param name="file">The file that they stand in, for messages.</param>
    /// <param name="set">The labels; null for the seven emotions.</param>
    /// <exception cref="ModelException">They cannot be.</exception>
    public void Check(string file, LabelSet? set = null)
    {
        int labels = (set ??= LabelSet.Emotions).Count;
        if (!(AudioText >= 0 && Video >= 0 && Math.Abs(AudioText + Video - 1) <= SumTolerance))
            throw new ModelException(file, "fusion.audio_text, fusion.video", FormattableString.Invariant($"{AudioText}, {Video}"), "two weights of 0 or more with the sum 1");
        if (Kind == FusionKind.Late && Reads != FusionInput.Probabilities)
            throw new ModelException(file, "fusion.reads", $"{Reads}", "probabilities, which late averages");
        if ((Experts is not null) != (Kind == FusionKind.Experts))
            throw new ModelException(file, "fusion.experts", Experts is null ? "nothing" : "experts", Kind == FusionKind.Experts ? "experts" : $"none for {Kind}");
        Experts?.Check(file, set);
        CheckRow("scales", Scales, Kind == FusionKind.PerClass);
        CheckRow("bias", Bias, Kind == FusionKind.Affine);
        if ((Matrix is not null) != (Kind == FusionKind.Affine))
            throw Wrong("matrix", Matrix is null ? "nothing" : "a matrix", Kind == FusionKind.Affine);
        if (Matrix is not null && Matrix.Count != labels)
            throw Wrong("matrix", $"{Matrix.Count} rows", true);
        foreach (IReadOnlyList<double> row in Matrix ?? [])
            CheckRow("matrix", row, true);

        void CheckRow(string field, IReadOnlyList<double>? values, bool wanted)
        {
            if (wanted ? values?.Count != labels || !values.All(double.IsFinite) : values is not null)
                throw Wrong(field, values is null ? "nothing" : $"{values.Count} numbers", wanted);
        }

        ModelException Wrong(string field, string found, bool wanted) => new(
            file, $"fusion.{field}", found, wanted ? $"{labels} finite numbers a row" : $"none for {Kind}");
    }
}

/// <summary>What follows the weighted sum of the branches' answers.</summary>
[JsonConverter(typeof(KebabCaseEnumConverter<FusionKind>))]
public enum FusionKind
{
    /// <summary>Nothing: the sum, normalized, is the answer.</summary>
    Late,

    /// <summary>A scale for each class, then softmax.</summary>
    PerClass,

    /// <summary>A matrix and a bias, then softmax.</summary>
    Affine,

    /// <summary>
    /// Words, sound and picture are asked one by one, and their evidence is summed under a prior that can be chosen
    /// (<see cref="ExpertFusion"/>).
    /// </summary>
    Experts,
}

/// <summary>What fusion sums.</summary>
[JsonConverter(typeof(KebabCaseEnumConverter<FusionInput>))]
public enum FusionInput
{
    /// <summary>The branches' probabilities.</summary>
    Probabilities,

    /// <summary>Their natural logarithms, which multiplies the branches' evidence instead of averaging it.</summary>
    LogProbabilities,
}
