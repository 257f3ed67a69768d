using System.Numerics.Tensors;
using Affekt.Models.Audio;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Persons;

/// <summary>
/// Voices to vectors that lie near each other where the speaker is the same. Its weights are part of this library. Any number of
/// threads may use it.
/// </summary>
public sealed class SpeakerEncoder : IDisposable
{
    /// <summary>The name of its weights' file.</summary>
    public const string FileName = "speakers.safetensors";

    /// <summary>Numbers of a vector.</summary>
    public const int Width = SpeakerGraph.Width;

    /// <summary>Less sound than this tells nothing of a voice: 0.5 s.</summary>
    public const int ShortestSound = SoundCheck.SampleRate / 2;

    // Half a window overlaps the one before, nearly.
    private const int WindowStep = 77;

    // The rest after the last whole window is used where it is longer than 0.2 s.
    private const int ShortestRest = 20;

    // The level that quieter sound is raised to: -30 dB (root mean square of samples in [-1, 1]).
    private const double Level = 0.0316227766016838;

    // Scores of an expression: one for each emotion.
    private const int ExpressionWidth = 7;

    private readonly Network _network;
    private readonly float[] _expressionWeights;
    private readonly float[] _expressionBias;

    private SpeakerEncoder(Network network, float[] expressionWeights, float[] expressionBias) =>
        (_network, _expressionWeights, _expressionBias) = (network, expressionWeights, expressionBias);

    /// <summary>Loads the network.</summary>
    /// <param name="file">
    /// Another than comes with this library: what `affekt train` made of the task "speakers", or the published encoder, for
    /// <see cref="EncodeRaw"/> alone.
    /// </param>
    /// <param name="engine">How it is computed; as usual where null.</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">It is not that network's.</exception>
    public static SpeakerEncoder Load(string? file = null, EngineOptions? engine = null)
    {
        using NetworkWeights weights = new(file is null ? StateFile.OpenResource(typeof(SpeakerEncoder).Assembly, FileName) : StateFile.Open(file));
        bool isAdapted = weights.Has("adaptation.weight");
        float[] scores = isAdapted ? weights.Floats("expression.weight", ExpressionWidth, MoonshineEncoder.Width) : [];
        float[] bias = isAdapted ? weights.Floats("expression.bias", ExpressionWidth) : [];
        return new SpeakerEncoder(Network.Open(SpeakerGraph.Build(weights, isAdapted), engine), scores, bias);
    }

    /// <summary>A voice, and how it expresses itself.</summary>
    /// <param name="samples">As for <see cref="Encode"/>.</param>
    /// <param name="features">What <see cref="MoonshineEncoder"/> made of the same sound; null, or those of another encoder, for the voice alone.</param>
    public VoiceVectors? Listen(ReadOnlySpan<float> samples, float[]? features) =>
        Encode(samples) is { } voice ? new VoiceVectors(voice, features?.Length == MoonshineEncoder.Width ? Express(features) : null) : null;

    /// <summary>A voice as a vector of length 1.</summary>
    /// <param name="samples">Mono, 16 kHz, within [-1, 1]; of more than 30 s the middle is heard.</param>
    /// <returns>[<see cref="Width"/>]; null where there is less sound than <see cref="ShortestSound"/>, only silence, or no sound at all.</returns>
    public float[]? Encode(ReadOnlySpan<float> samples) => Run(samples, "voice");

    /// <summary>The published encoder's own vector, before it was adapted: what the adaptation is fitted on.</summary>
    /// <inheritdoc cref="Encode"/>
    public float[]? EncodeRaw(ReadOnlySpan<float> samples) => Run(samples, "raw");

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    private float[] Express(float[] features)
    {
        float[] scores = new float[ExpressionWidth];
        for (int i = 0; i < scores.Length; i++)
            scores[i] = _expressionBias[i] + TensorPrimitives.Dot<float>(_expressionWeights.AsSpan(i * features.Length, features.Length), features);
        return scores;
    }

    private float[]? Run(ReadOnlySpan<float> samples, string output)
    {
        samples = SoundCheck.Middle(samples);
        if (SoundCheck.Problem(samples, ShortestSound) is not null)
            return null;
        double power = 0;
        foreach (float sample in samples)
            power += (double)sample * sample;
        power /= samples.Length;
        if (power <= SoundCheck.SilentPower)
            return null;

        // Frames are centered, and shorter sounds fill a window with silence.
        const int Half = SpeakerGraph.FrameLength / 2;
        float scale = (float)Math.Max(1, Level / Math.Sqrt(power));
        int heard = Math.Max(samples.Length, (SpeakerGraph.WindowFrames - 1) * SpeakerGraph.Hop);
        float[] padded = new float[heard + (2 * Half)];
        for (int i = 0; i < samples.Length; i++)
            padded[Half + i] = samples[i] * scale;
        long[] frames = Windows((heard / SpeakerGraph.Hop) + 1);
        using NetworkTensor sound = NetworkTensor.Over(padded, 1, 1, padded.Length);
        using NetworkTensor windows = NetworkTensor.Over(frames, frames.Length / SpeakerGraph.WindowFrames, SpeakerGraph.WindowFrames);
        using NetworkOutputs outputs = _network.Run([("samples", sound), ("frames", windows)], [output]);
        return outputs[0].ToArray<float>();
    }

    // The numbers of the frames of each window, one after the other.
    private static long[] Windows(int frames)
    {
        List<long> all = [];
        int start = 0;
        for (; start + SpeakerGraph.WindowFrames <= frames; start += WindowStep)
            Add(start);
        if (frames - (start - WindowStep + SpeakerGraph.WindowFrames) > ShortestRest)
            Add(frames - SpeakerGraph.WindowFrames);
        return [.. all];

        void Add(int first) => all.AddRange(Enumerable.Range(first, SpeakerGraph.WindowFrames).Select(i => (long)i));
    }
}
