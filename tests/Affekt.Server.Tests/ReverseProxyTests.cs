using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Affekt.Server.Hosting;

namespace Affekt.Tests;

/// <summary>The examples in deploy, with the real proxies: a page that comes through them may do what it may do without.</summary>
public sealed class ReverseProxyTests : IDisposable
{
    private const string Name = "affekt.example.org";

    // Every 50 ms.
    private const int MostAsked = 600;

    private readonly TestMedia _folder = new();
    private readonly int _port = TestPorts.Free();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Through_nginx_a_page_is_served_and_clients_are_told_apart()
    {
        string nginx = Program("/usr/sbin/nginx");
        await using TestServer server = await StartAsync();
        WriteCertificate();
        await File.WriteAllTextAsync(_folder.At("site.conf"), Example("nginx.conf", server)
            .Replace("listen 443 ssl", $"listen 127.0.0.1:{_port} ssl", StringComparison.Ordinal)
            .Replace("/etc/ssl/affekt", _folder.Folder, StringComparison.Ordinal), Token);
        string[] temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        await File.WriteAllTextAsync(
            _folder.At("nginx.conf"),
            $$"""
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            worker_processes 1;
            error_log stderr;
            pid {{_folder.At("nginx.pid")}};
            events { }
            http {
                access_log off;
                {{string.Join('\n', temporary.Select(kind => $"{kind}_temp_path {_folder.At(kind)};"))}}
                include {{_folder.At("site.conf")}};
            }
            """,
            Token);
        using Process proxy = Start(nginx, "-e", "stderr", "-p", _folder.Folder, "-c", _folder.At("nginx.conf"), "-g", "daemon off;");
        await CheckAsync(proxy);
    }

    [Fact]
    public async Task Through_Caddy_a_page_is_served_and_clients_are_told_apart()
    {
        string caddy = Program("/usr/bin/caddy");
        await using TestServer server = await StartAsync();
        await File.WriteAllTextAsync(
            _folder.At("Caddyfile"),
            $$"""
            {
                admin off
                auto_https disable_redirects
                skip_install_trust
                storage file_system {{_folder.At("caddy")}}
            }
            {{Example("Caddyfile", server).Replace($"{Name} {{", $"https://{Name}:{_port} {{\ntls internal\nbind 127.0.0.1", StringComparison.Ordinal)}}
            """,
            Token);
        using Process proxy = Start(caddy, "run", "--adapter", "caddyfile", "--config", _folder.At("Caddyfile"));
        await CheckAsync(proxy);
    }

    public void Dispose() => _folder.Dispose();

    private Task<TestServer> StartAsync()
    {
        string bundle = _folder.Bundle();
        return TestServer.StartAsync(options => options with
        {
            BundleFolder = bundle,
            ReadSound = false,
            AllowWithoutKey = true,
            Hosts = [Name],
            Proxies = [ProxyAddress.Read("127.0.0.1")],
            Limits = options.Limits with { MaxStartsPerMinute = 2 },
        });
    }

    private async Task CheckAsync(Process proxy)
    {
        try
        {
            using SocketsHttpHandler one = Handler("127.0.0.77"), other = Handler("127.0.0.78");
            using HttpClient first = new(one) { BaseAddress = new Uri($"https://{Name}:{_port}") };
            using HttpClient second = new(other) { BaseAddress = first.BaseAddress };
            first.DefaultRequestHeaders.Add("Origin", $"https://{Name}:{_port}");
            await UntilItAnswersAsync(first, proxy);

            MultipartFormDataContent form = TestServer.Form(_folder.Silent());
            form.Add(new StringContent("so happy"), "text");
            using HttpResponseMessage recognized = await first.PostAsync("/v1/recognitions", form, Token);
            Assert.Equal(HttpStatusCode.OK, recognized.StatusCode);

            // A WebSocket leads through as well; this server was started without ears, and says so.
            using ClientWebSocket socket = new();
            using HttpMessageInvoker invoker = new(one, disposeHandler: false);
            await socket.ConnectAsync(new Uri($"wss://{Name}:{_port}/v1/live"), invoker, Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes("""{"type":"hello","version":1,"audio":true}"""), WebSocketMessageType.Text, true, Token);
            WebSocketReceiveResult said;
            do
            {
                said = await socket.ReceiveAsync(new byte[4096], Token);
            }
            while (said.MessageType != WebSocketMessageType.Close);
            Assert.Equal(1013, (int)socket.CloseStatus!);

            // Two starts a minute: the next is too many for this client, and for no other.
            using HttpResponseMessage tooMany = await first.PostAsync("/v1/recognitions", TestServer.Form([1]), Token);
            using HttpResponseMessage others = await second.PostAsync("/v1/recognitions", TestServer.Form([1]), Token);
            Assert.Equal(HttpStatusCode.TooManyRequests, tooMany.StatusCode);
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, others.StatusCode);
        }
        finally
        {
            proxy.Kill(entireProcessTree: true);
            await proxy.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task UntilItAnswersAsync(HttpClient client, Process proxy)
    {
        for (int asked = 1; ; asked++)
        {
            try
            {
                Assert.False(proxy.HasExited, "the proxy ended");
                using HttpResponseMessage answer = await client.GetAsync("/v1/limits", Token);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                return;
            }
            catch (HttpRequestException) when (asked < MostAsked)
            {
                await Task.Delay(50, Token);
            }
        }
    }

    // The name leads nowhere: its connections go to the proxy, from an address that tells clients apart. Nobody vouches for the
    // proxy's certificate.
    private SocketsHttpHandler Handler(string from) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 own && own.MatchesHostname(Name),
        },
        ConnectCallback = async (_, cancellation) =>
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private static string Program(string path)
    {
        Assert.SkipUnless(File.Exists(path), $"needs {path}");
        return path;
    }

    private static string Example(string file, TestServer server) => File.ReadAllText(TestPaths.InRepository($"deploy/{file}"))
        .Replace("127.0.0.1:5280", new Uri(server.Url).Authority, StringComparison.Ordinal);

    private Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        Environment = { ["HOME"] = _folder.Folder, ["XDG_CONFIG_HOME"] = _folder.At("config"), ["XDG_DATA_HOME"] = _folder.At("data") },
    })!;

    private void WriteCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={Name}", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder.At("fullchain.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.At("privkey.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
