using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Evaluation;

/// <summary>Which bundle was evaluated.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Hash">The hash of its content.</param>
public sealed record BundleIdentity(string Name, string Version, string Hash);

/// <summary>What was evaluated on what.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="Corpus">The corpus's name.</param>
/// <param name="Split">"train", "dev" or "test".</param>
/// <param name="Modalities">Those that the model was given: of "text", "audio", "video".</param>
/// <param name="Skipped">
/// How many utterances of the split were not evaluated because they have no usable modality or no label.
/// </param>
/// <param name="SpeakerOverlap">
/// From <see cref="Evaluation.SpeakerOverlap"/>; null where that is unknown.
/// </param>
public sealed record EvaluationSubject(
    BundleIdentity Bundle, string Corpus, string Split, IReadOnlyList<string> Modalities, int Skipped, double? SpeakerOverlap);

/// <summary>Under which conditions a model was evaluated, as far as they are not the usual ones; null for each that is.</summary>
public sealed record EvaluationConditions
{
    /// <summary>The speakers, by their numbers, where these were not all.</summary>
    public IReadOnlyCollection<int>? Speakers { get; init; }

    /// <summary>False where each utterance was a dialogue of its own.</summary>
    public bool? History { get; init; }

    /// <summary>White noise in the sound, as the ratio of signal to noise in dB.</summary>
    public double? NoiseDb { get; init; }

    /// <summary>The seed of the noise.</summary>
    public int? NoiseSeed { get; init; }

    /// <summary>The encoders' arithmetic, where it was not fp32.</summary>
    public string? Precision { get; init; }

    /// <summary>The conditions in words.</summary>
    [JsonIgnore]
    public string Text => string.Join(", ", new[]
    {
        Speakers is { } speakers ? $"speakers {string.Join(' ', speakers)}" : null,
        History == false ? "without history" : null,
        NoiseDb is { } noise ? string.Create(CultureInfo.InvariantCulture, $"noise at {noise} dB, seed {NoiseSeed}") : null,
        Precision,
    }.OfType<string>());
}

/// <summary>Which program evaluated, and when.</summary>
/// <param name="Affekt">Its version, with the commit that it was built from.</param>
/// <param name="Date">The day, UTC, as yyyy-MM-dd.</param>
public sealed record EvaluationOrigin(string Affekt, string Date);

/// <summary>Scores over several seeds: their mean, or their standard deviation.</summary>
/// <param name="Accuracy">Of the accuracy.</param>
/// <param name="WeightedF1">Of the weighted F1.</param>
/// <param name="MacroF1">Of the macro F1.</param>
/// <param name="Uar">Of the unweighted average recall.</param>
/// <param name="Ece">Of the expected calibration error.</param>
public sealed record SeedSummary(double Accuracy, double WeightedF1, double MacroF1, double Uar, double Ece);

/// <summary>The scores of the model that one seed gave.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Accuracy">Its accuracy.</param>
/// <param name="WeightedF1">Its weighted F1.</param>
/// <param name="MacroF1">Its macro F1.</param>
/// <param name="Uar">Its unweighted average recall.</param>
/// <param name="Ece">Its expected calibration error.</param>
public sealed record SeedScores(int Seed, double Accuracy, double WeightedF1, double MacroF1, double Uar, double Ece);

/// <summary>An evaluation as schema "affekt.evaluation/1" writes it; every score is a fraction of 1.</summary>
public sealed record EvaluationReport
{
    /// <summary>The value of <see cref="Schema"/>.</summary>
    public const string CurrentSchema = "affekt.evaluation/1";

    /// <summary>"affekt.evaluation/1".</summary>
    [JsonPropertyOrder(-1)]
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The bundle.</summary>
    public required BundleIdentity Bundle { get; init; }

    /// <summary>The corpus's name.</summary>
    public required string Corpus { get; init; }

    /// <summary>The split's name.</summary>
    public required string Split { get; init; }

    /// <summary>The modalities that the model was given.</summary>
    public required IReadOnlyList<string> Modalities { get; init; }

