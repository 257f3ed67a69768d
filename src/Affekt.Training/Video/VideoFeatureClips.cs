using Affekt.Corpora;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Training.Video;

/// <summary>An utterance with a label or dimensions whose pictures, and words where it has some, are features already.</summary>
/// <param name="Frames">Features of its frames [F, D], of which at least one can be used.</param>
/// <param name="Tokens">States of its text's tokens [T, E]; null where it has no text.</param>
/// <param name="Metadata">Its categories.</param>
/// <param name="Label">The emotion's index; <see cref="WeightedCrossEntropy.Unlabeled"/> where there is none.</param>
internal sealed record VideoFeatureClip(StoredFeature Frames, StoredFeature? Tokens, MetadataFeatures Metadata, long Label)
{
    /// <summary>The values of the recipe's dimensions, in the corpus's units; NaN for one that is not known. Empty where none are learned.</summary>
    public float[] Dimensions { get; init; } = [];
}

/// <summary>All clips of a run on stored features, read once for all seeds.</summary>
internal sealed record VideoFeatureClips(
    MetadataVocabulary Vocabulary, IReadOnlyList<VideoFeatureClip> Train, IReadOnlyList<VideoFeatureClip> Dev, int FrameWidth, int TokenWidth)
{
    /// <summary>What the text encoder is, by its bytes; null where that is not known.</summary>
    public string? TextIdentity { get; init; }

    /// <summary>Where the frame encoder lies.</summary>
    public required string VideoEncoder { get; init; }

    /// <summary>Reads the corpus and its features; those that the store lacks are computed first.</summary>
    /// <exception cref="RecipeException">The corpus has no clip to train on, or none to choose by.</exception>
    public static VideoFeatureClips Read(
        VideoFrozenRecipe recipe, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        Corpus corpus = recipe.ReadCorpus(recipe.Corpus, recipe.Root, recipe.Map, recipe.Fold, recipe.LabelSet, recipe.Dimensions);
        Dialogue[] dialogues = [.. corpus.In(Split.Train), .. corpus.In(Split.Dev)];
        Utterance[] utterances = [.. dialogues.SelectMany(dialogue => dialogue.Utterances)];
        recipe.RequireTruths(utterances.Where(utterance => utterance.Split == Split.Train), utterances.Where(utterance => utterance.Split == Split.Dev));
        MetadataVocabulary vocabulary = CorpusMetadata.Learn(dialogues);
        using FeatureStore store = FeatureStore.Open(recipe.Resolve(recipe.Features));
        FrozenEncoders encoders = new(recipe.Folder);
        TextEncoderPart words = recipe.FindTextEncoder();
        using TextFeatureEncoder text = encoders.OpenAsync(words, tokens: true, cancellation).GetAwaiter().GetResult();
        using FrameFeatureEncoder frames = encoders.OpenAsync(recipe.VideoEncoder, cancellation).GetAwaiter().GetResult();
        FeaturePreparer.ForTraining(store, progress).RunAsync(utterances, [text, frames], cancellation)
            .GetAwaiter().GetResult();
        CorpusFeatures texts = Stored(text, text.Outputs[1]), pictures = Stored(frames, frames.Output);
        return new VideoFeatureClips(vocabulary, Clips(Split.Train), Clips(Split.Dev), frames.Width, text.Width)
        {
            VideoEncoder = encoders.PlaceAsync(recipe.VideoEncoder, cancellation).GetAwaiter().GetResult(),
            TextIdentity = BundleEncoders.TextIdentity(encoders.FolderAsync(words, cancellation).GetAwaiter().GetResult(), words.LayerWeights),
        };

        CorpusFeatures Stored(FeatureEncoder encoder, FeatureOutput output) =>
            CorpusFeatures.ReadAsync(store, encoder, output, utterances, cancellation).GetAwaiter().GetResult();

        IReadOnlyList<VideoFeatureClip> Clips(Split split)
        {
            VideoFeatureClip[] clips =
            [
                .. from dialogue in dialogues
                   where dialogue.Split == split
                   from pair in dialogue.Utterances.Zip(CorpusMetadata.Follow(vocabulary, dialogue))
                   where (pair.First.Label is not null || pair.First.Dimensions.Any(value => value is not null)) && pictures.TryGet(pair.First.Id, out _)
                   select new VideoFeatureClip(
                       pictures.Find(pair.First.Id)!, texts.Find(pair.First.Id), pair.Second,
                       pair.First.Label ?? WeightedCrossEntropy.Unlabeled)
                   {
                       Dimensions = [.. pair.First.Dimensions.Select(value => (float)(value ?? double.NaN))],
                   },
            ];
            return clips.Length > 0
                ? clips
                : throw new RecipeException(
                    recipe.Resolve(recipe.Root), $"split {split.Name()}", "no utterance", "some with emotion, or dimensions, and a picture that can be used");
        }
    }

    /// <summary>The clips of a batch as a step of training sees them: words go missing, and speakers may be hidden.</summary>
    public static VideoFeatureClip[] Withhold(IReadOnlyList<VideoFeatureClip> clips, VideoFrozenRecipe recipe, Random random)
    {
        VideoFeatureClip[] read =
        [
            .. clips.Select(clip => clip.Tokens is not null && random.NextDouble() < recipe.TextDropout ? clip with { Tokens = null } : clip),
        ];
        return
        [
            .. read.Select(clip =>
                random.NextDouble() < recipe.SpeakerDropout ? clip with { Metadata = clip.Metadata with { Speaker = 0 } } : clip),
        ];
    }

    /// <summary>What the branch reads of some clips.</summary>
    public VideoInput Batch(IReadOnlyList<VideoFeatureClip> clips)
    {
        int batch = clips.Count, time = clips.Max(clip => clip.Frames.Shape[0]), categories = MetadataFeatures.Names.Count;
        int longest = Math.Max(1, clips.Max(clip => clip.Tokens?.Shape[0] ?? 0));
        float[] frames = new float[batch * time * FrameWidth], hasFrame = new float[batch * time];
        float[] tokens = new float[batch * longest * TokenWidth], hasToken = new float[batch * longest];
        long[] metadata = new long[batch * categories];
        foreach ((int row, VideoFeatureClip clip) in clips.Index())
        {
            clip.Frames.Values!.CopyTo(frames, row * time * FrameWidth);
            clip.Frames.Present!.CopyTo(hasFrame, row * time);
            if (clip.Tokens is { } words)
            {
                words.Values!.CopyTo(tokens, row * longest * TokenWidth);
                hasToken.AsSpan(row * longest, words.Shape[0]).Fill(1);
            }

            clip.Metadata.CopyTo(metadata.AsSpan(row * categories));
        }

        return new VideoInput(
            Tensor.From<float>(frames, batch, time, FrameWidth), Tensor.From<float>(hasFrame, batch, time, 1),
            Tensor.From<float>(tokens, batch, longest, TokenWidth), Tensor.From<float>(hasToken, batch, longest, 1),
            Tensor.From<long>(metadata, batch, categories));
    }
}
