using System.Numerics.Tensors;
using Affekt.Models.Audio;
using Affekt.Models.Tokenizers;

namespace Affekt.Models.Published;

/// <summary>
/// Sound as Whisper reads it: the logarithm of a spectrogram in mel bands (Slaney's scale) of always as many frames, as transformers'
/// WhisperFeatureExtractor computes it.
/// </summary>
public sealed class MelProcessor
{
    private const int MostFrames = 1 << 16;

    // Of the loudest value, the range that is kept, in powers of ten; and the least power.
    private const double Range = 8;
    private const double Least = 1e-10;

    private readonly int _window;
    private readonly int _hop;
    private readonly int _samples;
    private readonly bool _normalizes;
    private readonly float _padding;
    private readonly double[] _hann;
    private readonly double[] _cosines;
    private readonly double[] _sines;
    private readonly double[][] _filters;

    private MelProcessor(JsonField? root)
    {
        Preprocessing.Require(root, ["feature_extractor_type"], "WhisperFeatureExtractor");
        SoundProcessor.RequireRate(root);
        Bands = root?.Find("feature_size")?.Count(1, 1 << 10) ?? 80;
        _window = root?.Find("n_fft")?.Count(2, 1 << 14) ?? 400;
        _hop = root?.Find("hop_length")?.Count(1, 1 << 14) ?? 160;
        int seconds = root?.Find("chunk_length")?.Count(1, 1 << 12) ?? 30;
        _samples = seconds * SoundCheck.SampleRate;
        _normalizes = root?.Find("do_normalize")?.Flag() ?? false;
        _padding = (float)(root?.Find("padding_value")?.Number() ?? 0);
        Frames = _samples / _hop;
        if (Frames > MostFrames)
            throw root!.Find("hop_length")!.Wrong($"{Frames} frames", $"at most {MostFrames}");
        int bins = (_window / 2) + 1;
        _hann = [.. Enumerable.Range(0, _window).Select(i => (double)(float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / _window))))];
        (_cosines, _sines) = (Waves(bins, Math.Cos), Waves(bins, Math.Sin));
        _filters = Filters(bins, Bands);
    }

    /// <summary>Bands of the spectrogram.</summary>
    public int Bands { get; }

    /// <summary>Frames of the spectrogram.</summary>
    public int Frames { get; }

    /// <summary>Reads a folder's preprocessor_config.json; where there is none, the values of Whisper's first models hold.</summary>
    /// <exception cref="ModelException">A field is not what it should be, or the network doesn't hear 16 kHz.</exception>
    public static MelProcessor Load(string folder) => new(Preprocessing.Find(folder, "feature_extractor"));

    /// <summary>What the network reads [bands, frames], row by row.</summary>
    /// <param name="samples">Mono, 16 kHz, within [-1, 1]; what is beyond the last frame is left out, what is missing is silence.</param>
    public float[] Prepare(ReadOnlySpan<float> samples)
    {
        int heard = Math.Min(samples.Length, _samples), half = _window / 2;
        ReadOnlySpan<float> kept = samples[..heard];
        float[] padded = new float[_samples + (2 * half)];
        padded.AsSpan().Fill(_padding);
        (_normalizes ? Wav2Vec2Encoder.Normalize(kept) : kept).CopyTo(padded.AsSpan(half));
        for (int i = 1; i <= half; i++)
        {
            padded[half - i] = padded[half + i];
            padded[half + _samples - 1 + i] = padded[half + _samples - 1 - i];
        }

        double[] powers = new double[Bands * Frames];
        double[] even = new double[half + 1], odd = new double[half + 1], spectrum = new double[half + 1];
        double loudest = double.NegativeInfinity;
        for (int frame = 0; frame < Frames; frame++)
        {
            Spectrum(padded.AsSpan(frame * _hop, _window), even, odd, spectrum);
            for (int band = 0; band < Bands; band++)
            {
                double power = Math.Log10(Math.Max(Least, TensorPrimitives.Dot<double>(_filters[band], spectrum)));
                powers[(band * Frames) + frame] = power;
                loudest = Math.Max(loudest, power);
            }
        }

        float[] features = new float[powers.Length];
        for (int i = 0; i < features.Length; i++)
            features[i] = (float)((Math.Max(powers[i], loudest - Range) + 4) / 4);
        return features;
    }

    // A window is split into its even and its odd part about the middle: half of the products.
    private void Spectrum(ReadOnlySpan<float> samples, double[] even, double[] odd, double[] spectrum)
    {
        if (!samples.ContainsAnyExcept(0f))
        {
            Array.Clear(spectrum);
            return;
        }

        int half = _window / 2;
        Array.Clear(even);
        Array.Clear(odd);
        even[0] = samples[0] * _hann[0];
        for (int i = 1; 2 * i <= _window; i++)
        {
            double left = samples[i] * _hann[i], right = samples[_window - i] * _hann[_window - i];
            (even[i], odd[i]) = 2 * i == _window ? (left, 0) : (left + right, left - right);
        }

        int width = half + 1;
        for (int bin = 0; bin < spectrum.Length; bin++)
        {
            double real = TensorPrimitives.Dot<double>(_cosines.AsSpan(bin * width, width), even), imaginary = TensorPrimitives.Dot<double>(_sines.AsSpan(bin * width, width), odd);
            spectrum[bin] = (real * real) + (imaginary * imaginary);
        }
    }

    private double[] Waves(int bins, Func<double, double> wave)
    {
        int width = (_window / 2) + 1;
        double[] waves = new double[bins * width];
        for (int bin = 0; bin < bins; bin++)
        {
            for (int i = 0; i < width; i++)
                waves[(bin * width) + i] = wave(2 * Math.PI * ((long)bin * i % _window) / _window);
        }

        return waves;
    }

    private static double[][] Filters(int bins, int bands)
    {
        const double Highest = 8_000;
        double lowest = ToMel(0), step = (ToMel(Highest) - lowest) / (bands + 1);
        double[] edges = [.. Enumerable.Range(0, bands + 2).Select(i => ToHertz(lowest + (i * step)))];
        double[][] filters = new double[bands][];
        for (int band = 0; band < bands; band++)
        {
            filters[band] = new double[bins];
            double area = 2 / (edges[band + 2] - edges[band]);
            for (int bin = 0; bin < bins; bin++)
            {
                double hertz = bin * (SoundCheck.SampleRate / 2.0) / (bins - 1);
                double rise = (hertz - edges[band]) / (edges[band + 1] - edges[band]);
                double fall = (edges[band + 2] - hertz) / (edges[band + 2] - edges[band + 1]);
                filters[band][bin] = (float)(Math.Max(0, Math.Min(rise, fall)) * area);
            }
        }

        return filters;
    }

    // Slaney's scale: linear up to 1 kHz, then by the logarithm.
    private static double ToMel(double hertz) => hertz < 1_000 ? 3 * hertz / 200 : 15 + (Math.Log(hertz / 1_000) * (27 / Math.Log(6.4)));

    private static double ToHertz(double mel) => mel < 15 ? 200 * mel / 3 : 1_000 * Math.Exp(Math.Log(6.4) / 27 * (mel - 15));
}
