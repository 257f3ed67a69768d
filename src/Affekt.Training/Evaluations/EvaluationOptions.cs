using Affekt.Corpora;
using Affekt.Models.Fusion;

namespace Affekt.Training.Evaluations;

/// <summary>What a model is evaluated on, and under which conditions.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The split. Default: test.</summary>
    public Split Split { get; init; } = Split.Test;

    /// <summary>The modalities that the model is given. Default null: those that the split has here.</summary>
    public ModalityChoice? Modalities { get; init; }

    /// <summary>
    /// Whether the model may look back on the dialogue. Without, every utterance is a dialogue of its own, for the
    /// metadata too. Default: true.
    /// </summary>
    public bool History { get; init; } = true;

    /// <summary>Whether each of the seven choices of modalities is scored beside the main one. Default: false.</summary>
    public bool Subsets { get; init; }

    /// <summary>
    /// White Gaussian noise is added to the sound at this ratio of signal to noise, in dB. Default null: none.
    /// </summary>
    public double? NoiseDecibels { get; init; }

    /// <summary>With an utterance's id, the seed of its noise. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// How often each emotion is expected. Default null: as in its train split for MELD, else what the bundle says. For
    /// bundles of experts only.
    /// </summary>
    public EmotionPrior? Prior { get; init; }

    /// <summary>
    /// What is known of each speaker's voice, over the whole split. Default null: what was said before in the dialogue, as in
    /// recognition. For bundles with a sound branch only.
    /// </summary>
    public BaselineUse? Baseline { get; init; }

    /// <summary>
    /// The indices of the labels that can be answered: utterances with another label are left out, and the other labels' shares are dealt out among
    /// these. Default null: those that the corpus's labels count as.
    /// </summary>
    public IReadOnlyList<int>? Classes { get; init; }

    /// <summary>
    /// Where features are kept, to be taken from there and added to. Default null: everything is computed anew. Sound with noise is
    /// always computed anew.
    /// </summary>
    public StoredFeatures? Features { get; init; }
}

/// <summary>A feature store as an evaluation uses it.</summary>
/// <param name="Folder">Its folder; made where it is missing.</param>
/// <param name="Precision">The arithmetic of the encoders: features of another one are others.</param>
public sealed record StoredFeatures(string Folder, Precision Precision);
