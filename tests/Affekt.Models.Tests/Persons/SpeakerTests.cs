using System.Text.Json;
using Affekt.Models.Persons;

namespace Affekt.Tests.Persons;

/// <summary>Voices to vectors, and vectors to speakers.</summary>
public sealed class SpeakerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_vectors_are_those_that_PyTorch_computes(int sound)
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Stored.Fixture("speakers.json"))).RootElement.GetProperty("sounds")[sound];
        using SpeakerEncoder encoder = SpeakerEncoder.Load();
        float[] samples = Sound(expected.GetProperty("samples").GetInt32());
        if (sound == 2)
            Pause(samples, 16_000, 32_000);

        Stored.Close(Numbers(expected, "raw"), encoder.EncodeRaw(samples)!, 2e-4);
        Stored.Close(Numbers(expected, "voice"), encoder.Encode(samples)!, 2e-3);
    }

    [Fact]
    public void Too_little_sound_silence_and_what_is_no_sound_have_no_voice()
    {
        using SpeakerEncoder encoder = SpeakerEncoder.Load();

        Assert.Null(encoder.Encode(Sound(SpeakerEncoder.ShortestSound - 1)));
        Assert.Null(encoder.Encode(new float[16_000]));
        Assert.Null(encoder.Encode([.. Sound(16_000), float.NaN]));
    }

    [Fact]
    public void How_loud_a_quiet_voice_is_makes_no_difference()
    {
        using SpeakerEncoder encoder = SpeakerEncoder.Load();
        float[] samples = Array.ConvertAll(Sound(32_000), sample => sample * 0.1f);

        float[] quiet = encoder.Encode(Array.ConvertAll(samples, sample => sample * 0.1f))!;

        Stored.Close(encoder.Encode(samples)!, quiet, 1e-3);
    }

    [Fact]
    public void Silence_around_a_voice_makes_no_difference()
    {
        using SpeakerEncoder encoder = SpeakerEncoder.Load();
        float[] samples = Sound(32_000);

        float[] voice = encoder.Encode([.. new float[16_000], .. samples, .. new float[24_000]])!;

        Assert.True(voice.Zip(encoder.Encode(samples)!, (a, b) => a * b).Sum() > 0.65);
    }

    [Fact]
    public void Voices_that_differ_are_told_apart_in_the_order_in_which_they_come()
    {
        SpeakerGroups groups = new();
        int[] truth = [0, 0, 1, 0, 1, 1, 2, 0, 2, 1, 2, 2, 0, 1, 2, 0];
        Random random = new(1);

        foreach (int speaker in truth)
            groups.Add(Voice(speaker, random), 2);

        Assert.Equal(truth, groups.Speakers);
    }

    [Fact]
    public void One_voice_stays_one_speaker()
    {
        SpeakerGroups groups = new();
        Random random = new(2);

        for (int i = 0; i < 60; i++)
            Assert.Equal(0, groups.Add(Voice(0, random), 2));
    }

    [Fact]
    public void A_short_utterance_makes_no_new_speaker_and_one_without_a_voice_has_none()
    {
        SpeakerGroups groups = new();
        Random random = new(3);
        groups.Add(Voice(0, random), 2);
        groups.Add(Voice(0, random), 2);

        Assert.Equal(0, groups.Add(Voice(1, random), 0.7));
        Assert.Equal(-1, groups.Add(null, 2));
    }

    [Fact]
    public void As_many_speakers_as_are_told_are_found()
    {
        SpeakerGroups groups = new(2);
        Random random = new(4);
        foreach (int speaker in (int[])[0, 1, 2, 0, 1, 2, 0, 1, 2])
            groups.Add(Voice(speaker, random), 2);

        Assert.Equal(2, groups.Speakers.Distinct().Count());
    }

    [Fact]
    public void A_long_session_forgets_old_utterances_and_still_knows_its_voices()
    {
        SpeakerGroups groups = new(count: null, most: 40);
        Random random = new(5);
        for (int i = 0; i < 120; i++)
            groups.Add(Voice(i % 2, random), 2);

        Assert.Equal(Enumerable.Range(0, 120).Select(i => i % 2), groups.Speakers);
    }

    [Fact]
    public void After_some_utterances_each_speaker_is_answered_with_a_number_that_stays()
    {
        SpeakerGroups groups = new();
        Random random = new(6);

        int[] answered = [.. Enumerable.Range(0, 60).Select(i => groups.Add(Voice(i % 3, random), 2))];

        Assert.Equal(3, groups.Speakers.Distinct().Count());
        Assert.Equal(groups.Speakers.Skip(12), answered.Skip(12));
    }

    [Theory]
    [InlineData(1.0, 1)]
    [InlineData(0.0, 2)]
    public void Voices_that_differ_are_one_speaker_where_their_moods_explain_it(double differenceOfMoods, int speakers)
    {
        SpeakerGroups groups = new();
        Random random = new(7);
        for (int i = 0; i < 40; i++)
        {
            VoiceVectors voice = Voice(0, random, towards: 1, share: i % 2 == 0 ? 0.35 : -0.35);
            groups.Add(voice with { Expression = [.. voice.Expression!.Select((score, e) => score + (float)(e == i % 2 ? differenceOfMoods : 0))] }, 2);
        }

        Assert.Equal(speakers, groups.Speakers.Distinct().Count());
    }

    // A direction of its own for each speaker, with so much noise that two of one are alike by about a half, and of its own for what it
    // is moved towards; any expression.
    private static VoiceVectors Voice(int speaker, Random random, int towards = 0, double share = 0)
    {
        Random own = new(100 + speaker), other = new(200 + towards);
        float[] voice = [.. Enumerable.Range(0, SpeakerEncoder.Width).Select(_ => (float)(Normal(own) + Normal(random) + (share * 2 * Normal(other))))];
        float length = MathF.Sqrt(voice.Sum(value => value * value));
        return new VoiceVectors(Array.ConvertAll(voice, value => value / length), [.. Enumerable.Range(0, 7).Select(_ => (float)(0.15 * Normal(random)))]);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    // The same formula stood in the script that the fixture is from.
    private static float[] Sound(int samples)
    {
        float[] sound = new float[samples];
        for (int i = 0; i < samples; i++)
        {
            double t = i / 16_000.0, sum = 0;
            foreach (int k in (int[])[1, 2, 3, 5, 8, 13])
                sum += 0.1 / k * Math.Sin(2 * Math.PI * ((120 * k * t) + (3 * Math.Sin(2 * Math.PI * 1.5 * t) * k)));
            sound[i] = (float)(sum * (0.6 + (0.4 * Math.Sin(2 * Math.PI * 3 * t))));
        }

        return sound;
    }

    private static void Pause(float[] sound, int start, int end)
    {
        for (int i = start; i < end; i++)
            sound[i] *= 0.01f;
    }

    private static float[] Numbers(JsonElement of, string name) => [.. of.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];
}
