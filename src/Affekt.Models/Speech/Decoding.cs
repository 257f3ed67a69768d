using Affekt.Models.Audio;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Speech;

/// <summary>One utterance on its way to words: what Moonshine's decoder keeps from token to token.</summary>
/// <param name="step">The decoder's step.</param>
/// <param name="sound">What the decoder reads of the sound; disposed of with this.</param>
internal sealed class Decoding(Network step, NetworkOutputs sound) : IDisposable
{
    private static readonly string[] _soundNames = [.. MoonshineGraphs.SoundNames("past_key_values")];
    private static readonly string[] _tokenNames = [.. MoonshineGraphs.TokenNames("past_key_values")];

    private readonly NetworkTensor _nothing = NetworkTensor.Zeros<float>(1, MoonshineGraphs.Heads, 0, MoonshineGraphs.HeadWidth);
    private NetworkOutputs? _last;

    /// <summary>The logits of each token to follow, [32768], valid until the next call.</summary>
    /// <param name="token">The token that came last.</param>
    /// <param name="cancellation">Ends the step.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public ReadOnlySpan<float> Next(long token, CancellationToken cancellation)
    {
        using NetworkTensor id = NetworkTensor.Over(new[] { token }, 1, 1);
        NetworkOutputs next = step.Run(
            [
                ("input_ids", id),
                .. _tokenNames.Select((name, i) => (name, _last is null ? _nothing : _last[i + 1])),
                .. _soundNames.Select((name, i) => (name, sound[i])),
            ],
            null, cancellation);
        _last?.Dispose();
        _last = next;
        return next[0].Span<float>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _last?.Dispose();
        _nothing.Dispose();
        sound.Dispose();
    }
}
