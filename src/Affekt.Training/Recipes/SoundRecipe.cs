using Affekt.Training.AudioText;

namespace Affekt.Training.Recipes;

/// <summary>
/// Trains the sound branch: how an utterance sounds, against how its speaker usually sounds. Several corpora are heard in
/// turn; speakers and corpora that are not trained on choose the epoch and set the temperatures. Writes sound.json and
/// sound.safetensors.
/// </summary>
public sealed record SoundRecipe : Recipe
{
    /// <summary>
    /// What is learned from. A corpus counts by the root of its size times its weight, and in each all classes count the same.
    /// </summary>
    public required IReadOnlyList<SoundCorpus> Train { get; init; }

    /// <summary>What the epoch is chosen on; each counts the same.</summary>
    public required IReadOnlyList<SoundCorpus> Choose { get; init; }

    /// <summary>Where audio features are kept between runs; what is missing there is computed first.</summary>
    public required string Features { get; init; }

    /// <summary>
    /// Altered copies of each training sound besides the clean one: noise, speed, room, phone, or several in turn, such as
    /// room+noise; with -2, -3 ... for more of a kind.
    /// </summary>
    public IReadOnlyList<string> Copies { get; init; } = ["speed+noise", "room+noise", "phone+noise"];

    /// <summary>The share of sounds that are heard as they are, in [0, 1]; the rest are copies, each kind as often.</summary>
    public double Unaltered { get; init; } = 0.5;

    /// <summary>Times that as many sounds are drawn as there are in training, without copies.</summary>
    public int Epochs { get; init; } = 24;

    /// <summary>Training ends once the score has not risen for so many epochs; null (the default) never ends it.</summary>
    public int? Patience { get; init; }

    /// <summary>Sounds in a step.</summary>
    public int Batch { get; init; } = 256;

    /// <summary>Learning rate at the peak.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>The share of the steps over which the rate rises; a cosine takes it down after that.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Label smoothing, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// Sounds are mixed in pairs, and so are their labels, in shares from a symmetric Beta distribution with this parameter; 0 mixes
    /// none.
    /// </summary>
    public double Mixing { get; init; }

    /// <summary>Features of each network's hidden layer.</summary>
    public int HiddenWidth { get; init; } = 512;

    /// <summary>Networks whose logits are averaged.</summary>
    public int Networks { get; init; } = 4;

    /// <summary>
    /// Networks of the home corpora alone (<see cref="SoundCorpus.Home"/>), which count where a recording sounds like those; 0 (the
    /// default) for none.
    /// </summary>
    public int HomeNetworks { get; init; }

    /// <summary>How much they count where a recording is certain to be of the home corpora's kind, in [0, 1].</summary>
    public double HomeWeight { get; init; } = 0.7;

    /// <summary>The odds, before anything is heard, that a recording is of the home corpora's kind; above 0.</summary>
    public double HomeOdds { get; init; } = 0.05;

    /// <summary>Learning rate of the home corpora's networks at the peak; null (the default) for that of the others.</summary>
    public double? HomeLearningRate { get; init; }

    /// <summary>
    /// The share of the home corpora's labels that calibration takes to be another, in [0, 1): speakers of the same recordings flatter, and
    /// what an actor meant is not always what is heard.
    /// </summary>
    public double HomeDoubt { get; init; }

    /// <summary>
    /// The share of training sounds, with their copies, that are taken for voices as they sound: what is farther from their mean than
    /// these is less of a voice, and nothing is said about what is much farther. In [0, 1]; 0 (the default) looks at no distance.
    /// </summary>
    public double VoiceShare { get; init; }

    /// <summary>Dropout on the hidden layers, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.6;

    /// <summary>How many utterances of a speaker weigh as much as knowing nothing, above 0.</summary>
    public double Shrinkage { get; init; } = 2;

    /// <summary>The share of training sounds whose voice is unknown, in [0, 1].</summary>
    public double UnknownVoices { get; init; } = 0.3;

    /// <summary>
    /// The most utterances that a training sound's baseline rests on; how many it is, is drawn between 1 and this, smaller
    /// numbers more often (its logarithm is drawn evenly).
    /// </summary>
    public int MostUtterances { get; init; } = 40;

    /// <summary>The share of baselines that are made of neutral utterances only, in [0, 1].</summary>
    public double NeutralBaselines { get; init; } = 0.3;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        Require(Seeds.Count == 1, "seeds", Seeds.Count, "one seed; networks says how many networks are averaged");
        RequireCorpora(Train, "train");
        RequireCorpora(Choose, "choose");
        Require(Copies.All(SoundCopies.IsKnown), "copies", string.Join(", ", Copies), "noise, speed, room, phone, joined by +, each with -2, -3 ... for more");
        RequireShare(Unaltered, "unaltered");
        RequireCount(Epochs, "epochs");
        Require(Patience is null or > 0, "patience", $"{Patience}", "null or at least 1");
        RequireCount(Batch, "batch");
        RequirePositive(LearningRate, "learning_rate");
        RequireNotNegative(WeightDecay, "weight_decay");
        RequireShare(Warmup, "warmup");
        RequireShare(LabelSmoothing, "label_smoothing", below1: true);
        RequireNotNegative(Mixing, "mixing");
        RequireCount(HiddenWidth, "hidden_width");
        RequireCount(Networks, "networks");
        RequireNotNegative(HomeNetworks, "home_networks");
        Require(HomeNetworks == 0 || Train.Any(corpus => corpus.Home), "home_networks", HomeNetworks, "0, or a corpus of train with \"home\": true");
        Require(HomeNetworks == 0 || !Train.All(corpus => corpus.Home), "train.home", "all", "others too, to be told from");
        RequireShare(HomeWeight, "home_weight");
        RequirePositive(HomeOdds, "home_odds");
        RequirePositive(HomeLearningRate ?? LearningRate, "home_learning_rate");
        RequireShare(HomeDoubt, "home_doubt", below1: true);
        RequireShare(VoiceShare, "voice_share");
        foreach (SoundCorpus corpus in Train.Concat(Choose))
            RequirePositive(corpus.Weight, "train.weight");
        RequireShare(Dropout, "dropout", below1: true);
        RequirePositive(Shrinkage, "shrinkage");
        RequireShare(UnknownVoices, "unknown_voices");
        RequireCount(MostUtterances, "most_utterances");
        RequireShare(NeutralBaselines, "neutral_baselines");
    }
}

/// <summary>Some splits of a corpus whose utterances have sound and speakers.</summary>
public sealed record SoundCorpus
{
    /// <summary>The layout, as in docs/corpora.md.</summary>
    public required string Corpus { get; init; }

    /// <summary>The corpus's folder; of a manifest the file.</summary>
    public required string Root { get; init; }

    /// <summary>What labels of the corpus count as, such as "exc=joy"; "calm=none" leaves one out. Default: nothing is said.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>For a corpus that was published without splits: whose fold, from 1, is test. Default null: the last.</summary>
    public int? Fold { get; init; }

    /// <summary>The splits that are taken. Default: train.</summary>
    public IReadOnlyList<string> Splits { get; init; } = ["train"];

    /// <summary>In training: how much it counts beside the others. Default: 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>In training: whether it is a home corpus, which networks of its own learn from besides. Default: no.</summary>
    public bool Home { get; init; }
}
