using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;

namespace Affekt.Tests.Audio;

/// <summary>Pooling against NumPy (make_audio_features.py beside the fixture), and sounds that are hardly any.</summary>
public sealed class MoonshineEncoderTests : IAsyncLifetime
{
    private MoonshineEncoder? _loaded;

    private MoonshineEncoder Encoder => _loaded!;

    public async ValueTask InitializeAsync() => _loaded = MoonshineEncoder.Load(await MoonshineFile.PathAsync());

    public ValueTask DisposeAsync()
    {
        _loaded?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Mean_and_deviation_over_the_frames_within_35_dB_of_the_peak_are_those_of_NumPy()
    {
        using TensorScope scope = new();
        float[] expected = Stored.Read(Stored.Fixture("moonshine/audio_features.safetensors"))["features"].ToArray<float>();
        Assert.Equal(MoonshineEncoder.Width, expected.Length);
        Stored.Close(expected, Values(SyntheticSound.Make()), 1e-3);
    }

    [Fact]
    public void The_frames_that_carry_sound_have_the_mean_that_NumPy_computes()
    {
        using TensorScope scope = new();
        float[] expected = Stored.Read(Stored.Fixture("moonshine/audio_features.safetensors"))["features"].ToArray<float>();
        SoundFrames frames = Encoder.Frames(SyntheticSound.Make())!;

        float[] mean = [.. Enumerable.Range(0, MoonshineEncoder.FrameWidth)
            .Select(i => frames.Active.Select((_, row) => frames.States[(row * MoonshineEncoder.FrameWidth) + i]).Average())];

        Stored.Close(expected[..MoonshineEncoder.FrameWidth], mean, 1e-3);
    }

    [Theory]
    [InlineData(0.01f)]
    [InlineData(3)]
    public void Loudness_makes_no_difference(float factor)
    {
        float[] sound = SyntheticSound.Make();
        Stored.Close(Values(sound), Values([.. sound.Select(sample => sample * factor)]), 1e-3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-5)]
    public void Silence_and_what_is_as_good_as_silent_has_no_features(double amplitude) =>
        Unusable(SyntheticSound.Sine(16000, amplitude), "silent");

    [Fact]
    public void The_softest_sound_of_16_bits_has_features() => AllFinite(SyntheticSound.Sine(16000, 1e-4));

    [Fact]
    public void One_frame_is_enough_and_one_sample_less_is_too_short()
    {
        AllFinite(SyntheticSound.Sine(895, 0.1));
        Unusable(SyntheticSound.Sine(894, 0.1), "too short");
        Unusable([], "too short");
    }

    [Theory]
    [InlineData(float.NaN, 0)]
    [InlineData(float.NaN, 8000)]
    [InlineData(float.NaN, 15999)]
    [InlineData(float.PositiveInfinity, 8000)]
    [InlineData(float.NegativeInfinity, 15999)]
    [InlineData(float.MaxValue, 15999)]
    public void One_value_that_is_no_sample_spoils_the_sound(float value, int place)
    {
        // The last frame ends before the last sample, which the network's first norm sees all the same.
        float[] sound = SyntheticSound.Sine(16000, 0.1);
        sound[place] = value;
        Unusable(sound, "no samples");
    }

    [Fact]
    public void Nothing_but_NaN_has_no_features() => Unusable([.. Enumerable.Repeat(float.NaN, 16000)], "no samples");

    [Fact]
    public void A_constant_has_finite_features() => AllFinite([.. Enumerable.Repeat(0.25f, 16000)]);

    [Fact]
    public void Of_more_than_half_a_minute_the_middle_is_read()
    {
        float[] piece = SyntheticSound.Make();
        float[] sound = [.. Enumerable.Range(0, 31 * 16_000).Select(i => piece[i % piece.Length])];
        Assert.Equal(Values(sound[8000..^8000]), Values(sound));
    }

    [Fact]
    public void Another_file_is_refused_by_its_name()
    {
        string file = Stored.Fixture("moonshine/moonshine.safetensors");
        Assert.Contains(file, Assert.Throws<ModelException>(() => MoonshineEncoder.Load(file)).Message, StringComparison.Ordinal);
        Assert.Throws<StateFileException>(() => MoonshineEncoder.Load(file + ".missing"));
    }

    private float[] Values(float[] sound)
    {
        AudioFeatures features = Encoder.Encode(sound);
        Assert.Null(features.Reason);
        return features.Values!;
    }

    private void AllFinite(float[] sound)
    {
        float[] values = Values(sound);
        Assert.Equal(MoonshineEncoder.Width, values.Length);
        Assert.All(values, value => Assert.True(float.IsFinite(value)));
    }

    private void Unusable(float[] sound, string reason)
    {
        AudioFeatures features = Encoder.Encode(sound);
        Assert.Null(features.Values);
        Assert.Contains(reason, features.Reason!, StringComparison.Ordinal);
    }
}
