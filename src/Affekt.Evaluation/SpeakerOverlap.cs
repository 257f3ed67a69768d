namespace Affekt.Evaluation;

/// <summary>Whether a model has heard the speakers that it is evaluated on.</summary>
public static class SpeakerOverlap
{
    /// <summary>
    /// The share of evaluated utterances with a known speaker whose speaker also speaks in the training data, by name;
    /// null where no evaluated utterance has a known speaker.
    /// </summary>
    /// <param name="trained">Speakers of the training data.</param>
    /// <param name="evaluated">The speaker of each evaluated utterance; null where nobody is known.</param>
    public static double? Measure(IEnumerable<string> trained, IEnumerable<string?> evaluated)
    {
        HashSet<string> heard = [.. trained];
        string[] speakers = [.. evaluated.OfType<string>()];
        return speakers.Length == 0 ? null : (double)speakers.Count(heard.Contains) / speakers.Length;
    }
}
