namespace Affekt.Training.Recipes;

/// <summary>
/// Fits what tells speakers apart to emotional speech: a map of voices that makes less of what one speaker's emotions change, and one of sound
/// features to scores of expressions. Writes speakers.safetensors, which holds the encoder too, as int8 rows.
/// </summary>
public sealed record SpeakersRecipe : Recipe
{
    /// <summary>Resemblyzer's encoder as a safetensors file, by PyTorch's names.</summary>
    public required string Encoder { get; init; }

    /// <summary>Voices to fit to; for expressions a corpus counts by the root of its size, and in each all classes count the same.</summary>
    public required IReadOnlyList<SoundCorpus> Train { get; init; }

    /// <summary>Where features of sounds and voices are kept between runs; what is missing there is computed first.</summary>
    public required string Features { get; init; }

    /// <summary>More utterances of a speaker than these count as these.</summary>
    public int MostUtterances { get; init; } = 40;

    /// <summary>The share of the covariance within speakers that is taken to be the same in all directions, in [0, 1].</summary>
    public double Shrinkage { get; init; } = 0.5;

    /// <summary>
    /// Steps by which the map of voices is then trained to tell speakers apart whatever they express, 0 or more; 0 for none.
    /// </summary>
    public int Steps { get; init; } = 300;

    /// <summary>AdamW's learning rate in these steps; above 0.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>Noise that is added to voices in these steps, in standard deviations of each number; 0 or more.</summary>
    public double Noise { get; init; } = 0.15;

    /// <summary>The penalty on squared weights of expressions, of standardized features; above 0.</summary>
    public double Ridge { get; init; } = 3000;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireSinglePrecision();
        Require(Seeds.Count == 1, "seeds", Seeds.Count, "one seed: one file is written");
        RequireCorpora(Train, "train");
        RequireCount(MostUtterances, "most_utterances");
        RequireShare(Shrinkage, "shrinkage");
        Require(Steps >= 0, "steps", Steps, "0 or more");
        RequirePositive(LearningRate, "learning_rate");
        Require(Noise >= 0, "noise", Noise, "0 or more");
        RequirePositive(Ridge, "ridge");
    }
}
