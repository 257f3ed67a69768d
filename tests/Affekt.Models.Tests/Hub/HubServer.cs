using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Affekt.Tests.Hub;

/// <summary>What a client asked for; header names in lower case.</summary>
internal sealed record HubRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers);

/// <summary>What it gets. The length that is told is the body's, unless a header says otherwise.</summary>
internal sealed record HubReply(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    /// <summary>The connection is closed after this many bytes of the body.</summary>
    public int? CutAfter { get; init; }
}

/// <summary>A small HTTP server on the loopback interface: one request a connection, any answer that a test wants.</summary>
internal sealed class HubServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<HubRequest, HubReply?> _answer;

    /// <param name="answer">The reply; null for silence.</param>
    public HubServer(Func<HubRequest, HubReply?> answer)
    {
        // The tests' own server is never behind a proxy.
        HttpClient.DefaultProxy = new WebProxy();
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public ConcurrentQueue<HubRequest> Requests { get; } = new();

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        CancellationToken end = _end.Token;
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(end);
                _ = ServeAsync(client, end);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken end)
    {
        using TcpClient connection = client;
        try
        {
            await using NetworkStream stream = connection.GetStream();
            HubRequest request = await ReadAsync(stream, end);
            Requests.Enqueue(request);
            if (_answer(request) is not { } reply)
            {
                await Task.Delay(Timeout.Infinite, end);
                return;
            }

            StringBuilder head = new($"HTTP/1.1 {reply.Status} x\r\nConnection: close\r\n");
            foreach ((string name, string value) in reply.Headers)
                head.Append($"{name}: {value}\r\n");
            if (!reply.Headers.Any(header => header.Name == "Content-Length"))
                head.Append($"Content-Length: {reply.Body.Length}\r\n");
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\n"), end);
            if (request.Method != "HEAD")
                await stream.WriteAsync(reply.Body.AsMemory(0, reply.CutAfter ?? reply.Body.Length), end);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
    }

    private static async Task<HubRequest> ReadAsync(NetworkStream stream, CancellationToken end)
    {
        StringBuilder text = new();
        byte[] one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, end);
            text.Append((char)one[0]);
        }

        string[] lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] first = lines[0].Split(' ');
        return new HubRequest(
            first[0], first[1],
            lines[1..].ToDictionary(line => line[..line.IndexOf(':')].ToLowerInvariant(), line => line[(line.IndexOf(':') + 1)..].Trim()));
    }
}
