using System.Numerics.Tensors;
using Affekt.Models.Audio;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Persons;

/// <summary>
/// Tells where two people speak at once: a linear map of each frame of <see cref="MoonshineEncoder"/>, and its mean over a window. Its
/// weights are part of this library. Any number of threads may use it.
/// </summary>
public sealed class VoiceOverlap
{
    /// <summary>The name of its weights' file.</summary>
    public const string FileName = "overlap.safetensors";

    // Frames that carry sound; of 24 ms each.
    private const int Window = 21;

    private readonly float[] _weights;
    private readonly float _bias;

    private VoiceOverlap(float[] weights, float bias) => (_weights, _bias) = (weights, bias);

    /// <summary>Loads the map.</summary>
    /// <param name="file">Another than comes with this library: what `affekt train` made of the task "overlap".</param>
    /// <exception cref="StateFileException">The file cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">It is not such a map.</exception>
    public static VoiceOverlap Load(string? file = null)
    {
        using NetworkWeights stored = new(file is null ? StateFile.OpenResource(typeof(VoiceOverlap).Assembly, FileName) : StateFile.Open(file));
        float[] weights = stored.Floats("weight", MoonshineEncoder.FrameWidth), bias = stored.Floats("bias", 1);
        stored.Check();
        return new VoiceOverlap(weights, bias[0]);
    }

    /// <summary>The share of an utterance in which two people speak at once.</summary>
    /// <param name="frames">The utterance's sound.</param>
    /// <returns>Of the frames that carry sound, in [0, 1].</returns>
    public double Share(SoundFrames frames)
    {
        double[] means = Means(Scores(frames, _weights, _bias));
        return (double)means.Count(mean => mean > 0) / means.Length;
    }

    /// <summary>The scores of frames under some map.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="weights">The map, [<see cref="MoonshineEncoder.FrameWidth"/>].</param>
    /// <param name="bias">What is added.</param>
    /// <returns>One for each frame that carries sound; above 0 where two people speak.</returns>
    public static double[] Scores(SoundFrames frames, float[] weights, double bias) =>
    [
        .. Enumerable.Range(0, frames.Active.Count)
            .Select(i => bias + TensorPrimitives.Dot<float>(weights, frames.States.AsSpan(i * weights.Length, weights.Length))),
    ];

    /// <summary>Scores over the window around each frame, in the mean: one frame alone says little.</summary>
    /// <param name="scores">Scores of the frames that carry sound, one after the other.</param>
    public static double[] Means(double[] scores)
    {
        int window = Math.Min(Window, scores.Length);
        double[] sums = new double[scores.Length + 1];
        for (int i = 0; i < scores.Length; i++)
            sums[i + 1] = sums[i] + scores[i];
        return
        [
            .. Enumerable.Range(0, scores.Length).Select(i =>
            {
                int start = Math.Clamp(i - (window / 2), 0, scores.Length - window);
                return (sums[start + window] - sums[start]) / window;
            }),
        ];
    }
}
