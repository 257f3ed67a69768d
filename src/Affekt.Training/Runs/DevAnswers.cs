using Affekt.Evaluation;
using Affekt.Torch;

namespace Affekt.Training;

/// <summary>A network's logits on labeled dev utterances, and what follows from them.</summary>
internal sealed class DevAnswers
{
    private readonly List<double[]> _logits = [];
    private readonly List<int> _truths = [];

    /// <summary>How many there are.</summary>
    public int Count => _truths.Count;

    /// <summary>Adds logits [N, C] and their N labels; what has none is left out.</summary>
    public void Add(Tensor logits, IEnumerable<long> labels)
    {
        foreach ((float[] row, long label) in logits.ToArray<float>().Chunk((int)logits.Shape[1]).Zip(labels).Where(pair => pair.Second != WeightedCrossEntropy.Unlabeled))
        {
            _logits.Add(Array.ConvertAll(row, logit => (double)logit));
            _truths.Add((int)label);
        }
    }

    /// <summary>The scores.</summary>
    public Scores Score() =>
        new ConfusionMatrix(_truths.Zip(_logits, (truth, row) => (truth, Array.IndexOf(row, row.Max()))), _logits is [{ Length: var labels }, ..] ? labels : Emotions.Count).Score();

    /// <summary>The mean cross-entropy, without smoothing or weights.</summary>
    public double Loss() => _truths.Zip(_logits, (truth, row) =>
    {
        // Stably: the greatest logit is taken out before the exponential.
        double most = row.Max();
        return most + Math.Log(row.Sum(logit => Math.Exp(logit - most))) - row[truth];
    }).Average();

    /// <summary>The temperature that makes the answers as sure as they are right; 1 where there are none.</summary>
    public double Temperature() => Count == 0 ? 1 : TemperatureScaling.Fit(_logits, _truths);
}
