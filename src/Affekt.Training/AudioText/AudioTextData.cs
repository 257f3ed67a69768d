using Affekt.Corpora;
using Affekt.Models;
using Affekt.Networks;
using Affekt.Training.Recipes;
using Affekt.Training.Sounds;

namespace Affekt.Training.AudioText;

/// <summary>All examples of an audio-text run, read and encoded once for all seeds.</summary>
internal sealed record AudioTextData(
    MetadataVocabulary Vocabulary,
    IReadOnlyList<string> Speakers,
    IReadOnlyList<DialogueExample> Train,
    IReadOnlyList<DialogueExample> Dev,
    IReadOnlyList<SoundExample> TrainSounds,
    IReadOnlyList<SoundExample> DevSounds,
    IReadOnlyList<SoundExample> OtherSounds)
{
    private static readonly string[] _clean = ["clean"];

    public static AudioTextData Read(
        AudioTextRecipe recipe, TrainedTextEncoder encoder, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        Corpus meld = MeldCorpus.Read(recipe.Resolve(recipe.Meld));
        Corpus ravdess = RavdessCorpus.Read(recipe.Resolve(recipe.Ravdess));
        Corpus tess = TessCorpus.Read(recipe.Resolve(recipe.Tess));
        MetadataVocabulary vocabulary = CorpusMetadata.Learn(meld.In(Split.Train));
        using SoundExamples sounds = new(recipe.Resolve(recipe.Features), VoicedSounds.Moonshine(cancellation));
        return new AudioTextData(
            vocabulary,
            [
                .. meld.In(Split.Train).Concat(ravdess.In(Split.Train)).SelectMany(dialogue => dialogue.Utterances)
                    .Select(utterance => utterance.Speaker).OfType<string>().Distinct().Order(StringComparer.Ordinal),
            ],
            [.. meld.In(Split.Train).Select(dialogue => DialogueExample.Of(dialogue, encoder, vocabulary))],
            [.. meld.In(Split.Dev).Select(dialogue => DialogueExample.Of(dialogue, encoder, vocabulary))],
            sounds.Of(Utterances(ravdess, Split.Train), [.. _clean, .. recipe.Copies], progress, cancellation),
            sounds.Of(Utterances(ravdess, Split.Dev), _clean, progress, cancellation),
            sounds.Of(tess.Utterances, _clean, progress, cancellation));
    }

    private static IEnumerable<Utterance> Utterances(Corpus corpus, Split split) =>
        corpus.In(split).SelectMany(dialogue => dialogue.Utterances);
}
