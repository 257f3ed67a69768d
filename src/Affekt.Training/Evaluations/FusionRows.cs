using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;

namespace Affekt.Training.Evaluations;

/// <summary>
/// Takes apart what a bundle answers that joins several: each branch or expert, its own fusion, and the plain average beside it.
/// </summary>
internal sealed class FusionRows(FusionConfig fusion, IReadOnlyList<int> classes, LabelSet labels)
{
    private static readonly BranchFusion _lateFusion = new(FusionConfig.Late);

    private readonly List<Prediction> _text = [];
    private readonly List<Prediction> _audio = [];
    private readonly List<Prediction> _audioText = [];
    private readonly List<Prediction> _video = [];
    private readonly List<Prediction> _deep = [];
    private readonly List<Prediction> _late = [];

    /// <summary>The rows; of a bundle that averages, late fusion is its answer and there is no deep one.</summary>
    public IReadOnlyList<EvaluatedRow> Rows => fusion.Kind switch
    {
        FusionKind.Experts =>
        [
            .. ((EvaluatedRow[])[new("text", _text), new("audio", _audio), new("video", _video)]).Where(row => row.Predictions.Count > 0),
            new("experts", _deep), new("late fusion", _late),
        ],
        FusionKind.Late => [new("audio-text", _audioText), new("video", _video), new("late fusion", _late)],
        _ => [new("audio-text", _audioText), new("video", _video), new("deep fusion", _deep), new("late fusion", _late)],
    };

    /// <summary>Adds an answer about an utterance with a label.</summary>
    public void Add(Utterance utterance, UtteranceAnswer answer)
    {
        _deep.Add(Say(answer.Probabilities));
        if (answer.Experts is { } experts)
        {
            AddTo(_text, experts.Text);
            AddTo(_audio, experts.Audio);
            AddTo(_video, experts.Video);
            _late.Add(Say(Average([.. new[] { experts.Text, experts.Audio, experts.Video }.OfType<ExpertShare>()])));
            return;
        }

        if (answer.AudioText is { } audioText)
            _audioText.Add(Say(audioText.Probabilities));
        if (answer.Video is { } video)
            _video.Add(Say(video.Probabilities));
        _late.Add(Say(_lateFusion.Fuse(answer.AudioText?.Evidence, answer.Video?.Probabilities).Probabilities));

        void AddTo(List<Prediction> row, ExpertShare? expert)
        {
            if (expert is not null)
                row.Add(Say(expert.Probabilities));
        }

        Prediction Say(double[] probabilities) =>
            CorpusEvaluator.Among(new Prediction(utterance.Id, utterance.Dialogue, utterance.Label!.Value, probabilities, labels), classes);
    }

    private static double[] Average(ExpertShare[] experts) =>
        [.. Enumerable.Range(0, experts[0].Probabilities.Length).Select(i => experts.Average(expert => expert.Probabilities[i]))];
}
