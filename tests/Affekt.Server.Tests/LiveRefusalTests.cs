using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Affekt.AspNetCore.Live;

namespace Affekt.Tests;

/// <summary>What /v1/live refuses, and with which close code.</summary>
public sealed class LiveRefusalTests
{
    private const string Hello = """{"type":"hello","version":1,"audio":true,"video":true}""";

    [Fact]
    public async Task A_first_message_that_is_no_hello_is_refused()
    {
        LiveServer server = await LiveServer.SharedAsync();
        (string Text, string Part)[] wrong =
        [
            ("no json", "no JSON"), ("[1]", "expected hello"), ("""{"type":"stop"}""", "expected hello"),
            ("""{"type":"hello","version":2,"audio":true}""", "version"), ("""{"type":"hello"}""", "neither audio nor video"),
            ("""{"type":"hello","audio":"yes"}""", "hello, audio: found another value"), ("""{"type":"hello","audio":true,"prior":"melt"}""", "prior: found another value, expected \"uniform\""),
            ("""{"type":"hello","audio":true,"min_confidence":2}""", "min_confidence"),
            ($$"""{"type":"hello","audio":true,"speaker":"{{new string('x', 201)}}"}""", "speaker"),
            ("""{"type":"hello","resume":{}}""", "session"), ("""{"type":"hello","audio":true,"prior":"meld"}""", "prior: found one"),
        ];
        foreach ((string text, string part) in wrong)
        {
            using LiveClient client = await server.ConnectAsync();
            await client.SayAsync(text);
            Assert.Equal(4400, await client.ReadToCloseAsync());
            Assert.Contains(part, client.Passed[0].GetProperty("problem").GetProperty("detail").GetString());
        }

        using LiveClient binary = await server.ConnectAsync();
        await binary.SoundAsync(0, new short[160]);
        Assert.Equal(1003, await binary.ReadToCloseAsync());
    }

    [Fact]
    public async Task A_hello_that_asks_for_what_nobody_knows_is_told_so()
    {
        LiveServer server = await LiveServer.SharedAsync();
        using LiveClient client = await server.GreetAsync("""{"type":"hello","audio":true,"min_confidnce":0.9}""");

        JsonElement warning = await client.ReadAsync("warning", one => one.GetProperty("code").GetString() == "unknown_field");

        Assert.StartsWith("hello: found \"min_confidnce\", expected no other name than version, audio, video", warning.GetProperty("message").GetString());
    }

    [Fact]
    public void Samples_that_look_like_a_files_beginning_by_chance_are_sound() =>
        Assert.Equal(14, LiveMessage.Read(LiveClient.Message(1, 2, 0, [.. "RIFF    WAVE"u8, 0, 0]), new LiveLimits()).Body.Length);

    [Fact]
    public async Task Messages_that_are_malformed_end_the_connection()
    {
        LiveServer server = await LiveServer.SharedAsync();
        byte[][] wrong =
        [
            new byte[15], new byte[16], LiveClient.Message(3, 1, 0, [0, 0]), LiveClient.Message(1, 0, 0, [0, 0]),
            LiveClient.Message(1, 1, double.NaN, [0, 0]), LiveClient.Message(1, 1, -1, [0, 0]), LiveClient.Message(1, 1, 0, [0, 0, 0]),
            LiveClient.Message(1, 1, 0, new byte[32_002]), LiveClient.Message(1, 1, 0, [.. "RIFF    WAVE"u8, 0, 0]),
            LiveClient.Message(1, 1, 0, [0x1A, 0x45, 0xDF, 0xA3, 0, 0]), [1, 1, .. LiveClient.Message(1, 1, 0, [0, 0])[2..]],
        ];
        foreach (byte[] message in wrong)
        {
            using LiveClient client = await server.GreetAsync(Hello);
            await client.SendAsync(message, WebSocketMessageType.Binary);
            Assert.Equal(4400, await client.ReadToCloseAsync());
            Assert.Equal("bad_message", client.Passed[^1].GetProperty("problem").GetProperty("code").GetString());
        }

        using LiveClient text = await server.GreetAsync(Hello);
        await text.SayAsync("""{"type":"dance"}""");
        Assert.Equal(4400, await text.ReadToCloseAsync());
        using LiveClient deaf = await server.GreetAsync("""{"type":"hello","version":1,"video":true}""");
        await deaf.SoundAsync(0, new short[160]);
        Assert.Equal(4400, await deaf.ReadToCloseAsync());
    }