    /// <summary>
    /// How often each emotion was expected, by label; null for a model that does not tell its prior apart.
    /// </summary>
    public IReadOnlyDictionary<string, double>? Prior { get; init; }

    /// <summary>
    /// What was known of each speaker's voice: "none", "earlier" or "all" utterances of the split; null for what was said before in
    /// the dialogue.
    /// </summary>
    public string? Baseline { get; init; }

    /// <summary>The labels that could be answered, where these were not all; in label order.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>What labels of the corpus were said to count as (--map), by label; null where nothing was said.</summary>
    public IReadOnlyDictionary<string, string>? LabelMap { get; init; }

    /// <summary>How well dimensions such as valence were estimated, by name; null for a model or corpus without.</summary>
    public IReadOnlyDictionary<string, DimensionScores>? Dimensions { get; init; }

    /// <summary>The fold of the corpus, from 1; null where none was chosen.</summary>
    public int? Fold { get; init; }

    /// <summary>Under which other conditions; null for the usual ones.</summary>
    public EvaluationConditions? Conditions { get; init; }

    /// <summary>Which program evaluated, and when; null in reports of versions that did not write it.</summary>
    public EvaluationOrigin? Made { get; init; }

    /// <summary>How many utterances were evaluated.</summary>
    public required int N { get; init; }

    /// <summary>How many were not because they have no usable modality or no label.</summary>
    public required int Skipped { get; init; }

    /// <summary>See <see cref="Scores.Accuracy"/>.</summary>
    public required double Accuracy { get; init; }

    /// <summary>See <see cref="Scores.WeightedF1"/>.</summary>
    public required double WeightedF1 { get; init; }

    /// <summary>See <see cref="Scores.MacroF1"/>.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>See <see cref="Scores.Uar"/>.</summary>
    public required double Uar { get; init; }

    /// <summary>See <see cref="Calibration.ExpectedError"/>.</summary>
    public required double Ece { get; init; }

    /// <summary>Confidence against being right; null in reports of versions that did not write it.</summary>
    public ReliabilityReport? Reliability { get; init; }

    /// <summary>What answering only from some confidence on would cost and save; null likewise.</summary>
    public RiskCoverageReport? RiskCoverage { get; init; }

    /// <summary>One entry per label, in label order.</summary>
    public required IReadOnlyDictionary<string, ClassScores> PerClass { get; init; }

    /// <summary>A row for each true label, in label order, with a number for each answer.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>The scores of always answering the evaluated utterances' most frequent label.</summary>
    public required Scores Majority { get; init; }

    /// <summary>95 % bootstrap intervals, resampled by dialogue.</summary>
    public required ScoreIntervals Ci95 { get; init; }

    /// <summary>The share of evaluated utterances whose speaker was trained on; null where unknown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? SpeakerOverlap { get; init; }

    /// <summary>Another model on the same utterances, where one was named.</summary>
    public AgainstReport? Against { get; init; }

    /// <summary>Scores for each of the seven choices of modalities, where they were asked for.</summary>
    public IReadOnlyList<SubsetScores>? Subsets { get; init; }

    /// <summary>
    /// Each branch by itself and each way of joining them, on the same answers; null for a model of one branch, or where only one
    /// was asked.
    /// </summary>
    public IReadOnlyList<RowScores>? Rows { get; init; }

    /// <summary>Per seed, where several were evaluated.</summary>
    public IReadOnlyList<SeedScores>? Seeds { get; init; }

    /// <summary>The mean over the seeds.</summary>
    public SeedSummary? Mean { get; init; }

    /// <summary>The standard deviation over the seeds, with n - 1 below the line.</summary>
    public SeedSummary? Sd { get; init; }

