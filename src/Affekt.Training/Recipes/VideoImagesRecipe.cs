using Affekt.Models.Bundles;

namespace Affekt.Training.Recipes;

/// <summary>
/// Trains the starter's video branch on FER2013's still faces: each becomes a clip of eight frames in which the face moves
/// a little. The expression network is frozen, and there are no words and no metadata.
/// </summary>
public sealed record VideoImagesRecipe : Recipe
{
    /// <summary>FER2013: the folder with train/ and validation/, or the zip file. Only train/ is read.</summary>
    public required string Fer2013 { get; init; }

    /// <summary>The expression network's file.</summary>
    public required string Expression { get; init; }

    /// <summary>The sizes that the expression network looks at each face in, each from 0.5 to 2; null for as it is.</summary>
    public IReadOnlyList<double>? Scales { get; init; }

    /// <summary>The pixels by which each face moves up and left, and down and right before it is mirrored, 0 to 8.</summary>
    public int Shift { get; init; }

    /// <summary>
    /// Whether the branch begins as the expression network's own last layer, read of the mean over the frames; it is left so with 0
    /// epochs. For 0 blocks, and a head width of 14 at least.
    /// </summary>
    public bool FromHead { get; init; }

    /// <summary>
    /// The share of train/ that is kept from training, in (0, 0.5]; the same as the expression network's, so that neither
    /// has seen these faces. They choose the epoch and fit the temperature.
    /// </summary>
    public double HeldOut { get; init; } = 0.05;

    /// <summary>Faces of train/ that are made into clips; all where there are fewer.</summary>
    public int Faces { get; init; } = 10_000;

    /// <summary>
    /// Different pictures of a clip, in [1, 8]; each stands for as many frames as the others. Fewer cost less.
    /// </summary>
    public int Pictures { get; init; } = 8;

    /// <summary>What a face is to be taken for: its label alone, or votes and the expression network's word beside it.</summary>
    public FaceTargetShares Targets { get; init; } = new();

    /// <summary>
    /// How far a face moves at most within a clip. Its mouth opens, and what disturbs a picture does, in each picture anew.
    /// </summary>
    public FaceAugmentation Motion { get; init; } = new() { Cover = 0 };

    /// <summary>A clip's frames are missing with a probability that is drawn for each clip from 0 to this, in [0, 1).</summary>
    public double FrameDropout { get; init; } = 0.6;

    /// <summary>Times that all clips are seen; 0 only from the expression network's head.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Clips in a step.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Learning rate at the peak.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>The share of the steps over which the rate rises.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Label smoothing, in [0, 1).</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Blocks of the transformer.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Heads of each block's attention.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Features inside each block's feed-forward part.</summary>
    public int FeedForwardWidth { get; init; } = 512;

    /// <summary>Features of the layer before the logits.</summary>
    public int HeadWidth { get; init; } = 128;

    /// <summary>Dropout before the logits, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.3;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireSinglePrecision();
        Require(HeldOut is > 0 and <= 0.5, "held_out", HeldOut, "above 0, to 0.5");
        Require(Faces > 0, "faces", Faces, "at least 1");
        Require(Pictures is >= 1 and <= 8, "pictures", Pictures, "1 to 8");
        RequireShare(Targets.Votes, "targets.votes");
        RequireShare(Targets.Teacher, "targets.teacher");
        Motion.Check(Require, "motion");
        Require(FrameDropout is >= 0 and < 1, "frame_dropout", FrameDropout, "0 to below 1");
        Require(Epochs >= (FromHead ? 0 : 1), "epochs", Epochs, FromHead ? "0 or more" : "at least 1");
        Require(!FromHead || Blocks == 0, "from_head", "true", $"false with blocks: {Blocks}");
        Require(!FromHead || HeadWidth >= 2 * Emotions.Count, "head_width", HeadWidth, $"at least {2 * Emotions.Count} from the expression network's head");
        Require(
            Scales is null || (Scales.Count is > 0 and <= VideoEncoderPart.MostScales && Scales.All(scale => scale is >= 0.5 and <= 2)), "scales",
            $"[{string.Join(", ", Scales ?? [])}]", $"1 to {VideoEncoderPart.MostScales} numbers from 0.5 to 2");
        Require(Shift is >= 0 and <= VideoEncoderPart.MostShift, "shift", Shift, $"0 to {VideoEncoderPart.MostShift}");
        Require(Batch > 0, "batch", Batch, "at least 1");
        Require(LabelSmoothing is >= 0 and < 1, "label_smoothing", LabelSmoothing, "0 to below 1");
    }
}
