namespace Affekt.Training.Fusion;

/// <summary>What both branches say about one labeled utterance, calibrated.</summary>
/// <param name="Set">Which dev set it belongs to ("meld text + faces").</param>
/// <param name="Held">Whether it is kept from training, to be measured on.</param>
/// <param name="Id">The utterance's id.</param>
/// <param name="Dialogue">Its dialogue's id.</param>
/// <param name="Truth">The label.</param>
/// <param name="AudioText">The audio-text branch's probabilities in label order.</param>
/// <param name="Video">The same of the video branch, and of the picture's expert.</param>
public sealed record AnsweredPair(
    string Set, bool Held, string Id, string Dialogue, Emotion Truth, IReadOnlyList<double> AudioText, IReadOnlyList<double> Video)
{
    /// <summary>The words' expert's own probabilities; null where it was not asked or has no words.</summary>
    public IReadOnlyList<double>? Text { get; init; }

    /// <summary>The sound's expert's own probabilities; null where it was not asked or has no sound.</summary>
    public IReadOnlyList<double>? Audio { get; init; }
}
