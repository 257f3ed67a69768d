using Affekt.Models.Fusion;

namespace Affekt.Training.Recipes;

/// <summary>
/// Joins an audio-text branch and a video branch, both frozen, and trains the few numbers of the fusion on what they say
/// about dev utterances. Writes a bundle with both. The utterances are those of a corpus that has all modalities, or where no
/// such corpus is at hand, pairs made by label: a text or sound of one corpus with a face of another that has the same label.
/// Pairs say nothing of how often a face, a voice and words agree on real recordings.
/// </summary>
public sealed record FusionRecipe : Recipe
{
    /// <summary>The bundle's name.</summary>
    public required string Name { get; init; }

    /// <summary>The bundle's version.</summary>
    public required string Version { get; init; }

    /// <summary>The bundle, or run with a bundle for each seed, that the audio-text branch is taken from.</summary>
    public required string AudioText { get; init; }

    /// <summary>The run that the video branch is taken from; null where the bundle has one.</summary>
    public string? Video { get; init; }

    /// <summary>The folder or file of a corpus with media whose dev split has all modalities; null for pairs by label.</summary>
    public string? Corpus { get; init; }

    /// <summary>That corpus's layout, as in docs/corpora.md. Default null: a file is a manifest, a folder MELD.</summary>
    public string? Layout { get; init; }

    /// <summary>What labels of that corpus count as, such as "exc=joy"; "calm=none" leaves one out. Default: nothing is said.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>For a corpus that was published without splits: whose fold, from 1, is test. Default null: the last.</summary>
    public int? Fold { get; init; }

    /// <summary>
    /// For a corpus, and for the voices of pairs drawn with votes: where features are kept (affekt prepare --features); null computes all
    /// of them anew.
    /// </summary>
    public string? Features { get; init; }

    /// <summary>For pairs: the folder of MELD's three CSV files; its dev split is used.</summary>
    public string? Meld { get; init; }

    /// <summary>For pairs: the folder of RAVDESS speech; its dev actors are used.</summary>
    public string? Ravdess { get; init; }

    /// <summary>For pairs: the folder of TESS, whose sound is of voices that nothing was trained on; only measured. May be null.</summary>
    public string? Tess { get; init; }

    /// <summary>For pairs: FER2013's folder or zip; its validation faces are used.</summary>
    public string? Fer2013 { get; init; }

    /// <summary>The run that the sound branch is taken from, for experts; null where the audio-text branch hears.</summary>
    public string? Sound { get; init; }

    /// <summary>
    /// CREMA-D's votes.csv: pairs are drawn with what people see and hear of an emotion that is meant, from the words of meld, voices and
    /// faces, and the picture's expert is believed as far as faces show what is meant; null for pairs by label.
    /// </summary>
    public string? Votes { get; init; }

    /// <summary>
    /// With votes: FER+'s fer2013new.csv, which tells what CREMA-D's cannot, whose viewers had no surprise to choose: how often a face that
    /// shows another emotion is seen as surprised, and what a surprised one is taken for. Null: never, and the same as others are.
    /// </summary>
    public string? Ferplus { get; init; }

    /// <summary>With votes: whose voices are drawn. Every other speaker is held out.</summary>
    public IReadOnlyList<FusionVoices> Voices { get; init; } = [];

    /// <summary>With votes: whose faces are drawn, from each folder as often.</summary>
    public IReadOnlyList<FusionFaces> Faces { get; init; } = [];

    /// <summary>With votes: how many pairs are drawn for each emotion and corpus of voices; half of them are held out.</summary>
    public int Draws { get; init; } = 120;

    /// <summary>
    /// With votes: the share of voices whose label is taken for what was meant, so that the corpus itself holds the confusion. In [0, 1].
    /// </summary>
    public double MeantVoices { get; init; } = 0.5;

    /// <summary>With votes: the share of utterances whose words are plain, whatever is meant. In [0, 1].</summary>
    public double PlainWords { get; init; } = 0.6;

    /// <summary>With votes: the share of utterances whose words tell an emotion at random. In [0, 1].</summary>
    public double OtherWords { get; init; } = 0.05;

    /// <summary>With votes: sentences that tell no emotion, drawn as often as MELD's neutral utterances.</summary>
    public IReadOnlyList<string> PlainTexts { get; init; } = [];

    /// <summary>With votes: answers of experts below this confidence are withheld, in [0, 1]; else the audio-text branch's threshold holds.</summary>
    public double AbstainBelow { get; init; } = 0.35;

    /// <summary>The seed of the pairs.</summary>
    public int PairSeed { get; init; } = 1;

    /// <summary>
    /// For pairs, in training only: the share of faces that are drawn whatever their label, so that the video branch is not
    /// trusted as if every face showed what the words say. In [0, 1].
    /// </summary>
    public double Mismatch { get; init; } = 0.5;

