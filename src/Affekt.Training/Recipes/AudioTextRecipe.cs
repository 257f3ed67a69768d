using Affekt.Training.AudioText;

namespace Affekt.Training.Recipes;

/// <summary>
/// Trains the audio-text branch: text with history from MELD's dialogues, sound from RAVDESS, and pairs of both made by
/// label, since no corpus here has both. Writes a bundle for each seed.
/// </summary>
public sealed record AudioTextRecipe : Recipe
{
    /// <summary>The bundle's name.</summary>
    public required string Name { get; init; }

    /// <summary>The bundle's version.</summary>
    public required string Version { get; init; }

    /// <summary>The text encoder's folder, in Hugging Face's layout; its head.safetensors starts the direct text layer.</summary>
    public required string TextEncoder { get; init; }

    /// <summary>The folder of MELD's three CSV files. Its dev split chooses the epoch.</summary>
    public required string Meld { get; init; }

    /// <summary>The folder of RAVDESS speech.</summary>
    public required string Ravdess { get; init; }

    /// <summary>The folder of TESS: sound of another corpus, on which trust in sound is fitted and nothing is trained.</summary>
    public required string Tess { get; init; }

    /// <summary>Where audio features are kept between runs.</summary>
    public required string Features { get; init; }

    /// <summary>Whether the text encoder is trained along; else it is frozen and its features are computed once.</summary>
    public bool TrainTextEncoder { get; init; }

    /// <summary>Tokens that are read of a text.</summary>
    public int MaxTokens { get; init; } = 96;

    /// <summary>Times that all dialogues are seen.</summary>
    public int Epochs { get; init; } = 4;

    /// <summary>
    /// A seed's training ends once the dev score has not risen for so many epochs; null (the default) never.
    /// </summary>
    public int? Patience { get; init; }

    /// <summary>Dialogues in a step.</summary>
    public int Dialogues { get; init; } = 4;

    /// <summary>Sounds without text in a step.</summary>
    public int Sounds { get; init; } = 64;

    /// <summary>The share of dialogues that get sounds of the same labels, in [0, 1].</summary>
    public double PairShare { get; init; } = 0.25;

    /// <summary>In a paired dialogue, the probability that an utterance loses its text, and that it loses its sound.</summary>
    public double ModalityDropout { get; init; } = 0.3;

    /// <summary>The probability that a dialogue's speakers are hidden.</summary>
    public double SpeakerDropout { get; init; } = 0.3;

    /// <summary>Learning rate of the text encoder and the direct text layer at the peak.</summary>
    public double TextLearningRate { get; init; } = 3e-5;

    /// <summary>Learning rate of the rest at the peak.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The share of the steps over which the rates rise.</summary>
    public double Warmup { get; init; } = 0.1;

    /// <summary>Label smoothing for texts.</summary>
    public double LabelSmoothing { get; init; } = 0.05;

    /// <summary>Label smoothing for sounds.</summary>
    public double SoundLabelSmoothing { get; init; } = 0.1;

    /// <summary>MELD's classes weigh (n / (7 n_c)) to this power; RAVDESS's always count the same.</summary>
    public double ClassWeightExponent { get; init; } = 0.5;

    /// <summary>Gradients are scaled down to this length.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Features of the LSTM's state.</summary>
    public int LstmWidth { get; init; } = 256;

    /// <summary>Features of the layer after the LSTM.</summary>
    public int HeadWidth { get; init; } = 256;

    /// <summary>Dropout on what goes into the LSTM.</summary>
    public double InputDropout { get; init; } = 0.3;

    /// <summary>Dropout after the LSTM, and on the direct text layer's features.</summary>
    public double Dropout { get; init; } = 0.3;

    /// <summary>Dropout on the direct audio layer's features.</summary>
    public double DirectAudioDropout { get; init; } = 0.5;

    /// <summary>Altered copies of each training sound besides the clean one: noise, speed, speed+noise, noise-2 ...</summary>
    public IReadOnlyList<string> Copies { get; init; } = ["noise", "speed", "speed+noise", "speed-2", "speed+noise-2"];

    /// <summary>On dev, answers are withheld so that at most this share of the rest is wrong.</summary>
    public double AbstainRisk { get; init; } = 0.3;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        RequireCount(Epochs, "epochs");
        Require(Patience is null or > 0, "patience", $"{Patience}", "null or at least 1");
        RequireCount(Dialogues, "dialogues");
        RequireCount(Sounds, "sounds");
        RequireCount(LstmWidth, "lstm_width");
        RequireCount(HeadWidth, "head_width");
        Require(MaxTokens is >= 3 and <= 512, "max_tokens", MaxTokens, "3 to 512");
        RequireShare(PairShare, "pair_share");
        RequireShare(ModalityDropout, "modality_dropout");
        RequireShare(SpeakerDropout, "speaker_dropout");
        RequirePositive(TextLearningRate, "text_learning_rate");
        RequirePositive(LearningRate, "learning_rate");
        RequireNotNegative(WeightDecay, "weight_decay");
        RequireShare(Warmup, "warmup");
        RequireShare(LabelSmoothing, "label_smoothing", below1: true);
        RequireShare(SoundLabelSmoothing, "sound_label_smoothing", below1: true);
        RequireNotNegative(ClassWeightExponent, "class_weight_exponent");
        RequirePositive(ClipNorm, "clip_norm");
        RequireShare(InputDropout, "input_dropout", below1: true);
        RequireShare(Dropout, "dropout", below1: true);
        RequireShare(DirectAudioDropout, "direct_audio_dropout", below1: true);
        RequireShare(AbstainRisk, "abstain_risk");
        Require(
            Copies.All(SoundCopies.IsKnown), "copies", string.Join(", ", Copies), "noise, speed or speed+noise, each with -2, -3 ... for more");
    }
}
