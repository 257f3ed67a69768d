using Affekt.Evaluation;
using Affekt.Models.Fusion;

namespace Affekt.Training.Fusion;

/// <summary>How experts do together, beside the best of them alone, given some modalities.</summary>
/// <param name="Voices">Whose voices, or "all".</param>
/// <param name="Modalities">Those given: of "text", "audio" and "video".</param>
/// <param name="N">How many utterances.</param>
/// <param name="Best">The given modality whose expert is most often right.</param>
/// <param name="BestAccuracy">How often that one is right.</param>
/// <param name="Accuracy">How often they are right together.</param>
/// <param name="Uar">Their unweighted average recall together.</param>
/// <param name="Ece">Their expected calibration error together.</param>
internal sealed record ExpertSubset(
    string Voices, IReadOnlyList<string> Modalities, int N, string Best, double BestAccuracy, double Accuracy, double Uar, double Ece)
{
    private static readonly string[] _names = ["text", "audio", "video"];

    /// <summary>Every choice of modalities that some pair has: for all pairs, and for those of each set of voices.</summary>
    public static IReadOnlyList<ExpertSubset> Of(ExpertFusion fusion, IReadOnlyList<AnsweredPair> pairs) =>
    [
        .. pairs.GroupBy(pair => pair.Set).Prepend(pairs.GroupBy(_ => "all").First())
            .SelectMany(set => ExpertTrainer.Subsets.Select(subset => Measure(
                fusion, set.Key, [.. set.Where(pair => (pair.Text is not null || !subset.Text) && (pair.Audio is not null || !subset.Audio))],
                [subset.Text, subset.Audio, subset.Video])).Where(measured => measured.N > 0)),
    ];

    private static ExpertSubset Measure(ExpertFusion fusion, string voices, AnsweredPair[] pairs, bool[] given)
    {
        if (pairs.Length == 0)
            return new ExpertSubset(voices, [], 0, "", 0, 0, 0, 0);
        int[] present = [.. Enumerable.Range(0, given.Length).Where(i => given[i])];
        Prediction[] together = Ask(given);
        (string name, double accuracy) = present
            .Select(i => (_names[i], Right(Ask([i == 0, i == 1, i == 2]))))
            .MaxBy(expert => expert.Item2);
        return new ExpertSubset(
            voices, [.. present.Select(i => _names[i])], pairs.Length, name, accuracy, Right(together),
            Prediction.Confusion(together).Score().Uar, Calibration.ExpectedError(together));

        Prediction[] Ask(bool[] modalities) =>
        [
            .. pairs.Select(pair => new Prediction(
                pair.Id, pair.Dialogue, pair.Truth,
                ExpertTrainer.Fuse(fusion, pair, modalities[0], modalities[1], modalities[2]).Probabilities, fusion.Prior.Labels)),
        ];

        static double Right(Prediction[] predictions) => (double)predictions.Count(prediction => prediction.IsRight) / predictions.Length;
    }
}
