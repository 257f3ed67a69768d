namespace Affekt.Evaluation.Tests;

internal static class Make
{
    /// <summary>A prediction with the given confidence in its answer; the rest is spread evenly.</summary>
    public static Prediction Prediction(
        int truth, int answer, double confidence = 0.7, string id = "u", string dialogue = "d")
    {
        double[] probabilities = [.. Enumerable.Repeat((1 - confidence) / 6, 7)];
        probabilities[answer] = confidence;
        return new Prediction(id, dialogue, truth, probabilities);
    }

    /// <summary>One prediction per flag, right where it is true, each in a dialogue of its own unless told otherwise.</summary>
    public static Prediction[] Predictions(IEnumerable<bool> right, Func<int, string>? dialogue = null) =>
    [
        .. right.Select((isRight, i) => Prediction(
            1, isRight ? 1 : 3, id: $"u{i}", dialogue: dialogue?.Invoke(i) ?? $"d{i}")),
    ];
}
