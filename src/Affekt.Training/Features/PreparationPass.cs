using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Affekt.Corpora;
using Affekt.Media;

namespace Affekt.Training.Features;

/// <summary>One encoder over all its inputs: three stages that work on successive batches at the same time.</summary>
internal sealed class PreparationPass
{
    // Batches that wait for the network; each holds decoded sound or pictures.
    private const int BatchesAhead = 2;

    private readonly FeatureStore _store;
    private readonly FeatureEncoder _encoder;
    private readonly IProgress<PreparationProgress>? _progress;
    private readonly IReadOnlyList<Utterance[]> _batches;
    private readonly int _missing;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly TimeSpan _workedBefore = ProcessorTime.Now();
    private readonly ConcurrentBag<PreparationGap> _failed = [];

    public PreparationPass(
        FeatureStore store, FeatureEncoder encoder, IReadOnlyList<Utterance> utterances, PreparationShard shard,
        IProgress<PreparationProgress>? progress)
    {
        _store = store;
        _encoder = encoder;
        _progress = progress;
        Utterance[] readable = [.. utterances.Where(encoder.Reads)];
        _missing = readable.Length == 0 ? 0 : utterances.Count - readable.Length;

        // Whole batches go to a shard, so that what shares a batch does not depend on the number of shards.
        _batches =
        [
            .. encoder.Arrange(readable).Chunk(encoder.BatchSize).Index()
                .Where(batch => batch.Index % shard.Count == shard.Number - 1).Select(batch => batch.Item),
        ];
    }

    /// <summary>Runs the stages to their end; the first one's error is thrown when all have stopped.</summary>
    public async Task<ModalityPreparation> RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Channel<Batch> decoded = Channel.CreateBounded<Batch>(BatchesAhead);
        Channel<Batch> encoded = Channel.CreateBounded<Batch>(1);
        Task<ModalityPreparation> writing = Task.Run(() => WriteAsync(encoded.Reader, abandoned.Token), CancellationToken.None);
        Task[] stages =
        [
            Task.Run(() => DecodeAsync(decoded.Writer, abandoned.Token), CancellationToken.None),
            Task.Run(() => EncodeAsync(decoded.Reader, encoded.Writer, abandoned.Token), CancellationToken.None),
            writing,
        ];
        await foreach (Task stage in Task.WhenEach(stages).ConfigureAwait(false))
        {
            if (!stage.IsCompletedSuccessfully)
                await abandoned.CancelAsync().ConfigureAwait(false);
        }

