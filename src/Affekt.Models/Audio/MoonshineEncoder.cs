using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Audio;

/// <summary>
/// Sound to one vector: the states after the first three of Moonshine's layers, each normalized by frame, then their mean
/// and standard deviation over the frames that carry sound. The later layers turn towards words and tell less about
/// emotion (measured; see docs/decisions).
/// </summary>
public sealed class MoonshineEncoder : IAudioEncoder
{
    /// <summary>Layers whose states are read.</summary>
    internal const int Layers = 3;

    private const int FrameLength = MoonshineGraphs.ShortestSound;
    private const int FrameStep = MoonshineGraphs.FrameStep;
    private const int FrameWidth = MoonshineGraphs.Width;

    // Frames more than 35 dB below the loudest are pauses.
    private const double ActiveShare = 3.1622776601683794e-4;

    // The level that active frames are brought to (root mean square of samples in [-1, 1]).
    private const double Level = 0.1;

    private const double NormEpsilon = 1e-5;

    private readonly Network _network;

    private MoonshineEncoder(Network network) => _network = network;

    /// <summary>Features of a sound.</summary>
    public static int Width => 2 * Layers * FrameWidth;

    int IAudioEncoder.Width => Width;

    /// <summary>Loads the published network from encoder_model.onnx.</summary>
    /// <param name="onnxFile">The file.</param>
    /// <param name="engine">How it is computed; as usual where null.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static MoonshineEncoder Load(string onnxFile, EngineOptions? engine = null) =>
        new(MoonshineGraphs.FirstLayers(onnxFile, Layers, engine));

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

        int[] active = [.. Enumerable.Range(0, power.Length).Where(t => power[t] >= loudest * ActiveShare)];
        using NetworkTensor sound = NetworkTensor.Over(scaled, 1, scaled.Length);
        using NetworkOutputs states = _network.Run(("input_values", sound));
        float[] features = new float[Width];
        for (int layer = 0; layer < Layers; layer++)
        {
            Pool(
                states[layer].Span<float>(), active, features.AsSpan(layer * FrameWidth, FrameWidth),
                features.AsSpan((Layers + layer) * FrameWidth, FrameWidth));
        }

        return new AudioFeatures(features, null);
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    // Mean and standard deviation of each feature over some frames [T, D], each frame brought to zero mean and unit variance first.
    private static void Pool(ReadOnlySpan<float> states_TD, int[] frames, Span<float> mean, Span<float> deviation)
    {
        double[] sums = new double[FrameWidth], squares = new double[FrameWidth];
        foreach (int frame in frames)
        {
            ReadOnlySpan<float> state = states_TD.Slice(frame * FrameWidth, FrameWidth);
            double center = 0, spread = 0;
            foreach (float value in state)
                center += value;
            center /= FrameWidth;
            foreach (float value in state)
                spread += (value - center) * (value - center);
            double factor = 1 / Math.Sqrt((spread / FrameWidth) + NormEpsilon);
            for (int i = 0; i < FrameWidth; i++)
            {
                double value = (state[i] - center) * factor;
                sums[i] += value;
                squares[i] += value * value;
            }
        }

        for (int i = 0; i < FrameWidth; i++)
        {
            double average = sums[i] / frames.Length;
            mean[i] = (float)average;
            deviation[i] = (float)Math.Sqrt(Math.Max(0, (squares[i] / frames.Length) - (average * average)));
        }
    }

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
