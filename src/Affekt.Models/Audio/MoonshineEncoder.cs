using Affekt.Models.Persons;
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
    /// <summary>Samples from one frame to the next: 24 ms.</summary>
    public const int FrameStep = MoonshineGraphs.FrameStep;

    /// <summary>Features of a frame: the states after each of the three layers.</summary>
    public const int FrameWidth = Layers * StateWidth;

    /// <summary>Layers whose states are read.</summary>
    internal const int Layers = 3;

    private const int FrameLength = MoonshineGraphs.ShortestSound;
    private const int StateWidth = MoonshineGraphs.Width;

    // Frames more than 35 dB below the loudest are pauses.
    private const double ActiveShare = 3.1622776601683794e-4;

    // The level that active frames are brought to (root mean square of samples in [-1, 1]).
    private const double Level = 0.1;

    private const double NormEpsilon = 1e-5;

    private readonly Network _network;
    private readonly VoiceOverlap _overlap;

    private MoonshineEncoder(Network network, VoiceOverlap overlap) => (_network, _overlap) = (network, overlap);

    /// <summary>Features of a sound.</summary>
    public static int Width => 2 * FrameWidth;

    int IAudioEncoder.Width => Width;

    /// <summary>Loads the published network from encoder_model.onnx.</summary>
    /// <param name="onnxFile">The file.</param>
    /// <param name="engine">How it is computed; as usual where null.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static MoonshineEncoder Load(string onnxFile, EngineOptions? engine = null) =>
        new(MoonshineGraphs.FirstLayers(onnxFile, Layers, engine), VoiceOverlap.Load());

    /// <inheritdoc/>
    public AudioFeatures Encode(ReadOnlySpan<float> samples)
    {
        float[] features = new float[Width];
        return Frames(samples, features, out string? problem) is { } frames
            ? new AudioFeatures(features, null) { Overlap = _overlap.Share(frames) }
            : AudioFeatures.Unusable(problem!);
    }

    /// <summary>The frames of a sound that carry any, from which <see cref="Encode"/> makes one vector.</summary>
    /// <param name="samples">As for <see cref="Encode"/>.</param>
    /// <returns>Null where the sound cannot be used.</returns>
    public SoundFrames? Frames(ReadOnlySpan<float> samples) => Frames(samples, new float[Width], out _);

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private SoundFrames? Frames(ReadOnlySpan<float> samples, Span<float> pooled, out string? problem)
    {
        samples = SoundCheck.Middle(samples);
        problem = SoundCheck.Problem(samples, FrameLength);
        if (problem is not null)
            return null;

        double[] power = FramePower(samples);
        double loudest = power.Max();
        if (loudest <= SoundCheck.SilentPower)
        {
            problem = SoundCheck.Silent;
            return null;
        }

        double level = Math.Sqrt(power.Where(p => p >= loudest * ActiveShare).Average());
        float[] scaled = new float[samples.Length];
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] = (float)(samples[i] * (Level / level));

        int[] active = [.. Enumerable.Range(0, power.Length).Where(t => power[t] >= loudest * ActiveShare)];
        using NetworkTensor sound = NetworkTensor.Over(scaled, 1, scaled.Length);
        using NetworkOutputs states = _network.Run(("input_values", sound));
        float[] normed = new float[active.Length * FrameWidth];
        for (int layer = 0; layer < Layers; layer++)
        {
            Pool(
                states[layer].Span<float>(), active, normed.AsSpan(layer * StateWidth), pooled.Slice(layer * StateWidth, StateWidth),
                pooled.Slice((Layers + layer) * StateWidth, StateWidth));
        }

        return new SoundFrames(active, normed);
    }

    // Some frames [T, D], each brought to zero mean and unit variance, go into rows of all layers; their mean and standard deviation over time.
    private static void Pool(ReadOnlySpan<float> states_TD, int[] frames, Span<float> normed, Span<float> mean, Span<float> deviation)
    {
        double[] sums = new double[StateWidth], squares = new double[StateWidth];
        for (int row = 0; row < frames.Length; row++)
        {
            ReadOnlySpan<float> state = states_TD.Slice(frames[row] * StateWidth, StateWidth);
            double center = 0, spread = 0;
            foreach (float value in state)
                center += value;
            center /= StateWidth;
            foreach (float value in state)
                spread += (value - center) * (value - center);
            double factor = 1 / Math.Sqrt((spread / StateWidth) + NormEpsilon);
            for (int i = 0; i < StateWidth; i++)
            {
                double value = (state[i] - center) * factor;
                normed[(row * FrameWidth) + i] = (float)value;
                sums[i] += value;
                squares[i] += value * value;
            }
        }

        for (int i = 0; i < StateWidth; i++)
        {
            double average = sums[i] / frames.Length;
            mean[i] = (float)average;
            deviation[i] = (float)Math.Sqrt(Math.Max(0, (squares[i] / frames.Length) - (average * average)));
        }
    }

    /// <summary>The mean square of the samples that each frame sees.</summary>
    /// <param name="samples">Mono, 16 kHz.</param>
    /// <returns>Nothing where they do not fill a frame.</returns>
    public static double[] FramePower(ReadOnlySpan<float> samples)
    {
        double[] power = new double[samples.Length < FrameLength ? 0 : ((samples.Length - FrameLength) / FrameStep) + 1];
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
