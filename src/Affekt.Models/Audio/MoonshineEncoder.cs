using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Audio;

/// <summary>
/// The encoder of Moonshine-tiny (Jeffries et al., 2024): convolutions over raw sound, then pre-norm transformer layers
/// with rotary positions. Tensor names as in the checkpoint, below "model.encoder.". T frames of 24 ms, D = 288.
/// </summary>
public sealed class MoonshineEncoder : Module
{
    /// <summary>Features of a frame's state.</summary>
    public const int Width = 288;

    /// <summary>Layers of the published network.</summary>
    public const int PublishedLayers = 6;

    /// <summary>The shortest sound that fills one frame, in samples at 16 kHz.</summary>
    public const int ShortestSound = 895;

    private const double Epsilon = 1e-5;

    private readonly Convolution _conv1;
    private readonly GroupNorm _groupNorm;
    private readonly Convolution _conv2;
    private readonly Convolution _conv3;
    private readonly MoonshineLayer[] _layers;
    private readonly LayerNorm? _norm;
    private PackedTransformer? _packed;

    /// <summary>A network with random weights, cut off after <paramref name="layers"/> layers.</summary>
    public MoonshineEncoder(int layers)
    {
        _conv1 = Child("conv1", new Convolution(1, Width, [127], stride: [64], bias: false));
        _groupNorm = Child("groupnorm", new GroupNorm(1, Width, Epsilon));
        _conv2 = Child("conv2", new Convolution(Width, 2 * Width, [7], stride: [3]));
        _conv3 = Child("conv3", new Convolution(2 * Width, Width, [3], stride: [2]));
        _layers = [.. Enumerable.Range(0, layers).Select(i => Child($"layers.{i}", new MoonshineLayer()))];
        if (layers == PublishedLayers)
            _norm = Child("layer_norm", new LayerNorm(Width, bias: false));
    }

    /// <summary>Lays the layers' weights out for use in a precision; may be called again for another one.</summary>
    public void Prepare(Precision precision)
    {
        _packed?.Dispose();
        _packed = null;
        if (PackedKernels.StandIn(this, precision))
            return;

        _packed = new PackedTransformer(
            new TransformerParts
            {
                Heads = MoonshineLayer.Heads,
                Epsilon = Epsilon,
                NormFirst = true,
                Rotated = RotaryPositions.Rotated,
                Layers = [.. _layers.Select(layer => layer.Parts)],
            },
            precision);
    }

    /// <summary>The states after each layer, before any final norm.</summary>
    /// <param name="sound">Samples at 16 kHz, [B, n] with n at least <see cref="ShortestSound"/>.</param>
    /// <returns>As many [B, T, D] as there are layers.</returns>
    public Tensor[] Forward(Tensor sound)
    {
        Tensor x_BDT = _groupNorm.Forward(_conv1.Forward(sound.Unsqueeze(1)).Tanh());
        x_BDT = _conv2.Forward(x_BDT).Gelu();
        Tensor x_BTD = _conv3.Forward(x_BDT).Gelu().Transpose(1, 2);
        if (_packed is not null)
        {
            long batch = x_BTD.Shape[0], time = x_BTD.Shape[1];
            (long[] starts, long[] lengths) = PackedTransformer.Sequences(batch, time, null);
            Tensor[] rows = _packed.ForwardEvery(x_BTD.Reshape(batch * time, Width), starts, lengths);
            return [.. rows.Select(state => state.Reshape(batch, time, Width))];
        }

        RotaryPositions positions = RotaryPositions.For(x_BTD.Shape[1]);
        var states = new Tensor[_layers.Length];
        for (int i = 0; i < _layers.Length; i++)
            states[i] = x_BTD = _layers[i].Forward(x_BTD, positions);
        return states;
    }

    /// <summary>The whole network's states, normalised at the end, as a decoder reads them.</summary>
    /// <param name="sound">Samples at 16 kHz, [B, n] with n at least <see cref="ShortestSound"/>.</param>
    /// <returns>[B, T, D].</returns>
    /// <exception cref="InvalidOperationException">The network is cut off.</exception>
    public Tensor Encode(Tensor sound) =>
        (_norm ?? throw new InvalidOperationException("a network that is cut off has no last norm")).Forward(Forward(sound)[^1]);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _packed?.Dispose();
        base.Dispose(disposing);
    }
}

internal sealed class MoonshineLayer : Module
{
    public const int Heads = 8;

    private const int Width = MoonshineEncoder.Width;

    private readonly LayerNorm _inputNorm = new(Width, bias: false);
    private readonly Linear _query = new(Width, Width, bias: false);
    private readonly Linear _key = new(Width, Width, bias: false);
    private readonly Linear _value = new(Width, Width, bias: false);
    private readonly Linear _attentionOutput = new(Width, Width, bias: false);
    private readonly LayerNorm _postAttentionNorm = new(Width, bias: false);
    private readonly Linear _up = new(Width, 4 * Width);
    private readonly Linear _down = new(4 * Width, Width);

    public MoonshineLayer()
    {
        Child("input_layernorm", _inputNorm);
        Child("self_attn.q_proj", _query);
        Child("self_attn.k_proj", _key);
        Child("self_attn.v_proj", _value);
        Child("self_attn.o_proj", _attentionOutput);
        Child("post_attention_layernorm", _postAttentionNorm);
        Child("mlp.fc1", _up);
        Child("mlp.fc2", _down);
    }

    public TransformerLayerParts Parts =>
        new(_query, _key, _value, _attentionOutput, _inputNorm, _up, _down, _postAttentionNorm);

    public Tensor Forward(Tensor x_BTD, RotaryPositions positions)
    {
        Tensor y = _inputNorm.Forward(x_BTD);
        Tensor attended = Attention.Apply(
            positions.Rotate(Split(_query.Forward(y))), positions.Rotate(Split(_key.Forward(y))), Split(_value.Forward(y)));
        x_BTD += _attentionOutput.Forward(attended.Transpose(1, 2).Reshape([.. x_BTD.Shape]));
        return x_BTD + _down.Forward(_up.Forward(_postAttentionNorm.Forward(x_BTD)).Gelu());
    }

    // [B, T, D] to [B, heads, T, D/heads].
    private static Tensor Split(Tensor x) => x.Reshape(x.Shape[0], x.Shape[1], Heads, Width / Heads).Transpose(1, 2);
}
