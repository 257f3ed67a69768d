using Affekt.Corpora;
using Affekt.Models;
using Affekt.Models.Text;

namespace Affekt.Training.Video;

/// <summary>A labeled utterance of which the video branch may see pictures and words.</summary>
/// <param name="Utterance">Where it comes from; its media are there.</param>
/// <param name="Tokens">Its text's token ids; empty where it has none.</param>
/// <param name="Metadata">Its categories.</param>
internal sealed record VideoClip(Utterance Utterance, long[] Tokens, MetadataFeatures Metadata)
{
    /// <summary>The label's index.</summary>
    public long Label => Utterance.Label!.Value;

    /// <summary>The clips of a split: what has no label or no media only counts as history.</summary>
    public static IReadOnlyList<VideoClip> Of(Corpus corpus, Split split, MetadataVocabulary vocabulary, TextEncoder encoder) =>
    [
        .. corpus.In(split).SelectMany(dialogue => dialogue.Utterances.Zip(
            CorpusMetadata.Follow(vocabulary, dialogue),
            (utterance, metadata) => (utterance, metadata)))
            .Where(pair => pair.utterance is { Label: not null, Media: not null })
            .Select(pair => new VideoClip(
                pair.utterance, pair.utterance is { Text: { } text, TextIsFixed: false } ? encoder.Tokenize(text) : [], pair.metadata)),
    ];
}
