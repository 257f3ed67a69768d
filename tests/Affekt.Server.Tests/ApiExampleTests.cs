using System.Net.WebSockets;
using System.Text.Json;
using Affekt.Media;

namespace Affekt.Tests;

/// <summary>The session that docs/api.md shows is one as this server holds it.</summary>
[Collection(StarterServers.Name)]
public sealed class ApiExampleTests(StarterServer starter)
{
    private const string Sent = "> ";
    private const string Received = "< ";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_session_in_the_docs_has_the_fields_and_the_answer_of_a_real_one()
    {
        string page = await File.ReadAllTextAsync(TestPaths.InRepository("docs/api.md"), Token);
        string[] lines = page.Split("### A session")[1].Split("```")[1].Split('\n');
        Dictionary<string, JsonElement> shown = lines.Where(line => line.StartsWith(Received + '{', StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line[Received.Length..]).RootElement)
            .ToDictionary(message => message.GetProperty("type").GetString()!);
        string hello = lines.First(line => line.StartsWith(Sent, StringComparison.Ordinal))[Sent.Length..];

        Dictionary<string, JsonElement> real = await TalkAsync(hello);

        Assert.Equal(["update", "utterance", "welcome"], shown.Keys.Order());
        foreach ((string type, JsonElement message) in shown)
            Assert.Equal(Fields(real[type]), Fields(message));
        foreach (string field in (string[])["text", "emotion", "abstained", "start_ms", "end_ms"])
            Assert.Equal($"{real["utterance"].GetProperty("utterance").GetProperty(field)}", $"{shown["utterance"].GetProperty("utterance").GetProperty(field)}");
    }

    private async Task<Dictionary<string, JsonElement>> TalkAsync(string hello)
    {
        ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"{starter.Server.Url.Replace("http:", "ws:", StringComparison.Ordinal)}/v1/live"), Token);
        using LiveClient client = new(socket);
        await client.SayAsync(hello);
        Dictionary<string, JsonElement> real = new() { ["welcome"] = await client.ReadAsync("welcome") };
        MediaTools tools = MediaTools.Find();
        (MediaInfo media, Sound sound) = await tools.ReadWholeSoundAsync(TestServer.Sample, Token);
        List<byte[]> pictures = [];
        for (int at = 0; at < media.Duration.TotalMilliseconds - 100; at += 200)
            pictures.Add((await tools.ReadJpegAsync(media, TimeSpan.FromMilliseconds(at), 640, Token))!);

        foreach ((int i, float[] piece) in sound.Samples.Chunk(1_600).Index())
        {
            await client.SoundAsync(100 * i, [.. piece.Select(sample => (short)Math.Clamp(sample * 32768, short.MinValue, short.MaxValue))]);
            if (i % 2 == 0 && i / 2 < pictures.Count)
                await client.PictureAsync(100 * i, pictures[i / 2]);

            // In about the time that it takes: updates are made of what was heard and seen by then.
            await Task.Delay(80, Token);
        }

        real["update"] = await client.ReadAsync(
            "update", one => one.GetProperty("modalities").GetProperty("audio").GetProperty("status").GetString() == "used");
        await client.SayAsync("""{"type":"stop"}""");
        real["utterance"] = await client.ReadAsync("utterance");
        return real;
    }

    // The names of all fields, those of an array's members once. Probabilities may be null where a modality says nothing yet, and a picture
    // may be looked at in which no face is found.
    private static IEnumerable<string> Fields(JsonElement value, string path = "") => value.ValueKind switch
    {
        JsonValueKind.Object when path.EndsWith(".probabilities", StringComparison.Ordinal) => [path],
        JsonValueKind.Array when path.EndsWith(".faces", StringComparison.Ordinal) => [path],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(field => Fields(field.Value, $"{path}.{field.Name}")).Order(),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(member => Fields(member, $"{path}[]")).Distinct().Order(),
        _ => [path],
    };
}
