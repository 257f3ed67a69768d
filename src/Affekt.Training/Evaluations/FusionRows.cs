using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;

namespace Affekt.Training.Evaluations;

/// <summary>Takes apart what a bundle with two branches answers: each branch, its own fusion, and the plain average beside it.</summary>
internal sealed class FusionRows(FusionConfig fusion)
{
    private static readonly BranchFusion s_late = new(FusionConfig.Late);

    private readonly List<Prediction> _audioText = [];
    private readonly List<Prediction> _video = [];
    private readonly List<Prediction> _deep = [];
    private readonly List<Prediction> _late = [];

    /// <summary>The rows; of a bundle that averages, late fusion is its answer and there is no deep one.</summary>
    public IReadOnlyList<EvaluatedRow> Rows =>
    [
        new("audio-text", _audioText), new("video", _video),
        .. fusion.Kind == FusionKind.Late ? (EvaluatedRow[])[] : [new("deep fusion", _deep)],
        new("late fusion", _late),
    ];

    /// <summary>Adds an answer about an utterance with a label.</summary>
    public void Add(Utterance utterance, UtteranceAnswer answer)
    {
        if (answer.AudioText is { } audioText)
            _audioText.Add(Say(audioText.Probabilities));
        if (answer.Video is { } video)
            _video.Add(Say(video.Probabilities));
        _deep.Add(Say(answer.Probabilities));
        _late.Add(Say(s_late.Fuse(answer.AudioText?.Evidence, answer.Video?.Probabilities).Probabilities));

        Prediction Say(double[] probabilities) => new(utterance.Id, utterance.Dialogue, utterance.Emotion!.Value, probabilities);
    }
}
