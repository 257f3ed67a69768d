using System.Diagnostics;
using Affekt.Corpora;
using Affekt.Media;

namespace Affekt.Training.Features;

/// <summary>
/// Fills a feature store: each input that it lacks is decoded, encoded and written, all three at the same time for
/// successive batches. A batch is in the store whole or not at all, so that a run which was killed and started again
/// computes the very numbers of one that was not.
/// </summary>
public sealed class FeaturePreparer
{
    private readonly FeatureStore _store;
    private readonly PreparationShard _shard;
    private readonly IProgress<PreparationProgress>? _progress;

    /// <summary>Prepares to fill a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="shard">Which part of the work to do; the parts together give what one run over all gives.</param>
    /// <param name="progress">Hears of each batch.</param>
    public FeaturePreparer(FeatureStore store, PreparationShard? shard = null, IProgress<PreparationProgress>? progress = null)
    {
        _store = store;
        _shard = shard ?? PreparationShard.Whole;
        _progress = progress;
    }

    /// <summary>One that shows a training's missing features being computed as the training's own progress.</summary>
    internal static FeaturePreparer ForTraining(FeatureStore store, IProgress<TrainingProgress> progress) => new(
        store, progress: new ProgressMap<PreparationProgress, TrainingProgress>(progress, value => new TrainingProgress(
            $"features of {value.Modality}", 1, 1, value.Done, value.Total, double.NaN, value.PerSecond, null, value.Remaining)));

    /// <summary>Computes what the store lacks of some utterances, one encoder after the other.</summary>
    /// <exception cref="FeatureStoreException">The store cannot be written.</exception>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    /// <exception cref="OperationCanceledException">It was canceled; what was written until then stays.</exception>
    public async Task<PreparationReport> RunAsync(
        IReadOnlyList<Utterance> utterances, IReadOnlyList<FeatureEncoder> encoders, CancellationToken cancellation = default)
    {
        long started = Stopwatch.GetTimestamp();
        TimeSpan worked = ProcessorTime.Now();
        List<ModalityPreparation> modalities = [];
        foreach (FeatureEncoder encoder in encoders)
            modalities.Add(await new PreparationPass(_store, encoder, utterances, _shard, _progress).RunAsync(cancellation).ConfigureAwait(false));
        _store.Tidy();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        return new PreparationReport
        {
            Modalities = modalities,
            Seconds = elapsed.TotalSeconds,
            Utilization = (ProcessorTime.Now() - worked) / (elapsed * Environment.ProcessorCount),
            StoreBytes = _store.SizeInBytes(),
            StoreFeatures = _store.Count,
        };
    }
}
