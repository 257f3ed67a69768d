using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;

namespace Affekt.Models.Persons;

/// <summary>
/// A voice as a vector: Resemblyzer's encoder (Apache-2.0), an LSTM that learned to tell speakers apart (Wan et al., 2018), and after it
/// a linear map that makes less of what one speaker's emotions change and more of what differs between speakers (within-class
/// covariance normalization, Hatch et al., 2006, trained further).
/// </summary>
internal static class SpeakerGraph
{
    /// <summary>Numbers of a vector.</summary>
    public const int Width = 256;

    /// <summary>Frames of 10 ms that the LSTM hears at once.</summary>
    public const int WindowFrames = 160;

    /// <summary>Samples from one frame to the next.</summary>
    public const int Hop = 160;

    /// <summary>Samples of a frame.</summary>
    public const int FrameLength = 400;

    private const int Bands = 40;
    private const int Bins = (FrameLength / 2) + 1;
    private const int Layers = 3;

    /// <summary>
    /// "samples" [1, 1, n] and "frames" [windows, 160], the numbers of the frames that each window holds, to "voice", [256], a vector
    /// of length 1, and "raw", [256], the mean over windows before the linear map.
    /// </summary>
    /// <param name="weights">The encoder's, which stay open until the graph is loaded.</param>
    /// <param name="isAdapted">Whether they hold the linear map; without it there is no "voice".</param>
    /// <exception cref="WeightsMismatchException">They are not that network's.</exception>
    public static NetworkGraph Build(NetworkWeights weights, bool isAdapted)
    {
        GraphBuilder graph = new("speaker encoder");
        Value samples = graph.Input("samples", ElementType.Float32, 1, 1, "samples");
        Value frames = graph.Input("frames", ElementType.Int64, "windows", WindowFrames);
        Value x_WTF = Spectrum(graph, samples).Gather(frames);
        for (int layer = 0; layer < Layers; layer++)
            x_WTF = weights.Lstm(x_WTF, layer == 0 ? Bands : Width, Width, layer);
        Value last = x_WTF.Slice(1, WindowFrames - 1, WindowFrames).Squeeze(1);
        Value vectors = Unit(weights.Linear(last, "linear", Width, Width).Relu());
        Value raw = vectors.Mean(keep: false, 0);
        graph.Output("raw", raw, ElementType.Float32, Width);
        if (isAdapted)
        {
            Value apart = (raw - weights.Take(graph, "adaptation.mean", Width)).Unsqueeze(0);
            graph.Output("voice", Unit(apart.MatMul(weights.Take(graph, "adaptation.weight", Width, Width).Transpose(1, 0))).Squeeze(0), ElementType.Float32, Width);
        }

        weights.Check();
        return graph.Build();
    }

    // Powers in 40 mel bands, [frames, bands]: the Fourier transform as a convolution.
    private static Value Spectrum(GraphBuilder graph, Value samples)
    {
        float[] waves = new float[2 * Bins * FrameLength];
        for (int bin = 0; bin < Bins; bin++)
        {
            for (int i = 0; i < FrameLength; i++)
            {
                double hann = 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / FrameLength)), angle = 2 * Math.PI * (bin * i % FrameLength) / FrameLength;
                waves[(bin * FrameLength) + i] = (float)(hann * Math.Cos(angle));
                waves[((Bins + bin) * FrameLength) + i] = (float)(hann * Math.Sin(angle));
            }
        }

        Value parts = samples.Convolve(graph.Weight("waves", waves, 2 * Bins, 1, FrameLength), null, [Hop], [0, 0]);
        Value[] halves = (parts * parts).Split(1, 2);
        Value powers = (halves[0] + halves[1]).Squeeze(0).Transpose(1, 0);
        return powers.MatMul(graph.Weight("bands", MelBands(), Bins, Bands));
    }

    // Triangles of equal area on Slaney's scale: linear up to 1 kHz, then by the logarithm. [bins, bands].
    private static float[] MelBands()
    {
        double step = Mel(SoundCheck.SampleRate / 2.0) / (Bands + 1);
        double[] edges = [.. Enumerable.Range(0, Bands + 2).Select(i => Hertz(i * step))];
        float[] bands = new float[Bins * Bands];
        for (int bin = 0; bin < Bins; bin++)
        {
            double hertz = bin * (SoundCheck.SampleRate / 2.0) / (Bins - 1);
            for (int band = 0; band < Bands; band++)
            {
                double rise = (hertz - edges[band]) / (edges[band + 1] - edges[band]);
                double fall = (edges[band + 2] - hertz) / (edges[band + 2] - edges[band + 1]);
                bands[(bin * Bands) + band] = (float)(Math.Max(0, Math.Min(rise, fall)) * 2 / (edges[band + 2] - edges[band]));
            }
        }

        return bands;

        static double Mel(double hertz) => hertz < 1000 ? hertz * 3 / 200 : 15 + (Math.Log(hertz / 1000) / (Math.Log(6.4) / 27));

        static double Hertz(double mel) => mel < 15 ? mel * 200 / 3 : 1000 * Math.Exp((mel - 15) * Math.Log(6.4) / 27);
    }

    private static Value Unit(Value vectors) =>
        vectors / vectors.Graph.Apply("Sqrt", [(vectors * vectors).Sum(keep: true, -1) + 1e-12f]);
}
