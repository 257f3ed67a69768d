using Affekt.Corpora;
using Affekt.Models;
using Affekt.Networks;

namespace Affekt.Training.AudioText;

/// <summary>A dialogue as the branch reads it.</summary>
/// <param name="Tokens">Token ids of each utterance.</param>
/// <param name="Metadata">The categories of each utterance.</param>
/// <param name="Labels">The emotion's index of each utterance; -1 where there is none.</param>
internal sealed record DialogueExample(
    IReadOnlyList<long[]> Tokens, IReadOnlyList<MetadataFeatures> Metadata, IReadOnlyList<int> Labels)
{
    public const int NoLabel = -1;

    public static DialogueExample Of(Dialogue dialogue, TrainedTextEncoder encoder, MetadataVocabulary vocabulary) => new(
        [.. dialogue.Utterances.Select(utterance => encoder.Tokenize(utterance.Text ?? ""))],
        CorpusMetadata.Follow(vocabulary, dialogue),
        [.. dialogue.Utterances.Select(utterance => utterance.Emotion is { } emotion ? (int)emotion : NoLabel)]);
}
