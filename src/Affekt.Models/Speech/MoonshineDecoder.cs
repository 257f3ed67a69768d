using Affekt.Models.Audio;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Speech;

/// <summary>
/// The decoder of Moonshine-tiny (Jeffries et al., 2024): pre-norm transformer layers over tokens, with rotary positions,
/// that look at the encoder's states; the output layer is the embedding. Tensor names as in the checkpoint, below
/// "model.decoder.". S frames, D = 288; the batch is one utterance.
/// </summary>
internal sealed class MoonshineDecoder : Module
{
    public const int Layers = 6;
    public const int Tokens = 32_768;
    public const int Width = MoonshineEncoder.Width;

    private readonly Embedding _embedding;
    private readonly DecoderLayer[] _layers;
    private readonly LayerNorm _norm;

    public MoonshineDecoder()
    {
        _embedding = Child("embed_tokens", new Embedding(Tokens, Width));
        _layers = [.. Enumerable.Range(0, Layers).Select(i => Child($"layers.{i}", new DecoderLayer()))];
        _norm = Child("norm", new LayerNorm(Width, bias: false));
    }

    /// <summary>What one utterance's tokens look at: made once of the encoder's states [1, S, D].</summary>
    public DecoderMemory Start(Tensor encoded_BSD, int mostTokens) => new(
        [.. _layers.Select(layer => layer.Look(encoded_BSD))], RotaryPositions.For(mostTokens));

    /// <summary>The next token, and those before it, to logits [32768].</summary>
    public Tensor Step(long token, DecoderMemory memory)
    {
        using TensorScope step = new();
        Tensor x_BTD = _embedding.Forward(Tensor.From<long>([token], 1, 1));
        RotaryPositions position = memory.NextPosition();
        for (int i = 0; i < _layers.Length; i++)
            x_BTD = _layers[i].Forward(x_BTD, position, memory.Layers[i]);
        return step.Keep(_norm.Forward(x_BTD).Linear(_embedding.Weight, null).Reshape(Tokens));
    }
}

/// <summary>What the decoder keeps from token to token of one utterance.</summary>
internal sealed class DecoderMemory(LayerMemory[] layers, RotaryPositions positions) : IDisposable
{
    private int _next;

    public LayerMemory[] Layers { get; } = layers;

    public RotaryPositions NextPosition()
    {
        RotaryPositions next = new(positions.Cosine.Narrow(0, _next, 1), positions.Sine.Narrow(0, _next, 1));
        _next++;
        return next;
    }

    public void Dispose()
    {
        foreach (LayerMemory layer in Layers)
            layer.Dispose();
    }
}

/// <summary>Keys and values of one layer, [1, heads, T or S, d]: of the tokens so far, and of the encoder's states.</summary>
internal sealed class LayerMemory(Tensor soundKeys, Tensor soundValues) : IDisposable
{
    private Tensor? _keys;
    private Tensor? _values;

    public Tensor SoundKeys { get; } = soundKeys;

    public Tensor SoundValues { get; } = soundValues;

    public (Tensor Keys, Tensor Values) Add(Tensor key, Tensor value)
    {
        _keys = Joined(_keys, key);
        _values = Joined(_values, value);
        return (_keys, _values);
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _values?.Dispose();
    }

    private static Tensor Joined(Tensor? before, Tensor next)
    {
        using (before)
            return TensorScope.Detached(before is null ? next.Clone() : Tensor.Concat([before, next], 2));
    }
}

internal sealed class DecoderLayer : Module
{
    private const int Width = MoonshineDecoder.Width;
    private const int Heads = 8;
    private const int Hidden = 4 * Width;

    private readonly LayerNorm _inputNorm = new(Width, bias: false);
    private readonly LayerNorm _postAttentionNorm = new(Width, bias: false);
    private readonly LayerNorm _finalNorm = new(Width, bias: false);
    private readonly Linear[] _self = Projections();
    private readonly Linear[] _cross = Projections();
    private readonly Linear _up = new(Width, 2 * Hidden);
    private readonly Linear _down = new(Hidden, Width);

    public DecoderLayer()
    {
        Child("input_layernorm", _inputNorm);
        Child("post_attention_layernorm", _postAttentionNorm);
        Child("final_layernorm", _finalNorm);
        string[] names = ["q_proj", "k_proj", "v_proj", "o_proj"];
        for (int i = 0; i < names.Length; i++)
        {
            Child($"self_attn.{names[i]}", _self[i]);
            Child($"encoder_attn.{names[i]}", _cross[i]);
        }

        Child("mlp.fc1", _up);
        Child("mlp.fc2", _down);
    }

    public LayerMemory Look(Tensor encoded_BSD) =>
        new(Split(_cross[1].Forward(encoded_BSD)), Split(_cross[2].Forward(encoded_BSD)));

    public Tensor Forward(Tensor x_BTD, RotaryPositions position, LayerMemory memory)
    {
        Tensor y = _inputNorm.Forward(x_BTD);
        (Tensor keys, Tensor values) = memory.Add(
            position.Rotate(Split(_self[1].Forward(y))), Split(_self[2].Forward(y)));
        x_BTD += Joined(_self[3], Attention.Apply(position.Rotate(Split(_self[0].Forward(y))), keys, values));

        y = _postAttentionNorm.Forward(x_BTD);
        x_BTD += Joined(_cross[3], Attention.Apply(Split(_cross[0].Forward(y)), memory.SoundKeys, memory.SoundValues));

        // Gated as by Shazeer (2020): one half, times the other after SiLU.
        Tensor up = _up.Forward(_finalNorm.Forward(x_BTD));
        return x_BTD + _down.Forward(up.Narrow(2, 0, Hidden) * up.Narrow(2, Hidden, Hidden).Silu());
    }

    private static Linear[] Projections() => [.. Enumerable.Range(0, 4).Select(_ => new Linear(Width, Width, bias: false))];

    // [1, T, D] to [1, heads, T, D/heads].
    private static Tensor Split(Tensor x) => x.Reshape(1, -1, Heads, Width / Heads).Transpose(1, 2);

    private static Tensor Joined(Linear output, Tensor attended) =>
        output.Forward(attended.Transpose(1, 2).Reshape(1, -1, Width));
}
