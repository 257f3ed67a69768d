using Affekt.Corpora;

namespace Affekt.Evaluation;

/// <summary>Whether a model has heard the speakers that it is evaluated on.</summary>
public static class SpeakerOverlap
{
    /// <summary>
    /// The share of evaluated utterances with a known speaker whose speaker also speaks in the training data, by name;
    /// null where no evaluated utterance has a known speaker.
    /// </summary>
    public static double? Measure(IEnumerable<Dialogue> train, IEnumerable<Dialogue> evaluated)
    {
        HashSet<string> heard = [.. Speakers(train)];
        string[] speakers = [.. Speakers(evaluated)];
        return speakers.Length == 0 ? null : (double)speakers.Count(heard.Contains) / speakers.Length;
    }

    private static IEnumerable<string> Speakers(IEnumerable<Dialogue> dialogues) =>
        dialogues.SelectMany(dialogue => dialogue.Utterances).Select(utterance => utterance.Speaker).OfType<string>();
}
