using Affekt.Models.Bundles;
using Affekt.Models.Video;

namespace Affekt.Training.Recipes;

/// <summary>
/// Trains the video branch on a corpus's clips: their pictures through an MC3 trunk, frozen or trained along, their words
/// through a frozen text encoder. Writes what the task "fusion" joins with an audio-text branch that reads with the same encoder.
/// </summary>
public sealed record VideoRecipe : NetworkRecipe
{
    /// <summary>The corpus's layout, as in docs/corpora.md. Its dev split chooses the epoch and the temperature.</summary>
    public string Corpus { get; init; } = "manifest";

    /// <summary>The corpus's folder; of a manifest the file.</summary>
    public required string Root { get; init; }

    /// <summary>What labels of the corpus count as, such as "exc=joy"; "calm=none" leaves one out. Default: nothing is said.</summary>
    public IReadOnlyList<string> Map { get; init; } = [];

    /// <summary>For a corpus that was published without splits: whose fold, from 1, is test. Default null: the last.</summary>
    public int? Fold { get; init; }

    /// <summary>The frozen text encoder, as the bundle will name it; its folder is relative to the recipe.</summary>
    public required TextEncoderPart TextEncoder { get; init; }

    /// <summary>
    /// The bundle, or run with a bundle for each seed, that the video branch will be joined with: its text encoder, with the weights of layers that
    /// it learned, is read with in place of text_encoder. Default: none.
    /// </summary>
    public string? AudioText { get; init; }

    /// <summary>The trunk's state file, torchvision's mc3_18 or one that Affekt trained; null starts from random weights.</summary>
    public string? Trunk { get; init; }

    /// <summary>Channels of the stem of a trunk with random weights; 64 is the published size.</summary>
    public int TrunkWidth { get; init; } = 64;

    /// <summary>Whether the trunk is trained along (fine-tuned); else it is frozen, and runs without memory for gradients.</summary>
    public bool TrainTrunk { get; init; } = true;

    /// <summary>
    /// Whether a trained trunk's batch normalization uses the statistics of the clips at hand: for training from random weights.
    /// Few clips have poor statistics, so fine-tuning goes without.
    /// </summary>
    public bool BatchStatistics { get; init; }

    /// <summary>Width and height of a picture, in pixels.</summary>
    public int Side { get; init; } = Mc3Encoder.PaperSide;

    /// <summary>Features inside the branch's transformer.</summary>
    public int ModelWidth { get; init; } = 512;

    /// <summary>Blocks of the branch's transformer.</summary>
    public int Blocks { get; init; } = 4;

    /// <summary>Heads of each block.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Features inside each block's feed-forward part.</summary>
    public int FeedForwardWidth { get; init; } = 2048;

    /// <summary>Clips of a step of the optimizer.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>
    /// Clips that are in memory at once; gradients of a step's clips add up. The memory for activations grows with it alone.
    /// </summary>
    public int ClipsAtOnce { get; init; } = 2;

    /// <summary>Dropout inside the transformer's blocks.</summary>
    public double BlockDropout { get; init; } = 0.1;

    /// <summary>The probability that a clip's text is withheld while training.</summary>
    public double TextDropout { get; init; } = 0.3;

    /// <summary>The probability that a clip's speaker is hidden while training.</summary>
    public double SpeakerDropout { get; init; } = 0.3;

    /// <summary>What is changed on a clip's pictures while training; nothing is in evaluation.</summary>
    public ClipChanges Changes { get; init; } = new();

    /// <summary>The text encoder that the branch reads with.</summary>
    /// <exception cref="Models.ModelException">audio_text names no bundle, or no run that has one.</exception>
    public TextEncoderPart FindTextEncoder() => TextEncoderOf(AudioText, TextEncoder);

    private protected override bool LearnsLayers => AudioText is not null;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireCorpus(Corpus, Map, Fold, labels: LabelSet);
        RequireEncoder(TextEncoder);
        Require(TrunkWidth is >= 1 and <= 1024, "trunk_width", TrunkWidth, "1 to 1024");
        Require(
            Side is >= VideoEncoderPart.LeastSide and <= VideoEncoderPart.LargestSide, "side", Side,
            $"{VideoEncoderPart.LeastSide} to {VideoEncoderPart.LargestSide}");
        RequireTransformer(ModelWidth, Blocks, Heads, FeedForwardWidth);
        RequireCount(Batch, "batch");
        RequireCount(ClipsAtOnce, "clips_at_once");
        RequireShare(BlockDropout, "block_dropout", below1: true);
        RequireShare(TextDropout, "text_dropout");
        RequireShare(SpeakerDropout, "speaker_dropout");
        RequireShare(Changes.Flip, "changes.flip");
        Require(Changes.Crop is > 0 and <= 1, "changes.crop", Changes.Crop, "above 0 to 1");
        RequireShare(Changes.Color, "changes.color", below1: true);
        RequireShare(Changes.Time, "changes.time");
    }
}

/// <summary>How a clip's pictures are changed while training. All pictures of a clip change alike.</summary>
public sealed record ClipChanges
{
    /// <summary>The probability that left and right are swapped.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>The least share of the side that a cut-out square keeps before it is scaled back; 1 cuts nothing.</summary>
    public double Crop { get; init; } = 0.8;

    /// <summary>Brightness, contrast and saturation change by factors of 1 minus this to 1 plus this; 0 changes nothing.</summary>
    public double Color { get; init; } = 0.2;

    /// <summary>
    /// At each end the stretch that pictures are taken from loses up to this share of the distance between two of them; 0 keeps
    /// the instants.
    /// </summary>
    public double Time { get; init; } = 1;

    /// <summary>Pictures as they are.</summary>
    public static ClipChanges None { get; } = new() { Flip = 0, Crop = 1, Color = 0, Time = 0 };
}
