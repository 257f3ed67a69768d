namespace Affekt.Training.Fusion;

/// <summary>What both branches say about one labeled utterance, calibrated.</summary>
/// <param name="Set">Which dev set it belongs to ("meld text + faces").</param>
/// <param name="Held">Whether it is kept from training, to be measured on.</param>
/// <param name="Id">The utterance's id.</param>
/// <param name="Dialogue">Its dialogue's id.</param>
/// <param name="Truth">The index of the label; of no meaning where it has none.</param>
/// <param name="AudioText">The audio-text branch's probabilities in label order.</param>
/// <param name="Video">The same of the video branch, and of the picture's expert.</param>
public sealed record AnsweredPair(
    string Set, bool Held, string Id, string Dialogue, int Truth, IReadOnlyList<double> AudioText, IReadOnlyList<double> Video)
{
    /// <summary>Whether the utterance has a label. Default: it has.</summary>
    public bool Labeled { get; init; } = true;

    /// <summary>What both branches estimate of each dimension, such as valence; null where one of them estimates none.</summary>
    public IReadOnlyList<EstimatedPair>? Dimensions { get; init; }

    /// <summary>The words' expert's own probabilities; null where it was not asked or has no words.</summary>
    public IReadOnlyList<double>? Text { get; init; }

    /// <summary>The sound's expert's own probabilities; null where it was not asked or has no sound.</summary>
    public IReadOnlyList<double>? Audio { get; init; }
}

/// <summary>What both branches estimate of one dimension, in the corpus's units.</summary>
/// <param name="Truth">What the corpus says; null where it says nothing.</param>
/// <param name="AudioText">The audio-text branch's estimate.</param>
/// <param name="Video">The video branch's.</param>
public sealed record EstimatedPair(double? Truth, double AudioText, double Video);
