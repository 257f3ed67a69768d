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

    // A frame is quiet where the sound around it, up to so many samples away, is 25 dB less than where it is loudest.
    private const double Quiet = 0.00316227766016838;
    private const int LoudnessReach = 520;

    // Quiet frames are heard that are no further than this from one that is not.
    private const int SpokenReach = 8;

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

        // Frames are centered.
        const int Half = SpeakerGraph.FrameLength / 2;
        float scale = (float)Math.Max(1, Level / Math.Sqrt(power));
        float[] padded = new float[samples.Length + (2 * Half)];
        for (int i = 0; i < samples.Length; i++)
            padded[Half + i] = samples[i] * scale;
        long[] frames = Windows(Spoken(samples));
        using NetworkTensor sound = NetworkTensor.Over(padded, 1, 1, padded.Length);
        using NetworkTensor windows = NetworkTensor.Over(frames, frames.Length / SpeakerGraph.WindowFrames, SpeakerGraph.WindowFrames);
        using NetworkOutputs outputs = _network.Run([("samples", sound), ("frames", windows)], [output]);
        return outputs[0].ToArray<float>();
    }

    // The numbers of the frames that are not quiet, or near one that is not: pauses tell nothing of a voice.
    private static int[] Spoken(ReadOnlySpan<float> samples)
    {
        double[] energies = new double[samples.Length + 1];
        for (int i = 0; i < samples.Length; i++)
            energies[i + 1] = energies[i] + ((double)samples[i] * samples[i]);
        double[] around = new double[(samples.Length / SpeakerGraph.Hop) + 1];
        for (int frame = 0; frame < around.Length; frame++)
        {
            int middle = frame * SpeakerGraph.Hop;
            around[frame] = energies[Math.Min(samples.Length, middle + LoudnessReach)] - energies[Math.Max(0, middle - LoudnessReach)];
        }

        double loud = around.Max() * Quiet;
        return
        [
            .. Enumerable.Range(0, around.Length).Where(frame =>
                around.AsSpan(Math.Max(0, frame - SpokenReach)..Math.Min(around.Length, frame + SpokenReach + 1)).ContainsAnyInRange(loud, double.MaxValue)),
        ];
    }

    // The numbers of the frames of each window, one after the other; fewer frames than a window has are heard again and again.
    private static long[] Windows(int[] spoken)
    {
        List<long> all = [];
        int start = 0;
        do
            Add(start);
        while ((start += WindowStep) + SpeakerGraph.WindowFrames <= spoken.Length);
        if (spoken.Length - (start - WindowStep + SpeakerGraph.WindowFrames) > ShortestRest)
            Add(spoken.Length - SpeakerGraph.WindowFrames);
        return [.. all];

        void Add(int first) => all.AddRange(Enumerable.Range(first, SpeakerGraph.WindowFrames).Select(i => (long)spoken[i % spoken.Length]));
    }
}
