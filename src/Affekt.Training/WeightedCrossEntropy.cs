using Affekt.Torch;

namespace Affekt.Training;

/// <summary>
/// Cross-entropy in which classes may count differently, for batches that are computed in parts: the parts' means times their
/// shares of the batch's weight add up to the mean over the whole batch, however it is divided.
/// </summary>
internal sealed class WeightedCrossEntropy : IDisposable
{
    /// <summary>Stands for a label where there is none: the loss leaves it out.</summary>
    public const long Unlabeled = -100;

    private readonly float[]? _weights;
    private readonly Tensor? _tensor;
    private readonly double _smoothing;

    /// <summary>A loss with weights of the classes, or null where all count the same.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="smoothing">Label smoothing, in [0, 1).</param>
    /// <param name="device">Where the logits will be; the processor where null.</param>
    public WeightedCrossEntropy(float[]? weights, double smoothing, Device? device = null)
    {
        _weights = weights;
        _tensor = weights is null ? null : TensorScope.Detached(Tensor.From<float>(weights, weights.Length).To(device ?? Device.Cpu));
        _smoothing = smoothing;
    }

    /// <summary>What labels weigh together; negative ones have none.</summary>
    public double Weight(IEnumerable<long> labels) => labels.Where(label => label >= 0).Sum(label => _weights?[label] ?? 1.0);

    /// <summary>The mean loss of logits [N, C] with labels [N], which follow the logits to their device.</summary>
    public Tensor Of(Tensor logits, Tensor labels) => logits.CrossEntropy(labels.To(logits.Device), _tensor, _smoothing);

    /// <summary>Adds a part of a batch to the gradients, as much as its labels weigh in the batch.</summary>
    /// <param name="logits">[N, C].</param>
    /// <param name="labels">The part's N labels.</param>
    /// <param name="whole">What the batch's labels weigh together.</param>
    /// <returns>The part's share of the batch's loss.</returns>
    public double Backward(Tensor logits, long[] labels, double whole)
    {
        Tensor part = Of(logits, Tensor.From<long>(labels, labels.Length)) * (Weight(labels) / whole);
        part.Backward();
        return part.Item();
    }

    /// <inheritdoc/>
    public void Dispose() => _tensor?.Dispose();
}
