using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Audio;

/// <summary>
/// Sound to one vector: the states after the first three of Moonshine's layers, each normalised by frame, then their mean
/// and standard deviation over the frames that carry sound. The later layers turn towards words and tell less about
/// emotion (measured; see docs/decisions).
/// </summary>
public sealed class AudioEncoder : IAudioEncoder
{
    /// <summary>Samples a second.</summary>
    public const int SampleRate = SoundCheck.SampleRate;

    private const int Layers = 3;
    private const int FrameLength = MoonshineEncoder.ShortestSound;
    private const int FrameStep = 384;

    // Frames more than 35 dB below the loudest are pauses.
    private const double ActiveShare = 3.1622776601683794e-4;

    // The level that active frames are brought to (root mean square of samples in [-1, 1]).
    private const double Level = 0.1;

    private const double NormEpsilon = 1e-5;

    private readonly MoonshineEncoder _network;

    private AudioEncoder(MoonshineEncoder network) => _network = network;

    /// <summary>Features of a sound.</summary>
    public static int Width => 2 * Layers * MoonshineEncoder.Width;

    int IAudioEncoder.Width => Width;

    /// <summary>Loads the published network from encoder_model.onnx, for single precision.</summary>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static AudioEncoder Load(string onnxFile)
    {
        AudioEncoder encoder = new(MoonshineWeights.LoadEncoder(onnxFile, Layers));
        encoder.Prepare(Precision.Float32);
        return encoder;
    }

    /// <inheritdoc/>
    public void Prepare(Precision precision) => _network.Prepare(precision);

    /// <inheritdoc/>
    public AudioFeatures Encode(ReadOnlySpan<float> samples)
    {
        samples = SoundCheck.Middle(samples);
        if (SoundCheck.Problem(samples, FrameLength) is { } problem)
            return AudioFeatures.Unusable(problem);

        double[] power = FramePower(samples);
        double loudest = power.Max();
        if (loudest <= SoundCheck.SilentPower)
            return AudioFeatures.Unusable(SoundCheck.Silent);

        double level = Math.Sqrt(power.Where(p => p >= loudest * ActiveShare).Average());
        float[] scaled = new float[samples.Length];
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] = (float)(samples[i] * (Level / level));

        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        Tensor[] states = _network.Forward(Tensor.From<float>(scaled, 1, scaled.Length));
        long[] width = [MoonshineEncoder.Width];
        Tensor taps_TD = Tensor.Concat([.. states.Select(state => state.LayerNorm(width, null, null, NormEpsilon))], 2).Squeeze(0);
        long[] active = [.. Enumerable.Range(0, (int)taps_TD.Shape[0]).Where(t => power[t] >= loudest * ActiveShare).Select(t => (long)t)];
        Tensor chosen_TD = taps_TD.IndexSelect(0, Tensor.From<long>(active, active.Length));
        Tensor features = Tensor.Concat([chosen_TD.Mean(0), chosen_TD.Variance(0).Sqrt()], 0);
        return new AudioFeatures(features.ToArray<float>(), null);
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    // Mean square of the samples that each frame sees.
    private static double[] FramePower(ReadOnlySpan<float> samples)
    {
        double[] power = new double[((samples.Length - FrameLength) / FrameStep) + 1];
        for (int t = 0; t < power.Length; t++)
        {
            double sum = 0;
            foreach (float sample in samples.Slice(t * FrameStep, FrameLength))
                sum += (double)sample * sample;
            power[t] = sum / FrameLength;
        }

        return power;
    }
}
