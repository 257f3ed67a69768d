namespace Affekt.Evaluation;

/// <summary>What a model said about one labeled utterance.</summary>
public sealed record Prediction
{
    // Probabilities may have been computed in half precision.
    private const double SumTolerance = 1e-2;

    /// <summary>Checks and keeps one prediction.</summary>
    /// <param name="id">The utterance's id.</param>
    /// <param name="dialogue">Its dialogue's id.</param>
    /// <param name="truth">The index of the label, from 0.</param>
    /// <param name="probabilities">One for each label, in label order, each 0 to 1, with the sum 1.</param>
    /// <param name="labels">The labels; null for the seven emotions.</param>
    /// <exception cref="EvaluationException">The probabilities are none, or the label is none of these.</exception>
    public Prediction(string id, string dialogue, int truth, IReadOnlyList<double> probabilities, LabelSet? labels = null)
    {
        Labels = labels ?? LabelSet.Emotions;
        if (probabilities.Count != Labels.Count
            || !probabilities.All(p => p is >= 0 and <= 1)
            || Math.Abs(probabilities.Sum() - 1) > SumTolerance)
        {
            throw new EvaluationException(FormattableString.Invariant(
                $"utterance '{id}': found [{string.Join(", ", probabilities)}], expected {Labels.Count} probabilities with the sum 1"));
        }

        if (truth < 0 || truth >= Labels.Count)
            throw new EvaluationException($"utterance '{id}': found label {truth}, expected 0 to {Labels.Count - 1}");

        Id = id;
        Dialogue = dialogue;
        Truth = truth;
        Probabilities = probabilities;
        Confidence = probabilities.Max();
        Answer = probabilities.Index().First(p => p.Item == Confidence).Index;
    }

    /// <summary>How often each label was right and answered.</summary>
    /// <param name="predictions">Of one set of labels.</param>
    public static ConfusionMatrix Confusion(IReadOnlyList<Prediction> predictions) =>
        new(predictions.Select(p => (p.Truth, p.Answer)), predictions.Count > 0 ? predictions[0].Labels.Count : Emotions.Count);

    /// <summary>The utterance's id.</summary>
    public string Id { get; }

    /// <summary>The id of its dialogue.</summary>
    public string Dialogue { get; }

    /// <summary>The index of the label in <see cref="Labels"/>.</summary>
    public int Truth { get; }

    /// <summary>The labels that there are.</summary>
    public LabelSet Labels { get; }

    /// <summary>Probabilities in label order.</summary>
    public IReadOnlyList<double> Probabilities { get; }

    /// <summary>
    /// The temperature that the logits were divided by, above 0; null where the probabilities did not come about like that.
    /// </summary>
    public double? Temperature { get; init; }

    /// <summary>The largest probability.</summary>
    public double Confidence { get; }

    /// <summary>The index of the label with the largest probability; of equal ones the first in label order.</summary>
    public int Answer { get; }

    /// <summary>Whether the answer is the label.</summary>
    public bool IsRight => Answer == Truth;

    /// <summary>What the model says to somebody who knows that only some labels can be: the others' share is dealt out among these.</summary>
    /// <param name="classes">The indices of at least one label.</param>
    public Prediction Among(IReadOnlyList<int> classes)
    {
        double sum = classes.Sum(label => Probabilities[label]);
        double[] among = new double[Labels.Count];
        foreach (int label in classes)
            among[label] = sum > 0 ? Probabilities[label] / sum : 1.0 / classes.Count;
        return new Prediction(Id, Dialogue, Truth, among, Labels) { Temperature = Temperature };
    }

    /// <summary>What the model said before calibration: probabilities as powers of the temperature, normalized.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Temperature"/> is null.</exception>
    public Prediction Uncalibrated()
    {
        double temperature = Temperature ?? throw new InvalidOperationException($"{Id}: no temperature");
        double[] powers = [.. Probabilities.Select(p => Math.Pow(p, temperature))];
        double sum = powers.Sum();
        return new Prediction(Id, Dialogue, Truth, [.. powers.Select(power => power / sum)], Labels);
    }
}
