using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Affekt.Models.Packages;

namespace Affekt.Tests;

/// <summary>What strangers send to a server: bytes over a socket, whatever they are. It answers with a problem, or hangs up.</summary>
public sealed class ServerFuzzTests : IDisposable
{
    private const string Boundary = "b";

    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(500);

    private static readonly byte[] _handshake = Encoding.ASCII.GetBytes(
        "GET /v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    private readonly TestMedia _media = new();

    [Fact]
    public async Task Wrong_forms_are_refused_and_nothing_more()
    {
        await using TestServer server = await StartAsync(readSound: false);
        byte[] film = await File.ReadAllBytesAsync(_media.Silent(), TestContext.Current.CancellationToken);
        byte[][] right =
        [
            Request(Part("name=\"text\"", "so happy"), Part("name=\"media\"; filename=\"a.mp4\"", film)),
            Request(
                Part("name=\"options\"", "{\"min_confidence\":0.4,\"transcribe\":false,\"mode\":\"sync\"}"), Part("name=\"speaker\"", "Ann"),
                Part("name=\"transcript\"; filename=\"a.vtt\"", "WEBVTT\n\n00:00.000 --> 00:00.500\nso happy\n"),
                Part("name=\"media\"; filename*=UTF-8''a.mp4", film)),
            Request(Part("name=\"options\"", "{\"mode\":\"job\"}"), Part("name=\"media\"; filename=\"a.mp4\"", film)),
        ];

        await Fuzz.RunAsync("form", right, Mutator.Inputs(20, 0.04), (input, cancellation) => SendAsync(server, input, cancellation));

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/healthz")).Status);
    }

    [Fact]
    public async Task Wrong_frames_end_their_connection_and_nothing_more()
    {
        try
        {
            await new PackageCache(PackageCacheOptions.FromEnvironment()).EnsureAsync(
                WeightPackages.Silero, null, TestContext.Current.CancellationToken);
        }
        catch (WeightsException e)
        {
            Assert.Skip($"needs published weights: {e.Message}");
        }

        await using TestServer server = await StartAsync(readSound: true);
        byte[] hello = Frame(1, "{\"type\":\"hello\",\"version\":1,\"audio\":true,\"video\":true,\"speaker\":\"A\",\"transcribe\":false,\"resume\":null}"u8);
        byte[] stop = Frame(1, "{\"type\":\"stop\"}"u8);
        byte[][] right =
        [
            [.. hello, .. Frame(2, Message(1, 1, 0, new byte[3200])), .. Frame(2, Message(1, 2, 100, new byte[3200])), .. stop],
            [.. hello, .. Frame(2, Message(2, 1, 0, [0xff, 0xd8, 0xff, 0xd9])), .. Frame(9, "ping"u8), .. Frame(1, "{\"type\":\"pause\"}"u8), .. stop],
            [.. hello, .. Frame(1, "{\"type\":\"speaker\",\"speaker\":\"B\"}"u8), .. Frame(8, [3, 232]), .. stop],
        ];

        await Fuzz.RunAsync(
            "frames", [.. right.Select(frames => (byte[])[.. _handshake, .. frames])], Mutator.Inputs(20, 0.05),
            (input, cancellation) => SendAsync(server, input.AsSpan().StartsWith(_handshake) ? input : [.. _handshake, .. input], cancellation));

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/healthz")).Status);
    }

    public void Dispose() => _media.Dispose();

    private Task<TestServer> StartAsync(bool readSound)
    {
        string bundle = _media.Bundle();
        return TestServer.StartAsync(options => options with
        {
            BundleFolder = bundle,
            ReadSound = readSound,
            Limits = options.Limits with { MaxStartsPerMinute = 1_000_000, MaxRequestsPerMinute = 1_000_000, MaxLiveSessions = 64, MaxQueue = 64 },
        });
    }

    // All is sent, and what the server says is looked at: until it hangs up, or waits for more.
    private static async Task SendAsync(TestServer server, byte[] input, CancellationToken cancellation)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPEndPoint.Parse(new Uri(server.Url).Authority), cancellation);
        NetworkStream stream = client.GetStream();
        using MemoryStream answer = new();
        byte[] buffer = new byte[16 << 10];
        try
        {
            await stream.WriteAsync(input, cancellation);
            while (true)
            {
                using CancellationTokenSource quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                quiet.CancelAfter(_quiet);
                int length = await stream.ReadAsync(buffer, quiet.Token);
                if (length == 0)
                    break;
                answer.Write(buffer, 0, length);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // The server had heard enough, or waits.
        }

        string said = Encoding.Latin1.GetString(answer.ToArray());
        Assert.DoesNotContain("HTTP/1.1 500", said);
        Assert.DoesNotContain("\"internal\"", said);
        Assert.DoesNotContain(server.Folder, said);
    }

    private static byte[] Request(params byte[][] parts)
    {
        byte[] body = [.. parts.SelectMany(part => part), .. Encoding.ASCII.GetBytes($"--{Boundary}--\r\n")];
        return
        [
            .. Encoding.ASCII.GetBytes(
                $"POST /v1/recognitions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary={Boundary}\r\n"
                + $"Content-Length: {body.Length}\r\n\r\n"),
            .. body,
        ];
    }

    private static byte[] Part(string disposition, string text) => Part(disposition, Encoding.UTF8.GetBytes(text));

    private static byte[] Part(string disposition, byte[] content) =>
        [.. Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"), .. content, .. "\r\n"u8];

    // A frame of a client's, masked with zeros.
    private static byte[] Frame(byte opcode, ReadOnlySpan<byte> payload)
    {
        byte[] length = payload.Length < 126 ? [(byte)(0x80 | payload.Length)] : [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        return [(byte)(0x80 | opcode), .. length, 0, 0, 0, 0, .. payload];
    }

    private static byte[] Message(byte kind, uint sequence, double atMs, byte[] body)
    {
        byte[] head = new byte[16];
        head[0] = kind;
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), sequence);
        BinaryPrimitives.WriteDoubleLittleEndian(head.AsSpan(8), atMs);
        return [.. head, .. body];
    }
}
