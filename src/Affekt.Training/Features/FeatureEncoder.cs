using Affekt.Corpora;
using Affekt.Models.Video;

namespace Affekt.Training.Features;

/// <summary>One kind of feature of one encoder.</summary>
/// <param name="Kind">A constant of <see cref="FeatureKind"/>.</param>
/// <param name="Encoder">The encoder's weights and settings, from <see cref="EncoderHash"/>.</param>
public readonly record struct FeatureOutput(string Kind, string Encoder)
{
    /// <summary>The key of what the encoder makes of an input.</summary>
    public FeatureKey Key(string content, string copy = FeatureKey.Clean) => new(Kind, Encoder, content, copy);
}

/// <summary>A frozen encoder as the feature store sees it: which input it reads of an utterance, and what it makes of it.</summary>
public abstract class FeatureEncoder : IDisposable
{
    /// <summary>The modality that it reads: "text", "audio" or "video".</summary>
    public abstract string Modality { get; }

    /// <summary>What it gives for each input; at least one.</summary>
    public abstract IReadOnlyList<FeatureOutput> Outputs { get; }

    /// <summary>Inputs that are encoded, and written, together.</summary>
    public abstract int BatchSize { get; }

    /// <summary>Whether an utterance has this modality.</summary>
    public abstract bool Reads(Utterance utterance);

    /// <summary>
    /// Orders utterances for encoding; one of several with the same input may stand for all. The order follows from the
    /// utterances alone: what shares a batch must not depend on what an earlier run left undone.
    /// </summary>
    public virtual IReadOnlyList<Utterance> Arrange(IEnumerable<Utterance> utterances) => [.. utterances];

    /// <summary>The name of an utterance's input, from <see cref="ContentHash"/>.</summary>
    /// <exception cref="IOException">Its file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Its file may not be read.</exception>
    public abstract Task<string> IdentifyAsync(Utterance utterance, CancellationToken cancellation);

    /// <summary>Of a mixture of layers: the kind of feature that has them side by side, as a training that learned its weights left them.</summary>
    internal FeatureOutput? Layers { get; private protected init; }

    /// <summary>The weights of a mixture of layers; null for the last layer.</summary>
    internal IReadOnlyList<double>? Mix { get; private protected init; }

    /// <summary>The features of an input that follow from what the store holds of it already; null where none do.</summary>
    internal StoredFeature[]? Derive(FeatureStore store, string content) =>
        Layers is { } layers && Mix is { Count: > 0 } && Outputs.Count == 1 && store.Find(layers.Key(content)) is { } feature ? [feature.Mixed(Mix)] : null;

    /// <summary>Makes an utterance's input ready for the network; called by several threads at a time.</summary>
    /// <returns>The input; or why nothing can be made of it, as a string.</returns>
    /// <exception cref="Media.MediaException">Its file cannot be read.</exception>
    internal abstract Task<PreparedInput> DecodeAsync(Utterance utterance, CancellationToken cancellation);

    /// <summary>Runs the network; called by one thread at a time.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="cancellation">Ends it between two runs of the network.</param>
    /// <returns>For each input one feature for each of <see cref="Outputs"/>.</returns>
    internal abstract IReadOnlyList<StoredFeature[]> Encode(IReadOnlyList<PreparedInput> inputs, CancellationToken cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the network.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>What an encoder's network reads, or why there is nothing to read.</summary>
internal abstract record PreparedInput
{
    public sealed record Nothing(string Reason) : PreparedInput;

    public sealed record Tokens(long[] Ids) : PreparedInput;

    public sealed record Samples(float[] Values) : PreparedInput;

    public sealed record Pictures(VideoFrames Frames) : PreparedInput;
}
