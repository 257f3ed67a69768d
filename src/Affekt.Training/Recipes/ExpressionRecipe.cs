namespace Affekt.Training.Recipes;

/// <summary>Trains the expression network on FER2013's faces.</summary>
public sealed record ExpressionRecipe : Recipe
{
    /// <summary>FER2013: the folder with train/ and validation/, or the zip file. Only train/ is read.</summary>
    public required string Fer2013 { get; init; }

    /// <summary>What is done, in order: small pictures first, since they cost least.</summary>
    public required IReadOnlyList<ExpressionStage> Stages { get; init; }

    /// <summary>An expression network's file to go on from, with a new schedule; null to begin from random weights.</summary>
    public string? Start { get; init; }

    /// <summary>The share of train/ that is kept from training, to watch it and to calibrate, above 0, to 0.5.</summary>
    public double HeldOut { get; init; } = 0.05;

    /// <summary>Faces in a step.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>
    /// Into how many parts a step's faces are divided, each worked on by a copy of the network on a thread of its own: two
    /// copies with a thread each are faster than one with two. Batch statistics are those of a part.
    /// </summary>
    public int Copies { get; init; } = 2;

    /// <summary>Learning rate at the peak.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>The share of the steps over which the rate rises.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Label smoothing, in [0, 1).</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Dropout before the last layer, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.3;

    /// <summary>The kept weights are a running mean of the trained ones, in which a step's weights count for 1 minus this.</summary>
    public double Average { get; init; } = 0.998;

    /// <summary>How far pictures are moved and altered.</summary>
    public FaceAugmentation Augmentation { get; init; } = new();

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        Require(Stages.Count > 0, "stages", "none", "at least one");
        foreach (ExpressionStage stage in Stages)
        {
            Require(stage.Epochs > 0, "stages.epochs", stage.Epochs, "at least 1");
            Require(stage.Size is >= 16 and <= 224, "stages.size", stage.Size, "16 to 224");
        }

        Require(HeldOut is > 0 and <= 0.5, "held_out", HeldOut, "above 0, to 0.5");
        Require(Copies > 0, "copies", Copies, "at least 1");
        Require(Batch >= 2 * Copies && Batch % Copies == 0, "batch", Batch, "a multiple of copies, at least twice as many");
        Require(LabelSmoothing is >= 0 and < 1, "label_smoothing", LabelSmoothing, "0 to below 1");
        Require(Dropout is >= 0 and < 1, "dropout", Dropout, "0 to below 1");
        Require(Average is >= 0 and < 1, "average", Average, "0 to below 1");
    }
}

/// <summary>Some epochs at one picture size.</summary>
public sealed record ExpressionStage
{
    /// <summary>Width and height in pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Times that all faces are seen.</summary>
    public required int Epochs { get; init; }
}

/// <summary>How far faces are moved and altered at random; 0 throughout leaves them as they are.</summary>
public sealed record FaceAugmentation
{
    /// <summary>Shift up to this share of the size, each way.</summary>
    public double Shift { get; init; } = 0.08;

    /// <summary>Size changed up to this share, up or down.</summary>
    public double Scale { get; init; } = 0.12;

    /// <summary>Rotation up to so many degrees, each way.</summary>
    public double Rotation { get; init; } = 12;

    /// <summary>Grey values to a power between 1 / (1 + this) and 1 + this.</summary>
    public double Gamma { get; init; } = 0.4;

    /// <summary>The probability that a square of up to a third of the side is covered with grey.</summary>
    public double Cover { get; init; } = 0.4;

    /// <summary>The probability of the mirror image.</summary>
    public double Mirror { get; init; } = 0.5;
}
