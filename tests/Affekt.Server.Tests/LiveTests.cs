using System.Buffers.Binary;
using System.Text.Json;
using Affekt.AspNetCore.Live;
using Affekt.Media;

namespace Affekt.Tests;

/// <summary>/v1/live with real sound and pictures, over a real connection on this machine.</summary>
public sealed class LiveTests
{
    private static readonly string _clip = TestPaths.InRepository("samples/sample.mp4");

    [Fact]
    public async Task Somebody_speaks_and_gets_updates_and_an_utterance_and_the_goodbye()
    {
        LiveServer server = await LiveServer.SharedAsync();
        using LiveClient client = await server.GreetAsync("""{"type":"hello","version":1,"audio":true,"video":true,"speaker":"Ann"}""");
        short[] sound = await SoundAsync();
        byte[] jpeg = Jpeg(server.Media);

        await client.PictureAsync(0, jpeg);
        for (int at = 0; at < sound.Length; at += 1600)
        {
            await client.SoundAsync(at / 16.0, sound[at..Math.Min(sound.Length, at + 1600)]);
            await Task.Delay(30, TestContext.Current.CancellationToken);
        }

        JsonElement update = await client.ReadAsync(
            "update", one => one.GetProperty("speaking_since_ms").ValueKind == JsonValueKind.Number
                && one.GetProperty("probabilities").ValueKind == JsonValueKind.Object);
        await client.SayAsync("""{"type":"stop"}""");
        JsonElement utterance = (await client.ReadAsync("utterance")).GetProperty("utterance");

        Assert.Equal(1000, await client.ReadToCloseAsync());
        Assert.Equal(30_000, client.Welcome.GetProperty("resume_ms").GetInt32());
        Assert.Equal(500, client.Welcome.GetProperty("update_ms").GetInt32());
        Assert.Equal(1, update.GetProperty("probabilities").EnumerateObject().Sum(one => one.Value.GetDouble()), 1e-6);
        Assert.Equal("used", update.GetProperty("modalities").GetProperty("audio").GetProperty("status").GetString());
        Assert.Equal("missing", update.GetProperty("modalities").GetProperty("video").GetProperty("status").GetString());
        Assert.Equal("Ann", update.GetProperty("speaker").GetString());
        Assert.True(update.GetProperty("latency_ms").GetDouble() >= 0);
        Assert.Equal("Ann", utterance.GetProperty("speaker").GetString());
        Assert.Equal(7, utterance.GetProperty("probabilities").EnumerateObject().Count());
        Assert.Equal("asr", utterance.GetProperty("text_source").GetString());
    }

    [Fact]
    public async Task A_camera_alone_gives_updates_while_a_face_is_seen()
    {
        LiveServer server = await LiveServer.SharedAsync();
        using LiveClient client = await server.GreetAsync("""{"type":"hello","version":1,"audio":false,"video":true}""");
        byte[] jpeg = Jpeg(server.Media);
        using CancellationTokenSource enough = new();
        Task camera = Task.Run(
            async () =>
            {
                for (int i = 0; !enough.IsCancellationRequested; i++)
                {
                    await client.PictureAsync(100 * i, jpeg);
                    await Task.Delay(50, TestContext.Current.CancellationToken);
                }
            },
            TestContext.Current.CancellationToken);

        JsonElement update = await client.ReadAsync("update", one => one.GetProperty("faces").GetArrayLength() > 0);
        await enough.CancelAsync();
        await camera;

        JsonElement face = update.GetProperty("faces")[0];
        Assert.InRange(face.GetProperty("x").GetDouble() + (face.GetProperty("width").GetDouble() / 2), 0.1, 0.9);
        Assert.InRange(face.GetProperty("height").GetDouble(), 0.05, 1);
        Assert.Equal(JsonValueKind.Null, update.GetProperty("speaking_since_ms").ValueKind);
        Assert.Equal(JsonValueKind.Null, update.GetProperty("probabilities").ValueKind);
    }

    [Fact]
    public async Task Pictures_that_come_too_fast_are_dropped_and_told_and_sound_is_not()
    {
        LiveServer server = await LiveServer.SharedAsync();
        using LiveClient client = await server.GreetAsync();
        byte[] jpeg = Jpeg(server.Media);
        for (int i = 0; i < 60; i++)
            await client.PictureAsync(i, jpeg);
        await client.StreamAsync(0, await SoundAsync());
        await client.SayAsync("""{"type":"stop"}""");

        JsonElement dropped = await client.ReadAsync("dropped");
        await client.ReadAsync("utterance");

        Assert.InRange(dropped.GetProperty("pictures").GetInt32(), 1, 60);
    }

