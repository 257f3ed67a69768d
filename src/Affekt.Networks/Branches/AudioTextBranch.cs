using Affekt.Models.Branches;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>What the audio-text branch reads of B dialogues of T utterances each.</summary>
/// <param name="Text">[B, T, text width]; anything where the text is missing.</param>
/// <param name="HasText">1 where there is text, else 0, [B, T, 1].</param>
/// <param name="Audio">[B, T, audio width]; anything where the sound is missing.</param>
/// <param name="HasAudio">1 where there is sound, else 0, [B, T, 1].</param>
/// <param name="Metadata">Category indexes [B, T, categories], Int64.</param>
public sealed record AudioTextInput(Tensor Text, Tensor HasText, Tensor Audio, Tensor HasAudio, Tensor Metadata)
{
    /// <summary>The same on a device.</summary>
    public AudioTextInput To(Device device) =>
        new(Text.To(device), HasText.To(device), Audio.To(device), HasAudio.To(device), Metadata.To(device));
}

/// <summary>
/// The audio-text branch: [text; audio; metadata] -> causal LSTM over the dialogue -> dropout -> linear -> ReLU -> linear
/// -> 7 logits. A modality that is missing is replaced by a learned vector.
/// </summary>
public sealed class AudioTextBranch : Module
{
    // Standardized features beyond this are taken to be faults of the recording.
    private const double LargestDeviation = 5;

    private const string Mixtures = "layers.";

    private readonly Tensor _missingText;
    private readonly Tensor _missingAudio;
    private readonly Tensor _audioMean;
    private readonly Tensor _audioDeviation;
    private readonly Tensor _audioTrust;
    private readonly Embedding[] _categories;
    private readonly Linear _metadata;
    private readonly Lstm _lstm;
    private readonly Linear _hidden;
    private readonly Linear _output;
    private readonly Linear? _directAudio;
    private readonly Dropout _dropout;
    private readonly Dropout _inputDropout;
    private readonly Dropout _directAudioDropout;

    /// <summary>A branch with random weights.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="textLayers">Layers of the text encoder whose states come in side by side, to learn what each counts; 1 for one vector.</param>
    /// <param name="audioLayers">Layers of the audio encoder, likewise.</param>
    public AudioTextBranch(AudioTextConfig config, int textLayers = 1, int audioLayers = 1)
    {
        Config = config;
        TextLayers = textLayers == 1 ? null : Child(Mixtures + "text", new LayerMixture(textLayers, config.TextWidth));
        AudioLayers = audioLayers == 1 ? null : Child(Mixtures + "audio", new LayerMixture(audioLayers, config.AudioWidth));
        _missingText = Parameter("missing_text", Tensor.Zeros(config.TextWidth));
        _missingAudio = Parameter("missing_audio", Tensor.Zeros(config.AudioWidth));
        _audioMean = Buffer("audio_mean", Tensor.Zeros(config.AudioWidth));
        _audioDeviation = Buffer("audio_deviation", Tensor.Full(1, config.AudioWidth));
        _audioTrust = Buffer("audio_trust", Tensor.Full(1, 1));
        _categories =
        [
            .. config.MetadataSizes.Select((size, i) =>
                Child($"metadata.categories.{i}", new Embedding(size, config.MetadataEmbeddingWidth))),
        ];
        _metadata = Child(
            "metadata.projection",
            new Linear(config.MetadataSizes.Count * config.MetadataEmbeddingWidth, config.MetadataWidth));
        _lstm = Child("lstm", new Lstm(config.TextWidth + config.AudioWidth + config.MetadataWidth, config.LstmWidth));
        _hidden = Child("head.hidden", new Linear(config.LstmWidth, config.HeadWidth));
        _output = Child("head.output", new Linear(config.HeadWidth, config.Outputs));
        if (config.DirectLogits)
        {
            DirectText = Child("direct_text", new Linear(config.TextWidth, config.Outputs));
            _directAudio = Child("direct_audio", new Linear(config.AudioWidth, config.Outputs));

            // Training starts from what each modality says by itself.
            using GradMode noGrad = GradMode.NoGrad();
            _output.Weight.Fill(0);
            _output.Bias!.Fill(0);
        }

        _dropout = Child("dropout", new Dropout(config.Dropout));
        _inputDropout = Child("input_dropout", new Dropout(config.InputDropout));
        _directAudioDropout = Child("direct_audio_dropout", new Dropout(config.DirectAudioDropout));
    }

