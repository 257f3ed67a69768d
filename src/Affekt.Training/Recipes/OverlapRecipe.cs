namespace Affekt.Training.Recipes;

/// <summary>
/// Fits what tells where two people speak at once, on sums of two speakers' sounds beside single voices and turns without overlap. Writes
/// overlap.safetensors, and overlap.json with what it misses and wrongly tells.
/// </summary>
public sealed record OverlapRecipe : Recipe
{
    /// <summary>Voices to fit to.</summary>
    public required IReadOnlyList<SoundCorpus> Train { get; init; }

    /// <summary>Voices of other corpora, which only measure; none by default.</summary>
    public IReadOnlyList<SoundCorpus> Measure { get; init; } = [];

    /// <summary>The share of each corpus's speakers, the last by name, who are not learned from and set the threshold; above 0, below 1.</summary>
    public double HeldOut { get; init; } = 0.3;

    /// <summary>Utterances of a speaker beyond these are not read.</summary>
    public int MostUtterances { get; init; } = 20;

    /// <summary>Sounds that are composed to learn from.</summary>
    public int Sounds { get; init; } = 2000;

    /// <summary>Sounds that are composed of the held-out speakers to set the threshold.</summary>
    public int ThresholdSounds { get; init; } = 1000;

    /// <summary>Sounds of each kind and condition that are composed of each corpus to measure.</summary>
    public int MeasuredSounds { get; init; } = 50;

    /// <summary>The penalty on squared weights; above 0.</summary>
    public double Ridge { get; init; } = 30000;

    /// <summary>The share of the held-out speakers' sounds without overlap in which some is told; above 0, below 1.</summary>
    public double FalseAlarms { get; init; } = 0.01;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireSinglePrecision();
        Require(Seeds.Count == 1, "seeds", Seeds.Count, "one seed: one map is fitted");
        RequireCorpora(Train, "train");
        RequireCorpora(Measure, "measure", optional: true);
        Require(HeldOut is > 0 and < 1, "held_out", HeldOut, "a number above 0 and below 1");
        RequireCount(MostUtterances, "most_utterances");
        RequireCount(Sounds, "sounds");
        RequireCount(ThresholdSounds, "threshold_sounds");
        RequireCount(MeasuredSounds, "measured_sounds");
        RequirePositive(Ridge, "ridge");
        Require(FalseAlarms is > 0 and < 1, "false_alarms", FalseAlarms, "a number above 0 and below 1");
    }
}
