using System.Text.Json;
using Affekt.Models;
using Affekt.Models.Audio;

namespace Affekt.Tests.Audio;

/// <summary>Sounds as recorded to features and text, against what Hugging Face's transformers gives.</summary>
[Collection(nameof(Alone))]
public sealed class Wav2Vec2EncoderTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("group")]
    [InlineData("layer")]
    [InlineData("ctc")]
    public void A_sound_is_brought_to_zero_mean_and_unit_variance_as_the_reference_does(string name)
    {
        float[][] expected = Wav2Vec2Fixture.Io(name, "input_values");
        foreach ((float[] values, float[] wave) in expected.Zip(Wav2Vec2Fixture.Io(name, "wave")))
            Stored.Close(values, Wav2Vec2Encoder.Normalize(wave), 1e-5);
    }

    [Theory]
    [InlineData("group")]
    [InlineData("layer")]
    public void Features_are_the_mean_of_the_reference_states_whatever_else_is_in_the_list(string name)
    {
        using Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(Wav2Vec2Fixture.Folder(name));
        float[][] waves = Wav2Vec2Fixture.Io(name, "wave");
        float[][] expected = Means(name, encoder.Width);

        // Near enough in length to share a batch with the second and the third wave.
        float[] similar = SyntheticSound.Make();
        AudioFeatures[] features = encoder.Encode(
            [waves[2], [], similar, waves[0], [.. waves[1].Select(_ => float.NaN)], waves[1], new float[16000], waves[0]]);
        Assert.Equal([true, false, true, true, false, true, false, true], features.Select(f => f.Values is not null));
        Stored.Close(expected[2], features[0].Values!, Tolerance);
        Stored.Close(expected[0], features[3].Values!, Tolerance);
        Stored.Close(expected[1], features[5].Values!, Tolerance);
        Stored.Close(expected[0], features[7].Values!, Tolerance);
        Assert.Equal(
            [null, "sound of 0 ms is too short", null, null, "sound holds values that are no samples", null, "sound is silent", null],
            features.Select(f => f.Reason));

        // Those of one length are computed together.
        Assert.Equal(features[3].Values, encoder.Encode([waves[0]])[0].Values);
        Stored.Close(features[2].Values!, encoder.Encode([similar])[0].Values!, Tolerance);
        for (int i = 0; i < waves.Length; i++)
            Stored.Close(expected[i], encoder.Encode([waves[i]])[0].Values!, Tolerance);
        Assert.Empty(encoder.Encode([]));
    }

    [Fact]
    public void Of_a_long_sound_the_middle_half_minute_is_read()
    {
        using Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(Wav2Vec2Fixture.Folder("group"));
        float[] middle = SyntheticSound.Sine(30 * 16000, 0.1);
        float[] outside = [.. Enumerable.Repeat(0.7f, 8000)];
        AudioFeatures[] features = encoder.Encode([[.. outside, .. middle, .. outside], middle]);
        Stored.Close(features[1].Values!, features[0].Values!, Tolerance);
    }

    [Fact]
    public void The_shortest_sound_fills_one_frame()
    {
        using Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(Wav2Vec2Fixture.Folder("group"));
        float[] wave = Wav2Vec2Fixture.Io("group", "wave")[0];
        Assert.NotNull(encoder.Encode([wave[..400]])[0].Values);
        Assert.Equal("sound of 24 ms is too short", encoder.Encode([wave[..399]])[0].Reason);
    }

    [Fact]
    public void Transcripts_are_those_of_the_reference()
    {
        using Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(Wav2Vec2Fixture.Folder("ctc"));
        Assert.True(encoder.CanTranscribe);
        float[][] waves = Wav2Vec2Fixture.Io("ctc", "wave");
        using JsonDocument expected = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(Wav2Vec2Fixture.Folder("ctc"), "transcripts.json")));
        Assert.Equal([.. Expected("plain"), ""], encoder.Transcribe([.. waves, []], skipSpecialTokens: false));
        Assert.Equal([.. Expected("skip_special_tokens"), ""], encoder.Transcribe([.. waves, []]));

        IEnumerable<string> Expected(string field) => expected.RootElement.EnumerateArray().Select(row => row.GetProperty(field).GetString()!);
    }

    [Fact]
    public void A_checkpoint_without_the_layer_for_transcripts_gives_none()
    {
        using Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(Wav2Vec2Fixture.Folder("group"));
        Assert.False(encoder.CanTranscribe);
        Assert.Throws<InvalidOperationException>(() => encoder.Transcribe([]));
    }

    [Fact]
    public void A_vocabulary_beyond_the_layer_for_transcripts_is_refused_and_a_missing_one_is_not()
    {
        using Wav2Vec2Fixture copy = new("ctc");
        copy.CopyOldCheckpoint();
        copy.Replace("vocab.json", "\"Z\": 31", "\"Z\": 32");
        Assert.Contains(
            "32", Assert.Throws<ModelException>(() => Wav2Vec2Encoder.Load(copy.CopyPath)).Message, StringComparison.Ordinal);
        copy.Delete("vocab.json");
        using Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(copy.CopyPath);
        Assert.False(encoder.CanTranscribe);
    }

    [Fact]
    public void A_folder_says_whether_sound_is_normalized_and_it_is_where_the_folder_says_nothing()
    {
        using Wav2Vec2Fixture copy = new("group");
        copy.CopyOldCheckpoint();
        copy.Replace("preprocessor_config.json", "\"do_normalize\": true", "\"do_normalize\": false");
        float[] expected = Means("group", 48)[0];
        using Wav2Vec2Encoder asItIs = Wav2Vec2Encoder.Load(copy.CopyPath);
        Stored.Close(expected, asItIs.Encode([Wav2Vec2Fixture.Io("group", "input_values")[0]])[0].Values!, Tolerance);
        copy.Delete("preprocessor_config.json");
        using Wav2Vec2Encoder normalizing = Wav2Vec2Encoder.Load(copy.CopyPath);
        Stored.Close(expected, normalizing.Encode([Wav2Vec2Fixture.Io("group", "wave")[0]])[0].Values!, Tolerance);
    }

    [Fact]
    public void A_network_for_another_sampling_rate_is_refused()
    {
        using Wav2Vec2Fixture copy = new("group");
        copy.Replace("preprocessor_config.json", "16000", "8000");
        Assert.Contains(
            "sampling_rate", Assert.Throws<ModelException>(() => Wav2Vec2Encoder.Load(copy.CopyPath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_behind_by_an_encoder_or_by_one_that_could_not_be_loaded()
    {
        using Wav2Vec2Fixture copy = new("ctc");
        copy.CopyOldCheckpoint();
        float[][] waves = Wav2Vec2Fixture.Io("ctc", "wave");
        long before = Alone.SettledTensors();
        using (Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(copy.CopyPath))
        {
            encoder.Encode(waves);
            encoder.Transcribe(waves);
        }

        copy.WriteText("vocab.json", "{}");
        Assert.Throws<ModelException>(() => Wav2Vec2Encoder.Load(copy.CopyPath));
        Assert.Equal(before, Alone.SettledTensors());
    }

    private static float[][] Means(string name, int width) =>
    [
        .. Wav2Vec2Fixture.Io(name, "output").Select(states => Enumerable.Range(0, width)
            .Select(feature => (float)states.Where((_, i) => i % width == feature).Average(value => (double)value)).ToArray()),
    ];
}