    /// <summary>The sizes.</summary>
    public AudioTextConfig Config { get; }

    /// <summary>What the text encoder's layers count, where that is learned.</summary>
    public LayerMixture? TextLayers { get; }

    /// <summary>What the audio encoder's layers count, where that is learned.</summary>
    public LayerMixture? AudioLayers { get; }

    /// <summary>The text's own layer to the logits; null where the configuration has none.</summary>
    public Linear? DirectText { get; }

    /// <summary>
    /// How far the audio's own logits count beside text, in [0, 1]; alone they count fully. It is fitted on sound of a
    /// corpus that the branch was not trained on.
    /// </summary>
    public double AudioTrust
    {
        get => _audioTrust.Item();
        set => _audioTrust.Fill(value);
    }

    /// <summary>Whether a parameter is one of <see cref="TextLayers"/> or <see cref="AudioLayers"/>.</summary>
    public static bool IsOfLayers(string parameter) => parameter.StartsWith(Mixtures, StringComparison.Ordinal);

    /// <summary>The same branch on vectors that layers have been summed to, with the weights that were learned.</summary>
    public AudioTextBranch WithoutLayers()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        AudioTextBranch branch = new(Config);
        branch.LoadState(State().ToDictionary(entry => entry.Name, entry => entry.Tensor), nameof(AudioTextBranch));
        if (AudioLayers is not null)
        {
            (Tensor mean, Tensor deviation) = AudioLayers.Statistics();
            branch._audioMean.CopyFrom(mean);
            branch._audioDeviation.CopyFrom(deviation);
        }

        return branch;
    }

    /// <summary>Nothing remembered, for B dialogues that start.</summary>
    public LstmState Start(long dialogues) => _lstm.ZeroState(dialogues);

    /// <summary>Sets what audio features are standardized with.</summary>
    /// <param name="mean">[audio width].</param>
    /// <param name="deviation">[audio width], all above 0.</param>
    public void SetAudioStatistics(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        using TensorScope scope = new();
        _audioMean.CopyFrom(Tensor.From(mean, mean.Length));
        _audioDeviation.CopyFrom(Tensor.From(deviation, deviation.Length));
    }

    /// <summary>Logits [B, T, 7], each of an utterance and what came before it, and the memory after the last.</summary>
    public (Tensor Logits, LstmState State) Forward(AudioTextInput input, LstmState state)
    {
        (Tensor mean, Tensor deviation) = AudioLayers?.Statistics() ?? (_audioMean, _audioDeviation);
        Tensor text_BTD = MissingInputs.ZeroMissing(TextLayers?.Forward(input.Text) ?? input.Text, input.HasText);
        Tensor audio_BTA = ((MissingInputs.ZeroMissing(AudioLayers?.Forward(input.Audio) ?? input.Audio, input.HasAudio) - mean) / deviation)
            .Clamp(-LargestDeviation, LargestDeviation);
        Tensor joined = Tensor.Concat(
            [
                MissingInputs.FillMissing(text_BTD, input.HasText, _missingText), MissingInputs.FillMissing(audio_BTA, input.HasAudio, _missingAudio),
                Metadata(input.Metadata),
            ],
            2);
        (Tensor memory_BTH, LstmState after) = _lstm.Forward(_inputDropout.Forward(joined), state);
        Tensor logits = _output.Forward(_hidden.Forward(_dropout.Forward(memory_BTH)).Relu());
        if (DirectText is not null && _directAudio is not null)
        {
            Tensor trust = (input.HasText * (_audioTrust + -1)) + 1;
            logits = logits
                + (DirectText.Forward(_dropout.Forward(text_BTD)) * input.HasText)
                + (_directAudio.Forward(_directAudioDropout.Forward(audio_BTA)) * input.HasAudio * trust);
        }

        return (logits, after);
    }

    private Tensor Metadata(Tensor indexes)
    {
        Tensor[] embedded = [.. _categories.Select((table, i) => table.Forward(indexes.Select(2, i)))];
        return _metadata.Forward(Tensor.Concat(embedded, 2));
    }
}
