namespace Affekt.Evaluation;

/// <summary>What a model said about one labeled utterance.</summary>
public sealed record Prediction
{
    // Probabilities may have been computed in half precision.
    private const double SumTolerance = 1e-2;

    /// <summary>Checks and keeps one prediction.</summary>
    /// <param name="id">The utterance's id.</param>
    /// <param name="dialogue">Its dialogue's id.</param>
    /// <param name="truth">The label.</param>
    /// <param name="probabilities">Seven, in label order, each 0 to 1, with the sum 1.</param>
    /// <exception cref="EvaluationException">The probabilities are none.</exception>
    public Prediction(string id, string dialogue, Emotion truth, IReadOnlyList<double> probabilities)
    {
        if (probabilities.Count != Emotions.Count
            || !probabilities.All(p => p is >= 0 and <= 1)
            || Math.Abs(probabilities.Sum() - 1) > SumTolerance)
        {
            throw new EvaluationException(FormattableString.Invariant(
                $"utterance '{id}': found [{string.Join(", ", probabilities)}], expected 7 probabilities with the sum 1"));
        }

        Id = id;
        Dialogue = dialogue;
        Truth = truth;
        Probabilities = probabilities;
        Confidence = probabilities.Max();
        Answer = (Emotion)probabilities.Index().First(p => p.Item == Confidence).Index;
    }

    /// <summary>The utterance's id.</summary>
    public string Id { get; }

    /// <summary>The id of its dialogue.</summary>
    public string Dialogue { get; }

    /// <summary>The label.</summary>
    public Emotion Truth { get; }

    /// <summary>Seven probabilities in label order.</summary>
    public IReadOnlyList<double> Probabilities { get; }

    /// <summary>
    /// The temperature that the logits were divided by, above 0; null where the probabilities did not come about like that.
    /// </summary>
    public double? Temperature { get; init; }

    /// <summary>The largest probability.</summary>
    public double Confidence { get; }

    /// <summary>The emotion with the largest probability; of equal ones the first in label order.</summary>
    public Emotion Answer { get; }

    /// <summary>Whether the answer is the label.</summary>
    public bool IsRight => Answer == Truth;

    /// <summary>What the model says to somebody who knows that only some emotions can be: the others' share is dealt out among these.</summary>
    /// <param name="classes">At least one emotion.</param>
    public Prediction Among(IReadOnlyList<Emotion> classes)
    {
        double sum = classes.Sum(emotion => Probabilities[(int)emotion]);
        double[] among = new double[Emotions.Count];
        foreach (Emotion emotion in classes)
            among[(int)emotion] = sum > 0 ? Probabilities[(int)emotion] / sum : 1.0 / classes.Count;
        return new Prediction(Id, Dialogue, Truth, among) { Temperature = Temperature };
    }

    /// <summary>What the model said before calibration: probabilities as powers of the temperature, normalized.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Temperature"/> is null.</exception>
    public Prediction Uncalibrated()
    {
        double temperature = Temperature ?? throw new InvalidOperationException($"{Id}: no temperature");
        double[] powers = [.. Probabilities.Select(p => Math.Pow(p, temperature))];
        double sum = powers.Sum();
        return new Prediction(Id, Dialogue, Truth, [.. powers.Select(power => power / sum)]);
    }
}
