using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Affekt.Tests;

/// <summary>A client of /v1/live as a program without Affekt's code would write it.</summary>
internal sealed class LiveClient(ClientWebSocket socket) : IDisposable
{
    // A test that hangs shall say where.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly byte[] _buffer = new byte[1 << 20];
    private uint _sound;
    private uint _picture;

    public JsonElement Welcome { get; set; }

    public string Session => Welcome.GetProperty("session").GetString()!;

    /// <summary>The close code; null while the connection is open.</summary>
    public int? Closed => (int?)socket.CloseStatus;

    /// <summary>All messages that were read, but for those that were asked for by their type.</summary>
    public List<JsonElement> Passed { get; } = [];

    public long LastSeq { get; private set; }

    public Task SayAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SoundAsync(double atMs, short[] samples, uint? sequence = null)
    {
        byte[] pcm = new byte[2 * samples.Length];
        for (int i = 0; i < samples.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(pcm.AsSpan(2 * i), samples[i]);
        _sound = sequence ?? _sound + 1;
        return SendAsync(Message(1, _sound, atMs, pcm), WebSocketMessageType.Binary);
    }

    public Task PictureAsync(double atMs, byte[] jpeg, uint? sequence = null)
    {
        _picture = sequence ?? _picture + 1;
        return SendAsync(Message(2, _picture, atMs, jpeg), WebSocketMessageType.Binary);
    }

    public Task SendAsync(byte[] message, WebSocketMessageType type) =>
        socket.SendAsync(message, type, endOfMessage: true, TestContext.Current.CancellationToken);

    /// <summary>Sends sound in pieces of 100 ms.</summary>
    public async Task StreamAsync(double fromMs, short[] samples)
    {
        for (int at = 0; at < samples.Length; at += 1600)
            await SoundAsync(fromMs + (at / 16.0), samples[at..Math.Min(samples.Length, at + 1600)]);
    }

    /// <summary>Reads on to a message of a type that fits.</summary>
    public async Task<JsonElement> ReadAsync(string type, Func<JsonElement, bool>? fits = null)
    {
        while (await NextAsync() is { } message)
        {
            if (message.GetProperty("type").GetString() == type && fits?.Invoke(message) != false)
                return message;
            Passed.Add(message);
        }

        throw new InvalidOperationException($"closed with {Closed} before a message of type {type} came; passed {string.Join('\n', Passed)}");
    }

    /// <summary>Reads on to the close.</summary>
    public async Task<int> ReadToCloseAsync()
    {
        while (await NextAsync() is { } message)
            Passed.Add(message);
        return Closed!.Value;
    }

    /// <summary>The connection breaks: nothing is said.</summary>
    public void Break() => socket.Abort();

    public Task CloseAsync() => socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);

    public void Dispose() => socket.Dispose();

    /// <summary>The hello that goes on with a session.</summary>
    public static string GoOn(string session) =>
        $$$"""{"type":"hello","version":1,"resume":{"session":"{{{session}}}","last_seq":0}}""";

    public static byte[] Message(byte kind, uint sequence, double atMs, byte[] body)
    {
        byte[] message = new byte[16 + body.Length];
        message[0] = kind;
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), sequence);
        BinaryPrimitives.WriteDoubleLittleEndian(message.AsSpan(8), atMs);
        body.CopyTo(message.AsSpan(16));
        return message;
    }

    private async Task<JsonElement?> NextAsync()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(_patience);
        int length = 0;
        while (true)
        {
            WebSocketReceiveResult result = await socket.ReceiveAsync(new ArraySegment<byte>(_buffer, length, _buffer.Length - length), limit.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                if (socket.State == WebSocketState.CloseReceived)
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
                return null;
            }

            length += result.Count;
            if (!result.EndOfMessage)
                continue;
            using JsonDocument document = JsonDocument.Parse(_buffer.AsMemory(0, length));
            JsonElement message = document.RootElement.Clone();
            if (message.TryGetProperty("seq", out JsonElement sequence))
            {
                Assert.True(sequence.GetInt64() > LastSeq, $"number {sequence.GetInt64()} behind {LastSeq}");
                LastSeq = sequence.GetInt64();
            }

            return message;
        }
    }
}
