using System.Net;
using System.Net.Sockets;
using System.Text;
using Affekt.Server.Hosting;

namespace Affekt.Tests;

/// <summary>A client that takes all it can get does not shut the server to another. Linux gives each 127.x.y.z to this machine.</summary>
[Collection(StarterServers.Name)]
public sealed class LockOutTests(StarterServer starter)
{
    private static readonly IPAddress _stranger = IPAddress.Parse("127.0.0.77");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beside_uploads_that_trickle_in_another_address_is_served()
    {
        TestServer server = starter.Server;
        List<TcpClient> slow = [];
        try
        {
            for (int i = 0; i < StarterServer.Queue + StarterServer.Workers; i++)
                slow.Add(await BeginUploadAsync(server.Url));

            // The stranger has as many as one may have; nobody else is told so.
            await Eventually.HoldsAsync(() => Directory.EnumerateDirectories(Path.Combine(server.Folder, "data", "media")).Count() >= slow.Count);
            using TcpClient more = await BeginUploadAsync(server.Url);
            string refused = await ReadHeadAsync(more);
            Answer answer = await server.PostAsync(TestServer.Form(TestServer.Sample, """{"transcribe":false}"""));

            Assert.StartsWith("HTTP/1.1 503", refused);
            Assert.Contains("Retry-After: ", refused);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
        }
        finally
        {
            slow.ForEach(client => client.Dispose());
        }

        await server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task Beside_silent_sockets_another_address_has_a_live_session()
    {
        await using LiveServer server = await LiveServer.StartAsync();
        List<TcpClient> silent = [];
        try
        {
            List<string> heads = [];
            for (int i = 0; i < 24; i++)
            {
                silent.Add(await ConnectAsync(server.Url));
                await SendAsync(
                    silent[^1], "GET /v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
                heads.Add(await ReadHeadAsync(silent[^1]));
            }

            using LiveClient other = await server.GreetAsync();

            Assert.NotEmpty(other.Session);
            Assert.All(heads, head => Assert.Matches("^HTTP/1.1 (101|503)", head));
            string[] refused = [.. heads.Where(head => head.StartsWith("HTTP/1.1 503", StringComparison.Ordinal))];
            Assert.NotEmpty(refused);
            Assert.All(refused, head => Assert.Contains("Retry-After: 5", head));
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task One_client_has_at_most_half_of_the_live_sessions()
    {
        await using LiveServer server = await LiveServer.StartAsync(sessions: 3);
        using LiveClient first = await server.GreetAsync();
        using LiveClient second = await server.GreetAsync();
        using LiveClient third = await server.ConnectAsync();
        await third.SayAsync("""{"type":"hello","version":1,"audio":true}""");

        Assert.Equal(1013, await third.ReadToCloseAsync());
        Assert.Contains("of this client", third.Passed[^1].GetProperty("problem").GetProperty("detail").GetString());
    }

    [Fact]
    public async Task One_client_holds_only_so_many_connections()
    {
        await using TestServer server = await TestServer.StartAsync(
            options => Small(options) with { Limits = options.Limits with { MaxConnectionsPerClient = 2 } }, ready: false);
        using TcpClient first = await ConnectAsync(server.Url), second = await ConnectAsync(server.Url);
        foreach (TcpClient client in (TcpClient[])[first, second])
        {
            await SendAsync(client, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await ReadHeadAsync(client));
        }

        using TcpClient third = await ConnectAsync(server.Url);
        await SendAsync(third, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 503", await ReadHeadAsync(third));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/healthz")).Status);
    }

    [Fact]
    public async Task An_upload_that_is_not_there_in_its_time_is_told_so()
    {
        using TestMedia folder = new();
        string bundle = folder.Bundle();
        await using TestServer server = await TestServer.StartAsync(options => options with
        {
            BundleFolder = bundle,
            ReadSound = false,
            Limits = options.Limits with { MaxUploadTime = TimeSpan.FromMilliseconds(300) },
        });
        using TcpClient late = await BeginUploadAsync(server.Url);

        Assert.StartsWith("HTTP/1.1 408", await ReadHeadAsync(late));
        await server.AssertNoMediaIsLeftAsync();
    }

    private static ServerOptions Small(ServerOptions options) =>
        options with { ReadSound = false, BundleFolder = Path.Combine(options.DataFolder, "none") };

    private static async Task<TcpClient> ConnectAsync(string url)
    {
        TcpClient client = new(new IPEndPoint(_stranger, 0));
        await client.ConnectAsync(IPEndPoint.Parse(new Uri(url).Authority), Token);
        return client;
    }

    private static async Task<TcpClient> BeginUploadAsync(string url)
    {
        TcpClient client = await ConnectAsync(url);
        await SendAsync(
            client, "POST /v1/recognitions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.mp4\"\r\n\r\nthe beginning");
        return client;
    }

    private static Task SendAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Token).AsTask();

    private static async Task<string> ReadHeadAsync(TcpClient client)
    {
        StringBuilder head = new();
        byte[] buffer = new byte[4096];
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int length = await client.GetStream().ReadAsync(buffer, Token);
            if (length == 0)
                break;
            head.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }

        return head.ToString();
    }
}
