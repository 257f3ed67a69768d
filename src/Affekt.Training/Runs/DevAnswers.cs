using Affekt.Evaluation;
using Affekt.Torch;

namespace Affekt.Training;

/// <summary>A network's logits on labeled dev utterances, and what follows from them.</summary>
internal sealed class DevAnswers
{
    private readonly List<double[]> _logits = [];
    private readonly List<Emotion> _truths = [];

    /// <summary>Adds logits [N, C] and their N labels.</summary>
    public void Add(Tensor logits, IEnumerable<long> labels)
    {
        _logits.AddRange(logits.ToArray<float>().Select(logit => (double)logit).Chunk((int)logits.Shape[1]));
        _truths.AddRange(labels.Select(label => (Emotion)label));
    }

    /// <summary>The scores.</summary>
    public Scores Score() =>
        new ConfusionMatrix(_truths.Zip(_logits, (truth, row) => (truth, (Emotion)Array.IndexOf(row, row.Max()))), _logits is [{ Length: var labels }, ..] ? labels : Emotions.Count).Score();

    /// <summary>The mean cross-entropy, without smoothing or weights.</summary>
    public double Loss() => _truths.Zip(_logits, (truth, row) =>
    {
        // Stably: the greatest logit is taken out before the exponential.
        double most = row.Max();
        return most + Math.Log(row.Sum(logit => Math.Exp(logit - most))) - row[(int)truth];
    }).Average();

    /// <summary>The temperature that makes the answers as sure as they are right.</summary>
    public double Temperature() => TemperatureScaling.Fit(_logits, _truths);
}