    [Fact]
    public async Task Broken_and_huge_pictures_are_warned_of_and_the_session_goes_on()
    {
        await using LiveServer server = await LiveServer.StartAsync(new LiveLimits { BadPicture = TimeSpan.Zero, Picture = TimeSpan.Zero });
        using LiveClient client = await server.GreetAsync();
        byte[] jpeg = Jpeg(server.Media);
        byte[] huge = [.. jpeg];
        int frame = huge.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(huge.AsSpan(frame + 5), 60_000);
        BinaryPrimitives.WriteUInt16BigEndian(huge.AsSpan(frame + 7), 60_000);

        await client.PictureAsync(1, [1, 2, 3, 4, 5]);
        await client.ReadAsync("warning", one => one.GetProperty("code").GetString() == "picture_unreadable");
        await client.PictureAsync(2, huge);
        JsonElement warning = await client.ReadAsync("warning", one => one.GetProperty("code").GetString() == "too_many_pixels");
        await client.PictureAsync(3, jpeg[..(jpeg.Length / 2)]);
        await client.PictureAsync(4, jpeg);
        await client.ReadAsync("update", one => one.GetProperty("faces").GetArrayLength() > 0);

        Assert.Contains("60000 x 60000", warning.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_pause_ends_the_utterance_and_nothing_is_heard_until_it_goes_on()
    {
        LiveServer server = await LiveServer.SharedAsync();
        using LiveClient client = await server.GreetAsync();
        short[] sound = await SoundAsync();

        await client.StreamAsync(0, sound);
        await client.SayAsync("""{"type":"pause"}""");
        JsonElement first = (await client.ReadAsync("utterance")).GetProperty("utterance");
        await client.StreamAsync(10_000, sound);
        await client.SayAsync("""{"type":"speaker","speaker":"B"}""");
        await client.SayAsync("""{"type":"resume"}""");
        await client.StreamAsync(20_000, sound);
        await client.SayAsync("""{"type":"stop"}""");
        JsonElement next = (await client.ReadAsync("utterance", one => one.GetProperty("utterance").GetProperty("speaker").ValueKind != JsonValueKind.Null))
            .GetProperty("utterance");
        await client.ReadToCloseAsync();

        Assert.InRange(first.GetProperty("end_ms").GetInt32(), 1, 4_400);
        Assert.InRange(next.GetProperty("start_ms").GetInt32(), 19_800, 24_400);
        Assert.Equal("B", next.GetProperty("speaker").GetString());
        Assert.DoesNotContain(client.Passed, one => one.GetProperty("type").GetString() == "utterance"
            && one.GetProperty("utterance").GetProperty("start_ms").GetInt32() is > 9_000 and < 19_000);
    }

    [Fact]
    public async Task After_a_break_the_session_goes_on_and_says_again_what_was_missed()
    {
        LiveServer server = await LiveServer.SharedAsync();
        LiveClient before = await server.GreetAsync();
        short[] sound = await SoundAsync();
        await before.StreamAsync(0, sound);
        await before.SayAsync("""{"type":"pause"}""");
        JsonElement utterance = await before.ReadAsync("utterance");
        before.Break();
        using LiveClient after = await server.GreetAsync(LiveClient.GoOn(before.Session));

        JsonElement again = await after.ReadAsync("utterance");
        uint pieces = after.Welcome.GetProperty("received").GetProperty("audio_seq").GetUInt32();

        Assert.Equal(before.Session, after.Session);
        Assert.Equal((uint)((sound.Length + 1599) / 1600), pieces);
        Assert.Equal(utterance.GetRawText(), again.GetRawText());

        // What was received before is left out when it is sent again; what follows is heard.
        await after.SoundAsync(0, sound[..1600], 1);
        await after.SayAsync("""{"type":"resume"}""");
        await after.SoundAsync(30_000, sound[..1600], pieces + 1);
        await after.SayAsync("""{"type":"stop"}""");
        Assert.Equal(1000, await after.ReadToCloseAsync());
    }

    [Fact]
    public async Task Another_connection_takes_a_session_over()
    {
        LiveServer server = await LiveServer.SharedAsync();
        using LiveClient first = await server.GreetAsync();
        Task<int> closed = first.ReadToCloseAsync();
        using LiveClient second = await server.GreetAsync(LiveClient.GoOn(first.Session));

        Assert.Equal(4409, await closed);
        Assert.Equal(first.Session, second.Session);
        Assert.Contains(first.Passed, one => one.GetProperty("type").GetString() == "error");
    }

    [Fact]
    public async Task A_session_ends_when_its_client_does_not_come_back()
    {
        await using LiveServer server = await LiveServer.StartAsync(new LiveLimits { Resume = TimeSpan.FromMilliseconds(300) });
        LiveClient client = await server.GreetAsync();
        client.Break();
        await Eventually.HoldsAsync(() => server.Sessions.Count == 0);
        using LiveClient late = await server.ConnectAsync();
        await late.SayAsync(LiveClient.GoOn(client.Session));

        Assert.Equal(4404, await late.ReadToCloseAsync());
    }

    [Fact]
    public async Task More_sessions_than_there_may_be_are_refused_until_one_is_free()
    {
        await using LiveServer server = await LiveServer.StartAsync(sessions: 1);
        LiveClient first = await server.GreetAsync();
        using LiveClient second = await server.ConnectAsync();
        await second.SayAsync("""{"type":"hello","version":1,"audio":true}""");
        Assert.Equal(1013, await second.ReadToCloseAsync());
        Assert.Equal("too_many_sessions", second.Passed[0].GetProperty("problem").GetProperty("code").GetString());

        await first.CloseAsync();
        await Eventually.HoldsAsync(() => server.Sessions.Count == 0);
        using LiveClient third = await server.GreetAsync();
    }

    private static byte[] Jpeg(TestMedia media) => File.ReadAllBytes(media.Make(
        $"{Guid.NewGuid():N}.jpg", "-i", TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4"), "-vf", "scale=640:-2", "-frames:v", "1"));

    private static async Task<short[]> SoundAsync()
    {
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(_clip, TestContext.Current.CancellationToken);
        return [.. sound.Samples.Select(sample => (short)Math.Clamp(sample * 32768, short.MinValue, short.MaxValue))];
    }
}
