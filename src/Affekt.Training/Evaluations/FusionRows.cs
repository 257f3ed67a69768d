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

/// <summary>What annotators said of dimensions, beside what a bundle estimates and what each of its branches does.</summary>
internal sealed class EstimatedDimensions(IReadOnlyList<string> names)
{
    private const string Heard = "audio-text";
    private const string Seen = "video";
    private const string Average = "plain average";

    private readonly Dictionary<(string Dimension, string? Part), List<(double Truth, double Said)>> _pairs = [];

    /// <summary>How many values there are to compare with.</summary>
    public int Count => _pairs.Values.Sum(pairs => pairs.Count);

    /// <summary>Adds what is estimated of an utterance.</summary>
    public void Add(Utterance utterance, UtteranceAnswer answer)
    {
        double[]? heard = answer.AudioText?.Dimensions, seen = answer.Video?.Dimensions;
        AddTo(null, answer.Dimensions);
        AddTo(Heard, heard);
        AddTo(Seen, seen);
        AddTo(Average, heard is null || seen is null ? heard ?? seen : [.. heard.Zip(seen, (one, other) => (one + other) / 2)]);

        void AddTo(string? part, double[]? said)
        {
            foreach ((int k, double value) in (said ?? []).Index())
            {
                if (utterance.Dimensions.ElementAtOrDefault(k) is not { } truth)
                    continue;
                if (!_pairs.TryGetValue((names[k], part), out List<(double Truth, double Said)>? pairs))
                    _pairs.Add((names[k], part), pairs = []);
                pairs.Add((truth, value));
            }
        }
    }

    /// <summary>The scores of the dimensions that there are values of; of the branches too where both estimate one.</summary>
    public IReadOnlyDictionary<string, DimensionScores> Scores() => names.Where(name => _pairs.ContainsKey((name, null))).ToDictionary(
        name => name,
        name => DimensionScores.Of(_pairs[(name, null)]) with
        {
            Parts = _pairs.ContainsKey((name, Heard)) && _pairs.ContainsKey((name, Seen))
                ? new[] { Heard, Seen, Average }.ToDictionary(part => part, part => DimensionScores.Of(_pairs[(name, part)]))
                : null,
        });
}