    /// <summary>Computes all scores of one model.</summary>
    /// <param name="subject">What was evaluated on what.</param>
    /// <param name="predictions">
    /// Each with the dialogue that it belongs to; none for a corpus without labels, whose dimensions alone are scored: then all scores are 0.
    /// </param>
    /// <param name="resamples">How often the bootstrap resamples.</param>
    /// <param name="bootstrapSeed">Its seed.</param>
    public static EvaluationReport Create(
        EvaluationSubject subject,
        IReadOnlyList<Prediction> predictions,
        int resamples = Bootstrap.DefaultResamples,
        int bootstrapSeed = 0)
    {
        if (predictions.Count == 0)
        {
            Interval none = new(0, 0);
            return new EvaluationReport
            {
                Bundle = subject.Bundle,
                Corpus = subject.Corpus,
                Split = subject.Split,
                Modalities = subject.Modalities,
                N = 0,
                Skipped = subject.Skipped,
                Accuracy = 0,
                WeightedF1 = 0,
                MacroF1 = 0,
                Uar = 0,
                Ece = 0,
                PerClass = new Dictionary<string, ClassScores>(),
                Confusion = [],
                Majority = new Scores(0, 0, 0, 0),
                Ci95 = new ScoreIntervals(none, none, none, none),
                SpeakerOverlap = subject.SpeakerOverlap,
            };
        }

        ConfusionMatrix matrix = Prediction.Confusion(predictions);
        Scores scores = matrix.Score();
        LabelSet labels = predictions[0].Labels;
        return new EvaluationReport
        {
            Bundle = subject.Bundle,
            Corpus = subject.Corpus,
            Split = subject.Split,
            Modalities = subject.Modalities,
            N = predictions.Count,
            Skipped = subject.Skipped,
            Accuracy = scores.Accuracy,
            WeightedF1 = scores.WeightedF1,
            MacroF1 = scores.MacroF1,
            Uar = scores.Uar,
            Ece = Calibration.ExpectedError(predictions),
            Reliability = ReliabilityReport.Of(predictions),
            RiskCoverage = RiskCoverageReport.Of(predictions),
            PerClass = labels.Indices.ToDictionary(label => labels[label], matrix.ScoreClass),
            Confusion = matrix.Rows(),
            Majority = matrix.OfMajorityGuess().Score(),
            Ci95 = Bootstrap.Intervals(predictions, resamples, bootstrapSeed),
            SpeakerOverlap = subject.SpeakerOverlap,
        };
    }

    /// <summary>The report with the scores of several seeds beside it, and their mean and standard deviation.</summary>
    /// <exception cref="EvaluationException">There are fewer than two seeds.</exception>
    public EvaluationReport WithSeeds(IReadOnlyList<SeedScores> seeds)
    {
        if (seeds.Count < 2)
            throw new EvaluationException($"found the scores of {seeds.Count} seeds, expected two or more");

        return this with { Seeds = seeds, Mean = Summarize(seeds, Average), Sd = Summarize(seeds, StandardDeviation) };
    }

    /// <summary>The JSON form, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJsonContext.Readable.EvaluationReport);

    /// <summary>Reads the JSON form.</summary>
    /// <exception cref="EvaluationException">The text is not of that schema.</exception>
    public static EvaluationReport FromJson(string json)
    {
        EvaluationReport? report;
        try
        {
            report = JsonSerializer.Deserialize(json, EvaluationJsonContext.Default.EvaluationReport);
        }
        catch (JsonException error)
        {
            throw new EvaluationException($"found {error.Message}, expected JSON of schema {CurrentSchema}", error);
        }

        return report?.Schema == CurrentSchema
            ? report
            : throw new EvaluationException($"found schema '{report?.Schema}', expected {CurrentSchema}");
    }

    private static SeedSummary Summarize(IReadOnlyList<SeedScores> seeds, Func<double[], double> summary) => new(
        summary([.. seeds.Select(s => s.Accuracy)]),
        summary([.. seeds.Select(s => s.WeightedF1)]),
        summary([.. seeds.Select(s => s.MacroF1)]),
        summary([.. seeds.Select(s => s.Uar)]),
        summary([.. seeds.Select(s => s.Ece)]));

    private static double Average(double[] values) => values.Average();

    private static double StandardDeviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    WriteIndented = true)]
[JsonSerializable(typeof(EvaluationReport))]
internal sealed partial class EvaluationJsonContext : JsonSerializerContext
{
    // Names of labels and files stay readable. Not before it is asked for: the default's options are set by generated code, in no order.
    public static EvaluationJsonContext Readable => field ??=
        new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" });
}
