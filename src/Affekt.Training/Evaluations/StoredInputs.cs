using Affekt.Corpora;
using Affekt.Models.Audio;
using Affekt.Models.Bundles;
using Affekt.Models.Video;
using Affekt.Training.Features;

namespace Affekt.Training.Evaluations;

/// <summary>
/// What a bundle's encoders make of utterances, taken from a feature store as far as it is there, computed and kept otherwise: what
/// affekt prepare and training have computed is not computed again.
/// </summary>
internal sealed class StoredInputs(StoredFeatures stored, IReadOnlyList<Utterance> utterances, IProgress<EvaluationProgress>? progress)
{
    /// <summary>Text features by utterance id, with the states of the tokens where those are wanted.</summary>
    public async Task<Dictionary<string, TextValues>> TextsAsync(Bundle bundle, bool withTokens, CancellationToken cancellation)
    {
        using FeatureStore store = FeatureStore.Open(stored.Folder);
        using TextFeatureEncoder encoder = await Encoders(bundle).OpenAsync(bundle.Config.TextEncoder, withTokens, cancellation).ConfigureAwait(false);
        await FillAsync(store, encoder, utterances, cancellation).ConfigureAwait(false);
        CorpusFeatures[] outputs =
            [.. await Task.WhenAll(encoder.Outputs.Select(output => CorpusFeatures.ReadAsync(store, encoder, output, utterances, cancellation))).ConfigureAwait(false)];
        return utterances.Where(utterance => outputs[0].TryGet(utterance.Id, out _)).ToDictionary(
            utterance => utterance.Id,
            utterance => new TextValues(
                outputs[0].Find(utterance.Id)!.Values!, withTokens ? outputs[1].Find(utterance.Id)?.Values : null));
    }

    /// <summary>Sound features by utterance id; of sound that cannot be used, the reason.</summary>
    public async Task<Dictionary<string, EncodedSound>> SoundsAsync(
        Bundle bundle, IReadOnlyList<Utterance> withMedia, CancellationToken cancellation)
    {
        using FeatureStore store = FeatureStore.Open(stored.Folder);
        using SoundFeatureEncoder encoder = await Encoders(bundle).OpenAsync(bundle.Config.AudioEncoder, cancellation).ConfigureAwait(false);
        Dictionary<string, string> unreadable = await FillAsync(store, encoder, withMedia, cancellation).ConfigureAwait(false);
        CorpusFeatures sounds = await CorpusFeatures.ReadAsync(store, encoder, encoder.Output, withMedia, cancellation).ConfigureAwait(false);
        return withMedia.ToDictionary(utterance => utterance.Id, utterance => sounds.Find(utterance.Id) is { } feature
            ? new EncodedSound(new AudioFeatures(feature.Values, feature.Reason), feature.DurationMs)
            : new EncodedSound(new AudioFeatures(null, unreadable.GetValueOrDefault(utterance.Id, "no sound")), null));
    }

    /// <summary>Features of pictures by utterance id; of pictures that cannot be used, the reason.</summary>
    public async Task<Dictionary<string, FrameFeatures>> PicturesAsync(
        Bundle bundle, IReadOnlyList<Utterance> withPictures, CancellationToken cancellation)
    {
        using FeatureStore store = FeatureStore.Open(stored.Folder);
        using FrameFeatureEncoder encoder = await Encoders(bundle).OpenAsync(bundle.Config.VideoEncoder!, cancellation).ConfigureAwait(false);
        Dictionary<string, string> unreadable = await FillAsync(store, encoder, withPictures, cancellation).ConfigureAwait(false);
        CorpusFeatures pictures = await CorpusFeatures.ReadAsync(store, encoder, encoder.Output, withPictures, cancellation).ConfigureAwait(false);
        return withPictures.ToDictionary(utterance => utterance.Id, utterance => pictures.Find(utterance.Id) is { } feature
            ? new FrameFeatures(feature.Values, [.. (feature.Present ?? []).Select(present => present > 0)], feature.Reason, [])
            : FrameFeatures.Unusable(0, unreadable.GetValueOrDefault(utterance.Id, "no picture")));
    }

    private FrozenEncoders Encoders(Bundle bundle) => new(Path.GetFullPath(bundle.Folder), stored.Precision);

    /// <summary>Computes what is absent; gives the reasons of inputs that cannot be read.</summary>
    private async Task<Dictionary<string, string>> FillAsync(
        FeatureStore store, FeatureEncoder encoder, IReadOnlyList<Utterance> inputs, CancellationToken cancellation)
    {
        ProgressMap<PreparationProgress, EvaluationProgress> filling = new(
            progress, value => new EvaluationProgress($"features of {value.Modality}", value.Done, value.Total));
        PreparationReport report = await new FeaturePreparer(store, progress: filling).RunAsync(inputs, [encoder], cancellation).ConfigureAwait(false);
        return report.Modalities.SelectMany(modality => modality.Failed).GroupBy(gap => gap.Id)
            .ToDictionary(gaps => gaps.Key, gaps => gaps.First().Reason);
    }
}

/// <summary>An utterance's words as the models take them.</summary>
/// <param name="Features">One vector.</param>
/// <param name="Tokens">States of the tokens, row-major; null where no branch reads them.</param>
internal sealed record TextValues(float[] Features, float[]? Tokens);
