using Affekt.Media;
using Affekt.Torch;

namespace Affekt.Training.AudioText;

/// <summary>Sounds as they arrive from an echoing room, or over a telephone.</summary>
internal static class AcousticSimulation
{
    private const int SampleRate = Sound.SampleRate;

    // How long an echo takes to fall by 60 dB, in seconds: from a furnished room to a small hall.
    private const double ShortestEcho = 0.2;
    private const double LongestEcho = 0.9;

    // The voice's own energy over that of its echo, in dB: from across the room to near the microphone.
    private const double LeastDirect = -3;
    private const double MostDirect = 9;

    // Sound needs as long to the nearest wall and back, in seconds.
    private const double FirstEcho = 0.004;

    // The band that telephones carry, in Hz.
    private const double LowestOfPhone = 300;
    private const double HighestOfPhone = 3_400;

    // The steps of a telephone's samples, by mu-law (ITU-T G.711).
    private const double Mu = 255;
    private const double Steps = 127;

    /// <summary>
    /// The sound in a room drawn at random: its echo is noise that dies away exponentially (Polack, 1988), in which the voice
    /// itself stands at the same place.
    /// </summary>
    public static float[] InRoom(float[] sound, Random random)
    {
        double echo = ShortestEcho + (random.NextDouble() * (LongestEcho - ShortestEcho));
        double direct = LeastDirect + (random.NextDouble() * (MostDirect - LeastDirect));
        float[] response = new float[(int)(echo * SampleRate)];
        double energy = 0;
        for (int i = (int)(FirstEcho * SampleRate); i < response.Length; i++)
        {
            // 60 dB are a factor of 1000 in amplitude.
            response[i] = (float)(SoundCopies.Normal(random) * Math.Pow(1000, -(double)i / response.Length));
            energy += (double)response[i] * response[i];
        }

        double scale = Math.Pow(10, -direct / 20) / Math.Sqrt(energy);
        for (int i = 0; i < response.Length; i++)
            response[i] = (float)(response[i] * scale);
        response[0] = 1;
        return Convolve(sound, response);
    }

    /// <summary>The sound in a telephone's band and with its steps.</summary>
    public static float[] OverPhone(float[] sound)
    {
        float[] narrow = InBand(sound, LowestOfPhone, HighestOfPhone);
        double loudest = Math.Max(1e-9, narrow.Max(Math.Abs));
        return Array.ConvertAll(narrow, sample =>
        {
            double compressed = Math.Sign(sample) * Math.Log(1 + (Mu * Math.Abs(sample) / loudest)) / Math.Log(1 + Mu);
            double step = Math.Round(compressed * Steps) / Steps;
            return (float)(Math.Sign(step) * loudest * (Math.Pow(1 + Mu, Math.Abs(step)) - 1) / Mu);
        });
    }

    /// <summary>What of a sound lies between two frequencies, in Hz.</summary>
    public static float[] InBand(float[] sound, double lowest, double highest)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        float[] kept = new float[(sound.Length / 2) + 1];
        for (int i = 0; i < kept.Length; i++)
        {
            double frequency = (double)i * SampleRate / sound.Length;
            kept[i] = frequency >= lowest && frequency <= highest ? 1 : 0;
        }

        return Inverse(Multiply(Spectrum(sound, sound.Length), Tensor.From<float>(kept, kept.Length)), sound.Length).ToArray<float>();
    }

    /// <summary>A sound as a response makes it, as long as it was.</summary>
    public static float[] Convolve(float[] sound, float[] response)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        int length = sound.Length + response.Length - 1;
        Tensor product = Multiply(Spectrum(sound, length), Spectrum(response, length));
        return Inverse(product, length).Narrow(0, 0, sound.Length).ToArray<float>();
    }

    private static Tensor Spectrum(float[] sound, int length) =>
        Operator.Get("aten::fft_rfft").Call(Tensor.From<float>(sound, sound.Length), length, -1, Value.None);

    private static Tensor Multiply(Tensor spectrum, Tensor other) => Operator.Get("aten::mul.Tensor").Call(spectrum, other);

    private static Tensor Inverse(Tensor spectrum, int length) =>
        Operator.Get("aten::fft_irfft").Call(spectrum, length, -1, Value.None);
}
