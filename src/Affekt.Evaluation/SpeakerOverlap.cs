using Affekt.Corpora;

namespace Affekt.Evaluation;

/// <summary>Whether a model has heard the speakers that it is evaluated on.</summary>
public static class SpeakerOverlap
{
    /// <summary>
    /// The share of evaluated utterances with a known speaker whose speaker also speaks in the training data, by name;
    /// null where no evaluated utterance has a known speaker.
    /// </summary>
    public static double? Measure(IEnumerable<Dialogue> train, IEnumerable<Dialogue> evaluated) => Measure(
        train.SelectMany(dialogue => dialogue.Utterances).Select(utterance => utterance.Speaker).OfType<string>(),
        evaluated.SelectMany(dialogue => dialogue.Utterances));

    /// <summary>As <see cref="Measure(IEnumerable{Dialogue}, IEnumerable{Dialogue})"/>, from the training data's speakers.</summary>
    public static double? Measure(IEnumerable<string> trainSpeakers, IEnumerable<Utterance> evaluated)
    {
        HashSet<string> heard = [.. trainSpeakers];
        string[] speakers = [.. evaluated.Select(utterance => utterance.Speaker).OfType<string>()];
        return speakers.Length == 0 ? null : (double)speakers.Count(heard.Contains) / speakers.Length;
    }
}
