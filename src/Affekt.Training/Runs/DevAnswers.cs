using Affekt.Evaluation;
using Affekt.Torch;

namespace Affekt.Training;

/// <summary>A network's logits on labeled dev utterances, and what follows from them.</summary>
internal sealed class DevAnswers
{
    private readonly List<double[]> _logits = [];
    private readonly List<int> _truths = [];

    public int Count => _truths.Count;

    public IReadOnlyList<double[]> Logits => _logits;

    /// <summary>Adds logits [N, C] and their N labels; what has none is left out.</summary>
    public void Add(Tensor logits, IEnumerable<long> labels) => Add(logits.ToArray<float>().Chunk((int)logits.Shape[1]), labels);

    /// <inheritdoc cref="Add(Tensor, IEnumerable{long})"/>
    public void Add(IEnumerable<float[]> logits, IEnumerable<long> labels)
    {
        foreach ((float[] row, long label) in logits.Zip(labels).Where(pair => pair.Second >= 0))
        {
            _logits.Add(Array.ConvertAll(row, logit => (double)logit));
            _truths.Add((int)label);
        }
    }

    public Scores Score() => new ConfusionMatrix(
        _truths.Zip(_logits, (truth, row) => (truth, Array.IndexOf(row, row.Max()))), _logits is [{ Length: var labels }, ..] ? labels : Emotions.Count).Score();

    /// <summary>The mean cross-entropy, without smoothing or weights.</summary>
    public double Loss() => _truths.Zip(_logits, (truth, row) => Softmax.CrossEntropy(row, truth)).Average();

    /// <summary>The temperature that makes the answers as sure as they are right; 1 where there are none.</summary>
    public double Temperature() => Count == 0 ? 1 : TemperatureScaling.Fit(_logits, _truths);

    /// <summary>An epoch's metrics by name, as metrics.jsonl has them; of dev none where it has no label.</summary>
    public Dictionary<string, double> ToMetrics(double trainLoss)
    {
        Dictionary<string, double> metrics = new() { ["train_loss"] = trainLoss };
        if (Count == 0)
            return metrics;
        Scores scores = Score();
        metrics["dev_loss"] = Loss();
        metrics["dev_accuracy"] = scores.Accuracy;
        metrics["dev_weighted_f1"] = scores.WeightedF1;
        metrics["dev_macro_f1"] = scores.MacroF1;
        metrics["dev_uar"] = scores.Uar;
        return metrics;
    }
}
