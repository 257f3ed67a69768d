using System.Runtime.InteropServices;
using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Networks;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;

namespace Affekt.Cli.Features;

/// <summary>wav2vec 2.0: sound to the last layer's states, to their mean, or to scores over characters.</summary>
internal sealed class Wav2Vec2Features : IFeatureEncoder
{
    private readonly Wav2Vec2Encoder _encoder;
    private readonly MediaTools _media = MediaTools.Find();

    private Wav2Vec2Features(Wav2Vec2Encoder encoder) => _encoder = encoder;

    public string Reads => "sound or video files (INPUT)";

    public IReadOnlyList<string> Levels => _encoder.Network.HasHead
        ? [FeatureLevel.Ids, FeatureLevel.Token, FeatureLevel.Utterance, FeatureLevel.Logits]
        : [FeatureLevel.Token, FeatureLevel.Utterance];

    /// <inheritdoc cref="Wav2Vec2Encoder.Load"/>
    public static Wav2Vec2Features Load(string folder, Precision precision, Device device)
    {
        return new Wav2Vec2Features(Wav2Vec2Encoder.Load(folder, TorchEncoders.Options(precision, device)));
    }

    public IReadOnlyList<string> Unused => _encoder.Network.Unused;

    public bool CanRead(FeatureInput input) => input is MediaInput;

    public async Task<TensorToWrite> EncodeAsync(FeatureInput input, string level, CancellationToken cancellation)
    {
        string file = ((MediaInput)input).File;
        (_, Sound sound) = await _media.ReadWholeSoundAsync(file, cancellation);
        int shortest = _encoder.Network.Config.ShortestSound;
        if (sound.Samples.Length < shortest)
        {
            throw new CommandException(
                $"{file}: found {sound.Samples.Length} samples of sound, expected at least {shortest}", ExitCode.Unusable);
        }

        float[] states_TD = _encoder.Network.States([_encoder.Prepare(sound.Samples)], cancellation)[0];
        long frames = states_TD.Length / _encoder.Width;
        return level switch
        {
            FeatureLevel.Token => Floats(states_TD, frames, _encoder.Width),
            FeatureLevel.Utterance => Floats(_encoder.Mean(states_TD), _encoder.Width),
            FeatureLevel.Logits => Floats(_encoder.Network.Logits(states_TD), frames, _encoder.Network.Config.VocabSize),
            _ => new TensorToWrite(
                input.Name, ElementType.Int64, [frames],
                (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes<long>(_encoder.BestSymbols(states_TD)).ToArray()),
        };

        TensorToWrite Floats(float[] values, params ReadOnlySpan<long> shape) => new(
            input.Name, ElementType.Float32, [.. shape], (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes<float>(values).ToArray());
    }

    public void Dispose() => _encoder.Dispose();
}