    [Fact]
    public async Task Messages_that_are_too_large_end_the_connection()
    {
        await using LiveServer server = await LiveServer.StartAsync(new LiveLimits { MaxPictureBytes = 100_000 });
        using LiveClient picture = await server.GreetAsync(Hello);
        await picture.PictureAsync(0, new byte[100_001]);
        Assert.Equal(1009, await picture.ReadToCloseAsync());
        using LiveClient endless = await server.GreetAsync(Hello);
        await endless.SendAsync(new byte[500_000], WebSocketMessageType.Binary);
        Assert.Equal(1009, await endless.ReadToCloseAsync());
        using LiveClient text = await server.GreetAsync(Hello);
        await text.SendAsync(Encoding.UTF8.GetBytes(new string(' ', 20_000)), WebSocketMessageType.Text);
        Assert.Equal(1009, await text.ReadToCloseAsync());
    }

    [Fact]
    public async Task Numbers_that_skip_are_warned_of_and_repeated_ones_are_left_out()
    {
        LiveServer server = await LiveServer.SharedAsync();
        using LiveClient client = await server.GreetAsync(Hello);
        await client.SoundAsync(0, new short[160], 1);
        await client.SoundAsync(0, new short[160], 1);
        await client.SoundAsync(20, new short[160], 4);

        string message = (await client.ReadAsync("warning")).GetProperty("message").GetString()!;

        Assert.Contains("found number 4, expected 2", message);
    }

    [Fact]
    public async Task Who_says_nothing_is_sent_away()
    {
        await using LiveServer server = await LiveServer.StartAsync(
            new LiveLimits { Hello = TimeSpan.FromSeconds(2), Idle = TimeSpan.FromMilliseconds(700), Pause = TimeSpan.FromSeconds(1) });
        using LiveClient silent = await server.ConnectAsync();
        using LiveClient idle = await server.GreetAsync(Hello);
        Assert.Equal(4408, await silent.ReadToCloseAsync());
        Assert.Equal(4410, await idle.ReadToCloseAsync());
    }

    [Fact]
    public async Task A_key_is_asked_for_in_the_hello_or_in_a_header()
    {
        const string Key = "a-key-that-is-long-enough";
        await using LiveServer server = await LiveServer.StartAsync(keys: [Key]);
        foreach (string? key in (string?[])[null, "a-key-that-nobody-has-got"])
        {
            using LiveClient client = await server.ConnectAsync();
            await client.SayAsync($$"""{"type":"hello","version":1,"audio":true,"api_key":{{(key is null ? "null" : $"\"{key}\"")}}}""");
            Assert.Equal(1008, await client.ReadToCloseAsync());
            Assert.Equal(key is null ? "key_missing" : "key_wrong", client.Passed[0].GetProperty("problem").GetProperty("code").GetString());
        }

        using LiveClient named = await server.GreetAsync($$"""{"type":"hello","version":1,"audio":true,"api_key":"{{Key}}"}""");
        using LiveClient headed = await server.ConnectAsync(options => options.SetRequestHeader("X-Api-Key", Key));
        await headed.SayAsync(Hello);
        await headed.ReadAsync("welcome");
    }

    [Fact]
    public async Task A_page_of_another_origin_is_refused()
    {
        LiveServer server = await LiveServer.SharedAsync();
        await Assert.ThrowsAsync<WebSocketException>(
            () => server.ConnectAsync(options => options.SetRequestHeader("Origin", "https://elsewhere.example")));
    }

    [Fact]
    public async Task A_server_that_stops_says_goodbye()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        using LiveClient client = await server.GreetAsync(Hello);
        Task<int> closed = client.ReadToCloseAsync();
        await server.StopAsync();

        Assert.Equal(1001, await closed);
    }
}
