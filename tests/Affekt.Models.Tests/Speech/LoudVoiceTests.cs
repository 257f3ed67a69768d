using Affekt.Models.Speech;

namespace Affekt.Tests.Speech;

public sealed class LoudVoiceTests
{
    private const int Rate = 16_000;

    // A second of room tone, then the sound, then room tone again.
    private static readonly Func<Func<int, double>, float[]> s_amid = sound =>
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, 3 * Rate).Select(i => (float)((i / Rate == 1 ? sound(i) : 0) + (1e-3 * (random.NextDouble() - 0.5))))];
    };

    [Theory]
    [InlineData(90)]
    [InlineData(220)]
    [InlineData(500)]
    public void A_loud_voice_is_heard_where_it_is_and_nowhere_else(double pitch)
    {
        // Many harmonics, as of vocal folds.
        bool[] heard = new LoudVoice().Hear(s_amid(i => Enumerable.Range(1, 8).Sum(n => 0.05 * Math.Sin(2 * Math.PI * n * pitch * i / Rate))));

        int second = Rate / SpeechDetector.Chunk;
        Assert.Equal(3 * Rate / SpeechDetector.Chunk, heard.Length);
        Assert.All(heard[..second], Assert.False);
        Assert.All(heard[(second + 2)..((2 * second) - 1)], Assert.True);
        Assert.All(heard[((2 * second) + 3)..], Assert.False);
    }

    [Fact]
    public void Loud_noise_is_no_voice()
    {
        Random random = new(2);
        Assert.All(new LoudVoice().Hear(s_amid(_ => random.NextDouble() - 0.5)), Assert.False);
    }

    [Fact]
    public void A_hum_that_lasts_and_one_behind_digital_silence_are_no_voices()
    {
        float[] hum = [.. Enumerable.Range(0, 8 * Rate).Select(i => (float)(0.05 * Math.Sin(2 * Math.PI * 100 * i / Rate)))];
        Assert.All(new LoudVoice().Hear(hum), Assert.False);

        float[] faint = [.. new float[2 * Rate], .. hum.Select(sample => sample * 0.005f)];
        Assert.All(new LoudVoice().Hear(faint), Assert.False);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(7_000)]
    public void Pieces_of_any_size_give_the_same(int size)
    {
        float[] sound = s_amid(i => Math.Sign(Math.Sin(2 * Math.PI * 150 * i / Rate)) * 0.1);
        LoudVoice pieces = new();
        List<bool> found = [];
        for (int at = 0; at < sound.Length; at += size)
            found.AddRange(pieces.Hear(sound.AsSpan(at, Math.Min(size, sound.Length - at))));

        Assert.Equal(new LoudVoice().Hear(sound), found);
    }
}
