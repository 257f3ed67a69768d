using Affekt.Corpora;
using Affekt.Models;

namespace Affekt.Training;

/// <summary>Metadata of a corpus's dialogues, as recognition follows them.</summary>
public static class CorpusMetadata
{
    /// <summary>
    /// Learns the speakers with at least <paramref name="minimumUtterances"/> training utterances, the most frequent
    /// first, by name where equal. Dialogues of other splits are not looked at.
    /// </summary>
    public static MetadataVocabulary Learn(IEnumerable<Dialogue> dialogues, int minimumUtterances = 10)
    {
        IEnumerable<string> speakers = dialogues
            .Where(dialogue => dialogue.Split == Split.Train)
            .SelectMany(dialogue => dialogue.Utterances)
            .Select(utterance => utterance.Speaker)
            .OfType<string>()
            .CountBy(speaker => speaker)
            .Where(speaker => speaker.Value >= minimumUtterances)
            .OrderByDescending(speaker => speaker.Value)
            .ThenBy(speaker => speaker.Key, StringComparer.Ordinal)
            .Select(speaker => speaker.Key);
        return new MetadataVocabulary([.. speakers]);
    }

    /// <summary>The metadata of a whole dialogue, utterance by utterance.</summary>
    public static IReadOnlyList<MetadataFeatures> Follow(MetadataVocabulary vocabulary, Dialogue dialogue)
    {
        MetadataTracker tracker = new(vocabulary);
        return [.. dialogue.Utterances.Select(utterance => tracker.Next(utterance.Speaker, utterance.DurationMs))];
    }
}
