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

    /// <summary>
    /// Faces are mixed in pairs, and so is what they are to be taken for, in shares from a symmetric Beta distribution with this
    /// parameter; 0 mixes none.
    /// </summary>
    public double Mixing { get; init; }

    /// <summary>What a face is to be taken for: its label alone, or votes and a teacher beside it.</summary>
    public FaceTargetShares Targets { get; init; } = new();

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
        RequireNotNegative(Mixing, "mixing");
        RequireShare(Targets.Votes, "targets.votes");
        RequireShare(Targets.Teacher, "targets.teacher");
        Require(Targets.Teacher == 0 || Start is not null, "targets.teacher", Targets.Teacher, "0 without a network to start from");
        Augmentation.Check(Require);
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

    /// <summary>Gray values to a power between 1 / (1 + this) and 1 + this.</summary>
    public double Gamma { get; init; } = 0.4;

    /// <summary>The probability that a square of up to a third of the side is covered with gray.</summary>
    public double Cover { get; init; } = 0.4;

    /// <summary>The probability of the mirror image.</summary>
    public double Mirror { get; init; } = 0.5;

    /// <summary>Width against height changed up to this share, up or down: a head that is turned.</summary>
    public double Stretch { get; init; }

    /// <summary>The probability that a mouth is opened, as one that speaks.</summary>
    public double Mouth { get; init; }

    /// <summary>The probability of each of the disturbances that follow.</summary>
    public double Disturb { get; init; }

    /// <summary>Light falls off to one side by up to this share, in [0, 1).</summary>
    public double Shade { get; init; } = 0.8;

    /// <summary>A Gaussian's blur, its deviation up to this share of the size.</summary>
    public double Blur { get; init; } = 0.03;

    /// <summary>Made smaller, down to this share of the size, and large again; in (0, 1].</summary>
    public double LeastResolution { get; init; } = 0.4;

    /// <summary>Made darker, down to this share of the light, in whole gray values; in (0, 1].</summary>
    public double LeastLight { get; init; } = 0.15;

    /// <summary>Noise, its deviation up to so many gray values.</summary>
    public double Noise { get; init; } = 12;

    /// <summary>Compression up to this multiple of JPEG's table: 1 is its quality 50, 2.5 its quality 20.</summary>
    public double Compress { get; init; } = 2.5;

    /// <summary>Checks what would otherwise end in nonsense; <paramref name="require"/> as a recipe's, <paramref name="field"/> where it stands.</summary>
    internal void Check(Action<bool, string, object, string> require, string field = "augmentation")
    {
        require(Stretch is >= 0 and < 1, $"{field}.stretch", Stretch, "0 to below 1");
        require(Mouth is >= 0 and <= 1, $"{field}.mouth", Mouth, "0 to 1");
        require(Disturb is >= 0 and <= 1, $"{field}.disturb", Disturb, "0 to 1");
        require(Shade is >= 0 and < 1, $"{field}.shade", Shade, "0 to below 1");
        require(Blur is >= 0 and <= 0.25, $"{field}.blur", Blur, "0 to 0.25");
        require(LeastResolution is > 0 and <= 1, $"{field}.least_resolution", LeastResolution, "above 0, to 1");
        require(LeastLight is > 0 and <= 1, $"{field}.least_light", LeastLight, "above 0, to 1");
        require(Noise is >= 0 and <= 128, $"{field}.noise", Noise, "0 to 128");
        require(Compress is >= 0 and <= 20, $"{field}.compress", Compress, "0 to 20");
    }
}
