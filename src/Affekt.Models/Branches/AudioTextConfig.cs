namespace Affekt.Models.Branches;

/// <summary>The sizes of an audio-text branch. What the encoders and the corpus give is required; the rest has defaults.</summary>
public sealed record AudioTextConfig
{
    /// <summary>Features of an utterance's text, from the text encoder.</summary>
    public required int TextWidth { get; init; }

    /// <summary>Features of an utterance's sound, from the audio encoder.</summary>
    public required int AudioWidth { get; init; }

    /// <summary>Values that each category of the metadata can take, with index 0 for unknown.</summary>
    public required IReadOnlyList<int> MetadataSizes { get; init; }

    /// <summary>Labels that it answers with, 2 or more, and dimensions that it estimates. Default: the seven emotions.</summary>
    public int Outputs { get; init; } = Emotions.Count;

    /// <summary>Features of each category's embedding.</summary>
    public int MetadataEmbeddingWidth { get; init; } = 32;

    /// <summary>Features that the metadata are projected to.</summary>
    public int MetadataWidth { get; init; } = 256;

    /// <summary>Features of the LSTM's state.</summary>
    public int LstmWidth { get; init; } = 512;

    /// <summary>Features of the layer after the LSTM.</summary>
    public int HeadWidth { get; init; } = 512;

    /// <summary>Dropout after the LSTM while training, in [0, 1).</summary>
    public double Dropout { get; init; } = 0.3;

    /// <summary>Dropout on what goes into the LSTM while training, in [0, 1).</summary>
    public double InputDropout { get; init; }

    /// <summary>
    /// Whether each modality also has a linear layer of its own, straight to the logits, to which what the LSTM finds is
    /// added (from zero at the start). The logits of a modality that is missing are left out. The paper-grade
    /// configuration has none; docs/decisions says what they are worth.
    /// </summary>
    public bool DirectLogits { get; init; }

    /// <summary>Dropout on the features that the audio's direct layer reads while training, in [0, 1).</summary>
    public double DirectAudioDropout { get; init; }
}