    /// <summary>The form that the bundle gets: late, per-class, affine, or experts, with votes or a corpus. All are trained and compared, experts where they are named.</summary>
    public string Enhancement { get; init; } = "per-class";

    /// <summary>What that form sums: probabilities, as in the source, or log-probabilities.</summary>
    public string Reads { get; init; } = "probabilities";

    /// <summary>Steps of each form's training, each over all utterances.</summary>
    public int Steps { get; init; } = 400;

    /// <summary>The learning rate at the peak.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>The share of the steps over which the rate rises.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Classes weigh (n / (7 n_c)) to this power.</summary>
    public double ClassWeightExponent { get; init; }

    /// <summary>The layout of the corpus, where there is one.</summary>
    internal string CorpusLayout => Layout ?? (Corpus is { } corpus && System.IO.File.Exists(Resolve(corpus)) ? "manifest" : "meld");

    internal (FusionKind Kind, FusionInput Reads) Form => (
        Enhancement switch
        {
            "late" => FusionKind.Late,
            "affine" => FusionKind.Affine,
            "experts" => FusionKind.Experts,
            _ => FusionKind.PerClass,
        },
        Reads == "probabilities" ? FusionInput.Probabilities : FusionInput.LogProbabilities);

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireSinglePrecision();
        Require(Steps > 0, "steps", Steps, "at least 1");
        Require(LearningRate > 0, "learning_rate", LearningRate, "above 0");
        Require(Warmup is >= 0 and <= 1, "warmup", Warmup, "0 to 1");
        Require(Mismatch is >= 0 and <= 1, "mismatch", Mismatch, "0 to 1");
        bool pairs = Votes is null
            ? Meld is not null && Ravdess is not null && Fer2013 is not null
            : Meld is not null && Voices.Count > 0 && Faces.Count > 0;
        Require(
            Corpus is null ? pairs : (Meld ?? Ravdess ?? Tess ?? Fer2013 ?? Votes) is null, "corpus", Corpus ?? "nothing",
            "a corpus with all modalities, meld, ravdess and fer2013 to make pairs of, or votes, meld, voices and faces to draw them from");
        Require(Corpus is not null || Layout is null, "layout", Layout ?? "nothing", "a corpus that has it");
        RequireCorpus(CorpusLayout, [], Fold, field: "layout");
        Require(Enhancement != "experts" || (Votes ?? Corpus) is not null, "votes", "nothing", "CREMA-D's votes, or a corpus, for experts");
        Require(Votes is not null || Ferplus is null, "ferplus", Ferplus ?? "nothing", "CREMA-D's votes beside it");
        Require(Draws > 1, "draws", Draws, "at least 2");
        Require(MeantVoices is >= 0 and <= 1, "meant_voices", MeantVoices, "0 to 1");
        Require(
            PlainWords >= 0 && OtherWords >= 0 && PlainWords + OtherWords <= 1, "plain_words", PlainWords, "0 to 1, with other_words");
        Require(Votes is null || PlainTexts.Count > 1, "plain_texts", PlainTexts.Count, "two sentences at least");
        Require(AbstainBelow is >= 0 and <= 1, "abstain_below", AbstainBelow, "0 to 1");
        foreach (FusionFaces faces in Faces)
            Require(faces.By is FusionFaces.Index or FusionFaces.First or FusionFaces.Last, "faces.by", faces.By, "index, first or last");
        Require(Enhancement is "late" or "per-class" or "affine" or "experts", "enhancement", Enhancement, "late, per-class, affine or experts");
        Require(
            Reads == "probabilities" || (Reads == "log-probabilities" && Enhancement is "per-class" or "affine"), "reads", Reads,
            "probabilities, or for per-class and affine log-probabilities");
    }
}

/// <summary>Voices to draw from.</summary>
/// <param name="Name">What reports call them.</param>
/// <param name="Root">A manifest, or RAVDESS's folder.</param>
/// <param name="Split">The split whose voices they are: one that nothing was trained on.</param>
public sealed record FusionVoices(string Name, string Root, string Split);

/// <summary>Faces to draw from; those of the training split are left out.</summary>
/// <param name="Root">A folder or zip file in FER2013's layout.</param>
public sealed record FusionFaces(string Root)
{
    /// <summary>Every other face is held out.</summary>
    public const string Index = "index";

    /// <summary>Faces are held out by the first digits in their file's name, such as a film's.</summary>
    public const string First = "first";

    /// <summary>Faces are held out by the last digits in their file's name, such as a person's.</summary>
    public const string Last = "last";

    /// <summary>By what faces are held out: index, first or last.</summary>
    public string By { get; init; } = Index;
}