        // A stage that failed has ended the others: its error is the one to tell.
        if (Array.Find(stages, stage => stage.IsFaulted) is { } failed)
            await failed.ConfigureAwait(false);
        return await writing.ConfigureAwait(false);
    }

    private async Task DecodeAsync(ChannelWriter<Batch> target, CancellationToken cancellation)
    {
        HashSet<string> seen = [];
        foreach (Utterance[] utterances in _batches)
        {
            Item[] items = [.. utterances.Select(utterance => new Item(utterance))];
            await ForEachAsync(
                items, async item => item.Content = await _encoder.IdentifyAsync(item.Utterance, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            foreach (Item item in items.Where(item => item.Content is not null))
            {
                item.IsRepeated = !seen.Add(item.Content!);
                item.IsKept = !item.IsRepeated && _encoder.Outputs.All(output => _store.Contains(output.Key(item.Content!)));
                item.Features = item.IsRepeated || item.IsKept ? null : _encoder.Derive(_store, item.Content!);
            }

            Item[] fresh = [.. items.Where(item => item is { Content: not null, IsRepeated: false, IsKept: false, Features: null })];
            await ForEachAsync(
                fresh, async item => item.Input = await _encoder.DecodeAsync(item.Utterance, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            await target.WriteAsync(new Batch(items), cancellation).ConfigureAwait(false);
        }

        target.Complete();
    }

    // What cannot be read is told of at the end, and stops nothing.
    private async Task ForEachAsync(Item[] items, Func<Item, Task> work, CancellationToken cancellation) =>
        await Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount, CancellationToken = cancellation },
            async (item, _) =>
            {
                try
                {
                    await work(item).ConfigureAwait(false);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException
                    or MediaException { Kind: not MediaError.ToolMissing })
                {
                    _failed.Add(new PreparationGap(item.Utterance.Id, error.Message));
                }
            }).ConfigureAwait(false);

    private async Task EncodeAsync(ChannelReader<Batch> source, ChannelWriter<Batch> target, CancellationToken cancellation)
    {
        await foreach (Batch batch in source.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            Item[] readable = [.. batch.Items.Where(item => item.Input is not (null or PreparedInput.Nothing))];
            IReadOnlyList<StoredFeature[]> features =
                readable.Length == 0 ? [] : _encoder.Encode([.. readable.Select(item => item.Input!)], cancellation);
            for (int i = 0; i < readable.Length; i++)
                readable[i].Features = features[i];
            foreach (Item item in batch.Items)
            {
                if (item.Input is PreparedInput.Nothing nothing)
                    item.Features = [.. _encoder.Outputs.Select(_ => StoredFeature.Unusable(nothing.Reason))];

                // Decoded sound and pictures are large, and the batch has a way to go.
                item.Input = null;
            }

            await target.WriteAsync(batch, cancellation).ConfigureAwait(false);
        }

        target.Complete();
    }

    private async Task<ModalityPreparation> WriteAsync(ChannelReader<Batch> source, CancellationToken cancellation)
    {
        int kept = 0, encoded = 0, repeated = 0, done = 0;
        int total = _batches.Sum(batch => batch.Length);
        List<PreparationGap> empty = [];
        await foreach (Batch batch in source.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            Item[] fresh = [.. batch.Items.Where(item => item.Features is not null)];
            _store.Add(fresh.SelectMany(item =>
                _encoder.Outputs.Zip(item.Features!, (output, feature) => (output.Key(item.Content!), feature))));
            encoded += fresh.Length;
            kept += batch.Items.Count(item => item.IsKept);
            repeated += batch.Items.Count(item => item.IsRepeated);
            done += batch.Items.Count;
            foreach (Item item in batch.Items)
            {
                StoredFeature? feature = item.IsKept ? _store.Find(_encoder.Outputs[0].Key(item.Content!)) : item.Features?[0];
                if (feature?.Reason is { } reason)
                    empty.Add(new PreparationGap(item.Utterance.Id, reason));
            }

            TimeSpan elapsed = Stopwatch.GetElapsedTime(_started);
            _progress?.Report(new PreparationProgress(
                _encoder.Modality, done, total, encoded / elapsed.TotalSeconds, _store.SizeInBytes())
            {
                Utilization = (ProcessorTime.Now() - _workedBefore) / (elapsed * Environment.ProcessorCount),
            });
        }

        return new ModalityPreparation
        {
            Modality = _encoder.Modality,
            Inputs = total - repeated,
            Kept = kept,
            Encoded = encoded,
            Empty = empty,
            Failed = [.. _failed.OrderBy(gap => gap.Id, StringComparer.Ordinal)],
            Missing = _missing,
            Seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds,
        };
    }

    private sealed record Batch(IReadOnlyList<Item> Items);

    /// <summary>An input on its way through the stages; each stage adds what it found.</summary>
    private sealed class Item(Utterance utterance)
    {
        public Utterance Utterance => utterance;

        /// <summary>The input's name; null where it could not be read.</summary>
        public string? Content { get; set; }

        /// <summary>Whether an input before had the same content.</summary>
        public bool IsRepeated { get; set; }

        /// <summary>Whether the store has all its features.</summary>
        public bool IsKept { get; set; }

        /// <summary>What the network reads, until it has read it.</summary>
        public PreparedInput? Input { get; set; }

        /// <summary>What was made of it, one for each output.</summary>
        public StoredFeature[]? Features { get; set; }
    }
}

/// <summary>An utterance's stretch of its media file.</summary>
internal static class UtteranceMedia
{
    /// <summary>The stretch; null for the whole file.</summary>
    public static TimeRange? Range(Utterance utterance, MediaInfo media) => utterance is { StartMs: null, EndMs: null }
        ? null
        : TimeRange.FromMilliseconds(utterance.StartMs ?? 0, utterance.EndMs ?? media.Duration.TotalMilliseconds);

    /// <summary>The name of the file's bytes and the stretch.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<string> IdentifyAsync(Utterance utterance, CancellationToken cancellation) => ContentHash.OfStretch(
        await ContentHash.OfFileAsync(utterance.Media!, cancellation).ConfigureAwait(false), utterance.StartMs, utterance.EndMs);

    /// <summary>What the file holds, and the sound of the stretch.</summary>
    /// <exception cref="MediaException">The file cannot be read.</exception>
    public static async Task<(MediaInfo Media, Sound Sound)> ReadSoundAsync(
        MediaTools tools, Utterance utterance, CancellationToken cancellation)
    {
        if (utterance is { StartMs: null, EndMs: null })
            return await tools.ReadWholeSoundAsync(utterance.Media!, cancellation).ConfigureAwait(false);
        MediaInfo media = await tools.ProbeAsync(utterance.Media!, cancellation).ConfigureAwait(false);
        return (media, await tools.ReadSoundAsync(media, Range(utterance, media), cancellation).ConfigureAwait(false));
    }
}
