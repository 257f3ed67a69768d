using Affekt.Media;
using Affekt.Models.Audio;
using Affekt.Models.Weights;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

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
        Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(folder);
        encoder.Freeze(precision, device);
        return new Wav2Vec2Features(encoder);
    }

    public IReadOnlyList<string> Unused => _encoder.Unused;

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

        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        Tensor states_TD = _encoder.Network.States([_encoder.Prepare(sound.Samples)])[0];
        Tensor features = level switch
        {
            FeatureLevel.Token => states_TD,
            FeatureLevel.Utterance => states_TD.Mean(0),
            FeatureLevel.Logits => _encoder.Network.Logits(states_TD),
            _ => _encoder.Network.Logits(states_TD).ArgMax(-1),
        };
        return new TensorToWrite(input.Name, features.Dtype.ToStored(), [.. features.Shape], (ReadOnlyMemory<byte>)features.ToBytes());
    }

    public void Dispose() => _encoder.Dispose();
}
