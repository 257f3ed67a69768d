using System.Diagnostics;
using System.Net;
using Affekt.Server.Hosting;
using Affekt.Server.Security;

namespace Affekt.Tests;

/// <summary>Names of hosts, and what proxies say of their clients.</summary>
public sealed class ProxyTests
{
    private const string Name = "affekt.example.org";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", null)]
    [InlineData("10.1.2.3", "wrong_host")]
    public async Task Only_a_named_proxy_is_believed(string proxy, string? code)
    {
        await using TestServer server = await StartAsync(options => options with { Hosts = [Name], Proxies = [ProxyAddress.Read(proxy)] });
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/limits")
        {
            Headers = { { "X-Forwarded-Host", Name }, { "X-Forwarded-Proto", "https" }, { "Origin", $"https://{Name}" }, { "Host", "inner" } },
        };

        Answer answer = await Answer.ReadAsync(await server.Client.SendAsync(request, Token));

        Assert.Equal(code, answer.Code);
    }

    [Fact]
    public async Task Behind_a_proxy_each_client_has_a_rate_of_its_own()
    {
        await using TestServer server = await StartAsync(options => options with
        {
            Proxies = [ProxyAddress.Read("127.0.0.0/8")],
            Limits = options.Limits with { MaxStartsPerMinute = 1 },
        });

        string?[] codes = [await PostAsync("192.0.2.1"), await PostAsync("192.0.2.1"), await PostAsync("192.0.2.2"), await PostAsync("192.0.2.9, 192.0.2.1")];

        Assert.Equal(["not_ready", "too_many_requests", "not_ready", "too_many_requests"], codes);

        async Task<string?> PostAsync(string client)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/recognitions")
            {
                Content = TestServer.Form([1]),
                Headers = { { "X-Forwarded-For", client } },
            };
            return (await Answer.ReadAsync(await server.Client.SendAsync(request, Token))).Code;
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:0", false, false, Name, false)]
    [InlineData("http://127.0.0.1:0", false, true, Name, true)]
    [InlineData("http://0.0.0.0:0", true, false, Name, true)]
    [InlineData("http://0.0.0.0:0", false, false, Name, false)]
    [InlineData("http://0.0.0.0:0", false, true, Name, true)]
    [InlineData("http://0.0.0.0:0", true, true, "evil.example", false)]
    [InlineData("http://0.0.0.0:0", false, false, "192.0.2.7", true)]
    [InlineData("http://0.0.0.0:0", false, false, "[2001:db8::7]", true)]
    [InlineData("http://0.0.0.0:0", false, false, "LocalHost", true)]
    public void A_server_answers_to_names_that_no_foreign_page_can_have(string url, bool asksForKey, bool isNamed, string host, bool allowed)
    {
        ServerOptions options = TestServer.Options("/none") with
        {
            Urls = [url],
            ApiKeys = asksForKey ? ["a-key-of-this-server"] : [],
            Hosts = isNamed ? [Name] : [],
        };

        Assert.Equal(allowed, HostCheck.Allows(host, options));
    }

    [Fact]
    public void Behind_a_proxy_a_key_is_required()
    {
        using TestMedia folder = new();
        ServerOptions options = TestServer.Options(folder.Folder) with { Proxies = [ProxyAddress.Read("::1")] };

        Assert.Contains("--proxy", Assert.Throws<ServerOptionsException>(() => ServerHost.Build(options)).Message);
        Assert.Contains("--proxy: found somewhere", Assert.Throws<ServerOptionsException>(() => ProxyAddress.Read("somewhere")).Message);
    }

    [Fact]
    public async Task A_page_of_an_allowed_origin_can_read_that_it_calls_too_often()
    {
        const string Origin = "https://friend.example";
        await using TestServer server = await StartAsync(
            options => options with { Origins = [Origin], Limits = options.Limits with { MaxRequestsPerMinute = 1 } });
        Answer answer;
        do
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/v1/limits") { Headers = { { "Origin", Origin } } };
            answer = await Answer.ReadAsync(await server.Client.SendAsync(request, Token));
        }
        while (answer.Status == HttpStatusCode.OK);

        Assert.Equal("too_many_requests", answer.Code);
        Assert.Equal(Origin, answer.Response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Retry-After", answer.Response.Headers.GetValues("Access-Control-Expose-Headers").Single());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ")]
    [InlineData("short")]
    public async Task Keys_that_are_none_do_not_open_the_server(string keys)
    {
        using TestMedia folder = new();
        ProcessStartInfo start = new(
            ServerProcess.Program, ["--urls", "http://127.0.0.1:0", "--data", folder.At("data"), "--bundle", TestServer.Starter])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["AFFEKT_API_KEYS"] = keys },
        };
        using Process server = Process.Start(start)!;

        string errors = await server.StandardError.ReadToEndAsync(Token);
        await server.WaitForExitAsync(Token);

        Assert.Equal(2, server.ExitCode);
        Assert.Contains("AFFEKT_API_KEYS: found", errors);
    }

    private static Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions> change) => TestServer.StartAsync(
        options => change(options with { AllowWithoutKey = true, ReadSound = false, BundleFolder = Path.Combine(options.DataFolder, "none") }),
        ready: false);
}
