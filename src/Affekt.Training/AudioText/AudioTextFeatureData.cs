using Affekt.Corpora;
using Affekt.Models;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>All dialogues of a run on stored features, read once for all seeds.</summary>
internal sealed record AudioTextFeatureData(
    MetadataVocabulary Vocabulary,
    IReadOnlyList<string> Speakers,
    IReadOnlyList<FeatureDialogue> Train,
    IReadOnlyList<FeatureDialogue> Dev,
    int TextWidth,
    int AudioWidth)
{
    /// <summary>Layers of the text encoder whose states stand side by side, [layers * text width]; 1 for one vector.</summary>
    public int TextLayers { get; init; } = 1;

    /// <summary>Layers of the audio encoder, likewise.</summary>
    public int AudioLayers { get; init; } = 1;

    /// <summary>Reads the corpus and its features; those that the store lacks are computed first.</summary>
    /// <exception cref="RecipeException">The corpus has no labeled utterance to train on, or none to choose by.</exception>
    public static AudioTextFeatureData Read(
        AudioTextFrozenRecipe recipe, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        Corpus corpus = recipe.ReadCorpus(recipe.Corpus, recipe.Root, recipe.Map, recipe.Fold, recipe.LabelSet, recipe.Dimensions);
        Dialogue[] train = [.. corpus.In(Split.Train)], dev = [.. corpus.In(Split.Dev)];
        if (train.Length == 0 || dev.Length == 0)
            throw new RecipeException(recipe.File, "root", $"{train.Length} dialogues of train and {dev.Length} of dev", "some of both");
        recipe.RequireTruths(train.SelectMany(dialogue => dialogue.Utterances), dev.SelectMany(dialogue => dialogue.Utterances));
        Utterance[] utterances = [.. train.Concat(dev).SelectMany(dialogue => dialogue.Utterances)];
        MetadataVocabulary vocabulary = CorpusMetadata.Learn(train);
        using FeatureStore store = FeatureStore.Open(recipe.Resolve(recipe.Features));
        FrozenEncoders encoders = new(recipe.Folder);
        using TextFeatureEncoder text = encoders.OpenAsync(recipe.TextEncoder, tokens: false, cancellation).GetAwaiter().GetResult();
        using SoundFeatureEncoder audio = encoders.OpenAsync(recipe.AudioEncoder, cancellation).GetAwaiter().GetResult();
        FeaturePreparer.ForTraining(store, progress).RunAsync(utterances, [text, audio], cancellation).GetAwaiter().GetResult();
        CorpusFeatures texts = Stored(store, text, text.Outputs[0], utterances, cancellation);
        CorpusFeatures sounds = Stored(store, audio, audio.Output, utterances, cancellation);
        FeatureDialogue[] toTrain = [.. train.Select(dialogue => Join(dialogue, vocabulary, texts, sounds))];
        FeatureDialogue[] toChoose = [.. dev.Select(dialogue => Join(dialogue, vocabulary, texts, sounds))];
        foreach ((string split, FeatureDialogue[] dialogues) in (ReadOnlySpan<(string, FeatureDialogue[])>)[("train", toTrain), ("dev", toChoose)])
        {
            if (!dialogues.Any(dialogue => dialogue.IsKnown))
                throw new RecipeException(recipe.Resolve(recipe.Root), $"split {split}", "no labeled utterance with words or sound that can be used", "some");
        }

        return new AudioTextFeatureData(
            vocabulary,
            [
                .. train.SelectMany(dialogue => dialogue.Utterances).Select(utterance => utterance.Speaker).OfType<string>().Distinct()
                    .Order(StringComparer.Ordinal),
            ],
            toTrain,
            toChoose,
            text.Width / text.LayerCount,
            audio.Width / audio.LayerCount)
        {
            TextLayers = text.LayerCount,
            AudioLayers = audio.LayerCount,
        };
    }

    // As an evaluation joins them.
    private static FeatureDialogue Join(Dialogue dialogue, MetadataVocabulary vocabulary, CorpusFeatures texts, CorpusFeatures sounds)
    {
        MetadataTracker tracker = new(vocabulary);
        float[]?[] text = [.. dialogue.Utterances.Select(utterance => texts.Find(utterance.Id)?.Values)];
        float[]?[] audio = [.. dialogue.Utterances.Select(utterance => sounds.Find(utterance.Id)?.Values)];
        return new FeatureDialogue(
            text,
            audio,
            [
                .. dialogue.Utterances.Select(utterance =>
                    tracker.Next(utterance.Speaker, utterance.DurationMs ?? sounds.Find(utterance.Id)?.DurationMs)),
            ],
            [
                .. dialogue.Utterances.Select((utterance, i) => utterance.Label is { } label && (text[i] ?? audio[i]) is not null
                    ? label
                    : DialogueExample.NoLabel),
            ])
        {
            Dimensions =
            [
                .. dialogue.Utterances.Select((utterance, i) => (text[i] ?? audio[i]) is null
                    ? []
                    : utterance.Dimensions.Select(value => (float)(value ?? double.NaN)).ToArray()),
            ],
        };
    }

    private static CorpusFeatures Stored(
        FeatureStore store, FeatureEncoder encoder, FeatureOutput output, Utterance[] utterances, CancellationToken cancellation) =>
        CorpusFeatures.ReadAsync(store, encoder, output, utterances, cancellation).GetAwaiter().GetResult();
}
