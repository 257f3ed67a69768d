using Affekt.Models.Bundles;

namespace Affekt.Training.Recipes;

/// <summary>
/// Trains the audio-text branch on a corpus whose utterances have text and sound, from the features that frozen encoders
/// made of them (affekt prepare). Defaults are the paper's: AdamW at 5e-5, LSTM 512, dropout 0.3. Writes a bundle for each seed.
/// </summary>
public sealed record AudioTextFrozenRecipe : FrozenRecipe
{
    /// <summary>The bundle's name.</summary>
    public required string Name { get; init; }

    /// <summary>The bundle's version.</summary>
    public required string Version { get; init; }

    /// <summary>The audio encoder, as the bundle will name it; its folder is relative to the recipe.</summary>
    public required AudioEncoderPart AudioEncoder { get; init; }

    /// <summary>Dialogues in a step.</summary>
    public int Dialogues { get; init; } = 16;

    /// <summary>The probability that an utterance which has both loses its text, and that it loses its sound.</summary>
    public double ModalityDropout { get; init; }

    /// <summary>The probability that a dialogue's speakers are hidden.</summary>
    public double SpeakerDropout { get; init; }

    /// <summary>Features of the LSTM's state.</summary>
    public int LstmWidth { get; init; } = 512;

    /// <summary>Features of the layer after the LSTM.</summary>
    public int HeadWidth { get; init; } = 512;

    /// <summary>Features that the metadata are projected to.</summary>
    public int MetadataWidth { get; init; } = 256;

    /// <summary>Dropout on what goes into the LSTM, in [0, 1).</summary>
    public double InputDropout { get; init; }

    /// <summary>Whether each modality also has a linear layer of its own to the logits. The paper has none.</summary>
    public bool DirectLogits { get; init; }

    /// <summary>
    /// AdamW's learning rate at the peak for the weights of an encoder's layers, where they are "learned": one number for each layer, whose softmax
    /// the weights are.
    /// </summary>
    public double LayerLearningRate { get; init; } = 1e-2;

    private protected override bool LearnsLayers => true;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireEncoder(AudioEncoder);
        RequireCount(Dialogues, "dialogues");
        RequireShare(ModalityDropout, "modality_dropout");
        RequireShare(SpeakerDropout, "speaker_dropout");
        RequireCount(LstmWidth, "lstm_width");
        RequireCount(HeadWidth, "head_width");
        RequireCount(MetadataWidth, "metadata_width");
        RequireShare(InputDropout, "input_dropout", below1: true);
        RequirePositive(LayerLearningRate, "layer_learning_rate");
    }
}
