using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// wav2vec 2.0 (Baevski et al., 2020) with the tensor names of Hugging Face's checkpoints, for use and not for training:
/// nothing is dropped or masked. B sounds, T frames, C channels, D features, V characters.
/// </summary>
public sealed class Wav2Vec2Model : Module
{
    private readonly Wav2Vec2Convolution[] _convolutions;
    private readonly LayerNorm _channelNorm;
    private readonly Linear _projection;
    private readonly Wav2Vec2Positions _positions;
    private readonly LayerNorm _norm;
    private readonly EncoderLayer[] _layers;
    private readonly Linear? _head;
    private PackedConvolutions? _packedConvolutions;
    private PackedTransformer? _packedTransformer;

    /// <summary>A network with random weights.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="head">Whether it has the layer for transcripts that some checkpoints carry.</param>
    public Wav2Vec2Model(Wav2Vec2Config config, bool head)
    {
        Config = config;
        _convolutions =
        [
            .. Enumerable.Range(0, config.ConvDim.Count)
                .Select(i => Child($"feature_extractor.conv_layers.{i}", new Wav2Vec2Convolution(config, i))),
        ];
        _channelNorm = Child("feature_projection.layer_norm", new LayerNorm(config.ConvDim[^1], config.LayerNormEps));
        _projection = Child("feature_projection.projection", new Linear(config.ConvDim[^1], config.HiddenSize));
        _positions = Child("encoder.pos_conv_embed.conv", new Wav2Vec2Positions(config));
        _norm = Child("encoder.layer_norm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
        _layers =
        [
            .. Enumerable.Range(0, config.NumHiddenLayers)
                .Select(i => Child($"encoder.layers.{i}", new EncoderLayer(Wav2Vec2Graph.Layers(config)))),
        ];
        if (head)
            _head = Child("lm_head", new Linear(config.HiddenSize, config.VocabSize));
    }

    /// <summary>The sizes.</summary>
    public Wav2Vec2Config Config { get; }

    /// <summary>Whether there is a layer for transcripts.</summary>
    public bool HasHead => _head is not null;

    /// <summary>
    /// Loads a folder in Hugging Face's layout, frozen. Names may begin with "wav2vec2.", and the weight norm's may be those of before and
    /// since PyTorch 2.0.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="head">Whether to take the layer for transcripts, where the file has one.</param>
    /// <param name="unused">Stored tensors that the network has no place for, in its names, sorted.</param>
    /// <param name="family">wav2vec2 or hubert; names may begin with it.</param>
    /// <exception cref="ModelException">A file is missing, or the configuration is not of that family.</exception>
    /// <exception cref="Onnx.StateFiles.StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static Wav2Vec2Model Load(string folder, bool head, out IReadOnlyList<string> unused, string family = Wav2Vec2Config.Architecture)
    {
        Wav2Vec2Config config = Wav2Vec2Config.Load(Path.Combine(folder, "config.json"), family);
        Wav2Vec2Model network = PublishedNetwork.Load(
            folder,
            file => new Wav2Vec2Model(config, head && file.Tensors.Keys.Any(name => Wav2Vec2Weights.Rename(family, name) == Wav2Vec2Weights.HeadWeight)),
            name => Wav2Vec2Weights.Rename(family, name), out unused);
        network.RequireGrad(false);
        return network;
    }

    /// <summary>
    /// Lays the weights out for use in a precision; may be called again for another one.
    /// </summary>
    /// <param name="precision">The arithmetic of the large products; int8 leaves the convolutions in bfloat16.</param>
    /// <param name="keepWeights">
    /// Whether the weights stay beside, for another precision. Without them this is for good.
    /// </param>
    public void Prepare(Precision precision, bool keepWeights = true)
    {
        ReleasePacked();
        if (PackedKernels.PrepareWithoutKernels(this, precision.ToTorch()))
            return;

        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        _packedConvolutions = new PackedConvolutions(
            [.. _convolutions.Select(convolution => convolution.Parts)], _convolutions[0].SoundNorm,
            EncoderLayer.ActivationOf(Config.FeatExtractActivation), Wav2Vec2Convolution.Epsilon, precision.ToTorch());
        _packedTransformer = new PackedTransformer(
            new TransformerWeights
            {
                Heads = Config.NumAttentionHeads,
                Epsilon = Config.LayerNormEps,
                NormFirst = Config.DoStableLayerNorm,
                Activation = EncoderLayer.ActivationOf(Config.HiddenAct),
                Layers = [.. _layers.Select(layer => layer.Weights)],
                Input = (_channelNorm, _projection),
                Positions = _positions.Parts,
                Norm = _norm,
            },
            precision.ToTorch());
        if (keepWeights)
            return;
        foreach (Module part in (Module[])[.. _convolutions, _positions, .. _layers])
            part.ReleaseParameters();
        TorchRuntime.GiveBackMemory();
    }

    /// <summary>
    /// The last layer's states of each sound. A sound's result does not depend on the others: padding is added at the end
    /// the convolutions only, because their norm over time would see it, and the transformer is told where it is.
    /// </summary>
    /// <param name="sounds">
    /// At 16 kHz and scaled as the network was trained, each at least <see cref="Wav2Vec2Config.ShortestSound"/> long.
    /// </param>
    /// <returns>For each sound its [T, D], on the network's device.</returns>
    public Tensor[] States(IReadOnlyList<float[]> sounds)
    {
        if (sounds.Count == 0)
            return [];
        Device device = Device;
        Tensor[] parts = [.. sounds.Select(sound => Extract(Tensor.From<float>(sound, 1, sound.Length).To(device)))];
        long longest = parts.Max(part => part.Shape[1]);
        float[] mask = new float[parts.Length * longest];
        for (int row = 0; row < parts.Length; row++)
            mask.AsSpan(row * (int)longest, (int)parts[row].Shape[1]).Fill(1);

        Tensor features_BTC = Tensor.Concat([.. parts.Select(part => Padded(part, longest))], 0);
        Tensor states_BTD = Forward(features_BTC, Tensor.From<float>(mask, parts.Length, longest).To(device));
        return [.. parts.Select((part, row) => states_BTD.Select(0, row).Narrow(0, 0, part.Shape[1]))];
    }

    /// <summary>The convolutions over sounds of one length: samples [B, n] to [B, T, C].</summary>
    public Tensor Extract(Tensor sounds)
    {
        if (_packedConvolutions is not null)
        {
            return Tensor.Stack(
                [.. Enumerable.Range(0, (int)sounds.Shape[0]).Select(row => _packedConvolutions.Forward(sounds.Select(0, row)))], 0);
        }

        Tensor x_BCT = sounds.Unsqueeze(1);
        foreach (Wav2Vec2Convolution convolution in _convolutions)
        {
            // One at a time: half a minute fills hundreds of megabytes in each.
            using TensorScope scope = new();
            x_BCT = scope.Keep(convolution.Forward(x_BCT));
        }

        return x_BCT.Transpose(1, 2);
    }

    /// <summary>The transformer over what <see cref="Extract"/> gives.</summary>
    /// <param name="features">[B, T, C].</param>
    /// <param name="mask">1 for a frame, 0 for padding after it, [B, T], Float32; null where there is no padding.</param>
    /// <returns>The last layer's states [B, T, D]; those of padding hold nothing of use.</returns>
    public Tensor Forward(Tensor features, Tensor? mask = null)
    {
        if (_packedTransformer is not null)
        {
            long batch = features.Shape[0], time = features.Shape[1];
            (long[] starts, long[] lengths) = PackedTransformer.Sequences(batch, time, mask);
            return _packedTransformer.Forward(features.Reshape(batch * time, features.Shape[2]), starts, lengths)
                .Reshape(batch, time, Config.HiddenSize);
        }

        Tensor x_BTD = _projection.Forward(_channelNorm.Forward(features));
        Tensor? scoreMask = null;
        if (mask is not null)
        {
            // The convolution over positions reads across the end, where a sound alone has zeros. Attention gives
            // padding a score so low that its weight is 0 in single precision.
            x_BTD *= mask.Unsqueeze(2);
            scoreMask = ((mask + -1) * 1e30).Reshape(mask.Shape[0], 1, 1, mask.Shape[1]);
        }

        x_BTD += _positions.Forward(x_BTD);
        if (!Config.DoStableLayerNorm)
            x_BTD = _norm.Forward(x_BTD);
        foreach (EncoderLayer layer in _layers)
        {
            using TensorScope scope = new();
            x_BTD = scope.Keep(layer.Forward(x_BTD, scoreMask));
        }

        return Config.DoStableLayerNorm ? _norm.Forward(x_BTD) : x_BTD;
    }

    /// <summary>The scores of characters and blank for each frame, before softmax: states [.., D] to [.., V].</summary>
    /// <exception cref="InvalidOperationException">The network was made without the layer for transcripts.</exception>
    public Tensor Logits(Tensor states) => _head is null
        ? throw new InvalidOperationException("this wav2vec 2.0 has no layer for transcripts")
        : _head.Forward(states);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        ReleasePacked();
        base.Dispose(disposing);
    }

    private void ReleasePacked()
    {
        _packedConvolutions?.Dispose();
        _packedTransformer?.Dispose();
        (_packedConvolutions, _packedTransformer) = (null, null);
    }

    private static Tensor Padded(Tensor features, long frames) => features.Shape[1] == frames
        ? features
        : Tensor.Concat([features, Tensor.Zeros(1, frames - features.Shape[1], features.Shape[2]).To(features.Device)], 1);
}
