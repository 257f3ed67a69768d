using System.Text.Json.Serialization;

namespace Affekt.Models.Fusion;

/// <summary>The numbers of a fusion of experts: one for words, one for sound, one for the picture.</summary>
/// <param name="Text">The expert for words.</param>
/// <param name="Audio">The expert for sound.</param>
/// <param name="Video">The expert for the picture.</param>
public sealed record ExpertsConfig(ExpertConfig Text, ExpertConfig Audio, ExpertConfig Video)
{
    /// <summary>The prior where none is chosen: probabilities in label order; null for uniform.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Prior { get; init; }

    /// <summary>A weight for each expert, its trust where it is not 1, and what it is not shown where that is not 0.</summary>
    [JsonIgnore]
    public int ParameterCount => new[] { Text, Audio, Video }.Sum(expert =>
        1 + (expert.Trust == 1 ? 0 : 1) + (expert.Unshown > 0 ? 1 : 0));

    /// <summary>The prior where none is chosen.</summary>
    public EmotionPrior PriorOver(LabelSet labels) => Prior is { } own ? EmotionPrior.Of("the bundle's", own, labels) : EmotionPrior.UniformOver(labels);

    internal void Check(string file, LabelSet labels)
    {
        Text.Check(file, "text", labels);
        Audio.Check(file, "audio", labels);
        Video.Check(file, "video", labels);
        ExpertConfig.CheckPrior(file, "fusion.experts.prior", Prior, labels);
    }
}

/// <summary>How far one expert is believed.</summary>
/// <param name="Weight">What its evidence is multiplied by beside another expert's, above 0; alone it counts as it is.</param>
public sealed record ExpertConfig(double Weight)
{
    /// <summary>
    /// What its evidence is multiplied by on recordings of another kind than it learned from, alone too; above 0. Which kind they are
    /// of, the prior tells: under the prior that the expert learned, it is believed as it is. Default: 1.
    /// </summary>
    public double Trust { get; init; } = 1;

    /// <summary>
    /// The share of emotional utterances that look neutral to this expert, on such recordings; in [0, 1). Words mostly are neutral
    /// whatever is felt: without this, they would count as evidence for neutral. Default: 0, and nothing else where labels are not the seven.
    /// </summary>
    public double Unshown { get; init; }

    /// <summary>
    /// What this expert is shown of each emotion that somebody means, on such recordings: for each emotion in label order the shares of the
    /// seven that people see in it as they speak, 0 or more with the sum 1; photographs count halfway. Null where an emotion shows as what
    /// it is, and for other labels.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<double>>? Shown { get; init; }

    /// <summary>
    /// How often each label is in what the expert learned from, as its answers embody it: probabilities in label order; null
    /// for uniform.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Prior { get; init; }

    /// <summary>
    /// What its answers are on average on recordings of another kind on which all emotions are alike: what it favors there whatever is
    /// meant. Taken out instead of <see cref="Prior"/>, as far as the recordings are of another kind; null for the same as that.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Usual { get; init; }

    /// <summary>
    /// What its answers are in the geometric mean on faces of many people, each counted by how neutral it looks: what a person's usual
    /// look is compared with. Seven probabilities in label order; null for an expert that is not asked against a baseline of its answers, and for other labels.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? Resting { get; init; }

    /// <summary>
    /// The labels that it can tell; null for all. Of the others it says nothing: they keep what was expected before.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Known { get; init; }

    internal void Check(string file, string name, LabelSet labels)
    {
        if (Known is not null && (Known.Count == 0 || Known.Any(label => !labels.Names.Contains(label))))
            throw new ModelException(file, $"fusion.experts.{name}.known", string.Join(", ", Known), $"some of {labels}");
        if (!(Weight > 0 && double.IsFinite(Weight)))
            throw new ModelException(file, $"fusion.experts.{name}.weight", FormattableString.Invariant($"{Weight}"), "a number above 0");
        if (!(Trust > 0 && double.IsFinite(Trust)))
            throw new ModelException(file, $"fusion.experts.{name}.trust", FormattableString.Invariant($"{Trust}"), "a number above 0");
        if (Unshown is not (>= 0 and < 1))
            throw new ModelException(file, $"fusion.experts.{name}.unshown", FormattableString.Invariant($"{Unshown}"), "0 or more, below 1");
        if (!labels.IsEmotions && (Unshown > 0 || Shown is not null || Resting is not null))
            throw new ModelException(file, $"fusion.experts.{name}", "unshown, shown or resting", $"none of them for {labels}: they are of the seven emotions");
        if (Shown is not null && !(Shown.Count == Emotions.Count && Shown.All(row => IsShares(row, labels))))
        {
            throw new ModelException(
                file, $"fusion.experts.{name}.shown", string.Join("; ", Shown.Select(row => string.Join(", ", row))),
                $"{Emotions.Count} times {Emotions.Count} shares of 0 or more with the sum 1");
        }

        CheckPrior(file, $"fusion.experts.{name}.prior", Prior, labels);
        CheckPrior(file, $"fusion.experts.{name}.usual", Usual, labels);
        CheckPrior(file, $"fusion.experts.{name}.resting", Resting, labels);
    }

    internal static void CheckPrior(string file, string field, IReadOnlyList<double>? prior, LabelSet labels)
    {
        if (prior is not null && !(EmotionPrior.IsValid(prior, labels) && IsShares(prior, labels)))
            throw new ModelException(file, field, string.Join(", ", prior), $"{labels.Count} probabilities above 0 with the sum 1");
    }

    private static bool IsShares(IReadOnlyList<double> shares, LabelSet labels)
    {
        const double SumTolerance = 1e-6;
        return shares.Count == labels.Count && shares.All(share => share >= 0) && Math.Abs(shares.Sum() - 1) <= SumTolerance;
    }
}
