namespace Affekt.Models.Branches;

/// <summary>The sizes of a video branch. What the encoders and the corpus give is required; the rest has the paper's values.</summary>
public sealed record VideoConfig
{
    /// <summary>Features of a frame, from the frame encoder.</summary>
    public required int FrameWidth { get; init; }

    /// <summary>Features of a token's state, from the text encoder; not read where <see cref="TextWidth"/> is 0.</summary>
    public required int TokenWidth { get; init; }

    /// <summary>
    /// Values that each category of the metadata can take, with index 0 for unknown; none for a branch that reads no metadata.
    /// </summary>
    public required IReadOnlyList<int> MetadataSizes { get; init; }

    /// <summary>
    /// Features inside the transformer; a multiple of <see cref="Heads"/>, and even. Frames of another width pass a linear
    /// layer first.
    /// </summary>
    public int ModelWidth { get; init; } = 512;

    /// <summary>Blocks of the transformer; 0 leaves the mean of the frames.</summary>
    public int Blocks { get; init; } = 4;

    /// <summary>
    /// Whether frames carry their positions. Without blocks nothing makes use of them, and where frames are missing they disturb the
    /// mean.
    /// </summary>
    public bool Positions { get; init; } = true;

    /// <summary>Heads of each block's attention.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Features inside each block's feed-forward part.</summary>
    public int FeedForwardWidth { get; init; } = 2048;

    /// <summary>Features that the text is attended to; 0 for a branch that reads no text.</summary>
    public int TextWidth { get; init; } = 128;

    /// <summary>Features of each category's embedding.</summary>
    public int MetadataEmbeddingWidth { get; init; } = 32;

    /// <summary>Features that the metadata are projected to.</summary>
    public int MetadataWidth { get; init; } = 128;

    /// <summary>Labels that it answers with, 2 or more, and dimensions that it estimates. Default: the seven emotions.</summary>
    public int Outputs { get; init; } = Emotions.Count;

    /// <summary>Features of the layer before the logits.</summary>
    public int HeadWidth { get; init; } = 256;

    /// <summary>Dropout before the logits while training, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.3;

    /// <summary>Dropout inside the blocks while training, in [0, 1); 0.1 as in Vaswani et al., 2017.</summary>
    public double BlockDropout { get; init; } = 0.1;

    /// <summary>Whether there is a text part: a branch trained on pictures without words has none.</summary>
    internal bool ReadsText => TextWidth > 0;

    /// <summary>Whether there is a metadata part.</summary>
    internal bool ReadsMetadata => MetadataSizes.Count > 0;

    /// <summary>Refuses sizes that no network can have.</summary>
    /// <param name="file">The file that they stand in, for messages.</param>
    /// <param name="field">Where in it.</param>
    /// <exception cref="ModelException">A size is out of range, or the heads do not divide the width.</exception>
    internal void Check(string file, string field)
    {
        const int Largest = 1 << 16;
        (string Name, int Size, int Least)[] sizes =
        [
            ("frame_width", FrameWidth, 1), ("token_width", TokenWidth, ReadsText ? 1 : 0), ("model_width", ModelWidth, 2),
            ("blocks", Blocks, 0), ("heads", Heads, 1), ("feed_forward_width", FeedForwardWidth, 1), ("text_width", TextWidth, 0),
            ("metadata_embedding_width", MetadataEmbeddingWidth, ReadsMetadata ? 1 : 0),
            ("metadata_width", MetadataWidth, ReadsMetadata ? 1 : 0), ("head_width", HeadWidth, 1), ("outputs", Outputs, 2),
        ];
        foreach ((string name, int size, int least) in sizes)
        {
            if (size < least || size > Largest)
                throw new ModelException(file, $"{field}.{name}", $"{size}", $"{least} to {Largest}");
        }

        if (ModelWidth % 2 != 0 || ModelWidth % Heads != 0)
            throw new ModelException(file, $"{field}.model_width", $"{ModelWidth}", $"an even multiple of {Heads}, the heads");
    }
}
