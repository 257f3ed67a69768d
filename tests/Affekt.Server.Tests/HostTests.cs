using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Affekt.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace Affekt.Tests;

/// <summary>What every request meets before its endpoint: keys, origins, names, rates, headers.</summary>
public sealed class HostTests
{
    private const string Key = "a-key-of-this-server";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_servers_own_pages_and_descriptions_are_there()
    {
        using TestMedia folder = new();
        string bundlePath = folder.Bundle();
        await using TestServer server = await StartAsync(options => options with { BundleFolder = bundlePath });

        Assert.Equal("ok", (await server.GetAsync("/healthz")).Json.GetProperty("status").GetString());
        foreach (string path in (string[])["/", "/docs", "/healthz"])
        {
            using HttpRequestMessage head = new(HttpMethod.Head, path);
            using HttpResponseMessage headers = await server.Client.SendAsync(head, Token);
            Assert.Equal((HttpStatusCode.OK, ""), (headers.StatusCode, await headers.Content.ReadAsStringAsync(Token)));
        }

        await server.UntilReadyAsync();
        foreach (string path in (string[])["/v1/limits", "/v1/bundles", "/readyz"])
        {
            using HttpRequestMessage head = new(HttpMethod.Head, path);
            using HttpResponseMessage headers = await server.Client.SendAsync(head, Token);
            Assert.Equal((HttpStatusCode.OK, ""), (headers.StatusCode, await headers.Content.ReadAsStringAsync(Token)));
        }

        JsonElement bundle = (await server.GetAsync("/v1/bundles")).Json.GetProperty("bundles")[0];
        Assert.Equal(("test", 64, 7), (bundle.GetProperty("name").GetString(), bundle.GetProperty("hash").GetString()!.Length, bundle.GetProperty("labels").GetArrayLength()));
        JsonElement limits = (await server.GetAsync("/v1/limits")).Json;
        Assert.Equal((3_600_000, false), (limits.GetProperty("keep_ms").GetInt32(), limits.GetProperty("api_key_required").GetBoolean()));
        Assert.Contains("affekt_server_ready", (await server.GetAsync("/metrics")).Text);
        Assert.Contains(AffektPage.IsBuilt ? "<title>Affekt</title>" : "was built without its page", (await server.GetAsync("/")).Text);
        foreach (string path in (string[])["/docs", "/docs/docs.css", "/docs/docs.js"])
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path)).Status);
        Assert.Equal("not_found", (await server.GetAsync("/nothing")).Code);
        Assert.Equal("method_not_allowed", (await server.GetAsync("/v1/recognitions")).Code);
    }

    [Fact]
    public async Task The_description_names_every_endpoint_with_examples()
    {
        await using TestServer server = await StartAsync();

        JsonElement paths = (await server.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");

        Assert.Equal(
            [
                "/healthz", "/readyz", "/v1/baselines", "/v1/baselines/{id}", "/v1/bundles", "/v1/limits", "/v1/recognitions", "/v1/recognitions/{id}",
                "/v1/recognitions/{id}/events",
            ],
            paths.EnumerateObject().Select(path => path.Name).Where(path => path != "/v1/live").Order());
        JsonElement post = paths.GetProperty("/v1/recognitions").GetProperty("post");
        Assert.True(post.GetProperty("requestBody").GetProperty("content").TryGetProperty("multipart/form-data", out _));
        JsonElement example = post.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("example");
        Assert.Equal("affekt.recognition/2", example.GetProperty("schema").GetString());
    }

    [Fact]
    public async Task The_built_page_is_served_with_strict_headers()
    {
        Assert.SkipUnless(AffektPage.IsBuilt, "needs web/dist: npm ci && npm run build in web/, and then a build of this");
        await using TestServer server = await StartAsync();

        Answer index = await server.GetAsync("/");
        Answer script = await server.GetAsync($"/{Regex.Match(index.Text, @"assets/index-[\w-]+\.js").Value}");

        Assert.Contains("<title>Affekt</title>", index.Text);
        Assert.Equal("text/javascript", script.Type);
        Assert.True(script.Response.Headers.CacheControl!.MaxAge > TimeSpan.FromDays(300));
        Assert.Contains("default-src 'none'", index.Response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", index.Response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.False(index.Response.Headers.Contains("Server"));
        Assert.Equal("not_found", (await server.GetAsync("/../data/jobs.sqlite")).Code);
    }

    [Fact]
    public async Task A_key_is_asked_for_where_there_are_keys()
    {
        await using TestServer server = await StartAsync(options => options with { ApiKeys = [Key] });

        Answer without = await server.GetAsync("/v1/recognitions/x");
        Assert.Equal((HttpStatusCode.Unauthorized, "key_missing"), (without.Status, without.Code));
        Assert.Equal("Bearer", without.Response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("key_missing", (await server.GetAsync("/metrics")).Code);
        server.Client.DefaultRequestHeaders.Add("X-Api-Key", "another-key-of-this-server");
        Assert.Equal("key_wrong", (await server.GetAsync("/v1/recognitions/x")).Code);
        Assert.True((await server.GetAsync("/v1/limits")).Json.GetProperty("api_key_required").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/healthz")).Status);
        server.Client.DefaultRequestHeaders.Remove("X-Api-Key");
        server.Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        Assert.Equal("not_found", (await server.GetAsync("/v1/recognitions/x")).Code);
    }

    [Theory]
    [InlineData("http://evil.example", "127.0.0.1", "origin_not_allowed")]
    [InlineData("null", "127.0.0.1", "origin_not_allowed")]
    [InlineData(null, "evil.example", "wrong_host")]
    [InlineData("https://friend.example", "127.0.0.1", null)]
    [InlineData(null, "localhost", null)]
    public async Task Pages_of_other_origins_and_other_names_are_refused(string? origin, string host, string? code)
    {
        await using TestServer server = await StartAsync(options => options with { Origins = ["https://friend.example"] });
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/limits") { Headers = { Host = host } };
        if (origin is not null)
            request.Headers.Add("Origin", origin);

        Answer answer = await Answer.ReadAsync(await server.Client.SendAsync(request, Token));

        Assert.Equal(code, answer.Code);
        Assert.Equal(
            code is null && origin is not null ? origin : null,
            answer.Response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? allowed) ? allowed.Single() : null);
    }

    [Fact]
    public async Task A_client_that_calls_too_often_is_told_when_to_come_back()
    {
        await using TestServer server = await StartAsync(options => options with { Limits = options.Limits with { MaxRequestsPerMinute = 60 } });
        Answer answer;
        int calls = 0;
        do
        {
            answer = await server.GetAsync("/healthz");
        }
        while (answer.Status == HttpStatusCode.OK && ++calls < 10_000);

        Assert.Equal((HttpStatusCode.TooManyRequests, "too_many_requests"), (answer.Status, answer.Code));
        Assert.NotNull(answer.Response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_client_that_begins_too_much_is_told_when_to_come_back_and_may_ask_for_other_things()
    {
        await using TestServer server = await StartAsync(options => options with { Limits = options.Limits with { MaxStartsPerMinute = 2 } });
        for (int i = 0; i < 2; i++)
            Assert.Equal("not_ready", (await server.PostAsync(TestServer.Form([1]))).Code);

        Answer answer = await server.PostAsync(TestServer.Form([1]));

        Assert.Equal((HttpStatusCode.TooManyRequests, "too_many_requests"), (answer.Status, answer.Code));
        Assert.NotNull(answer.Response.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/healthz")).Status);
    }

    [Fact]
    public async Task Before_the_models_are_there_work_is_refused()
    {
        await using TestServer server = await StartAsync();

        Answer answer = await server.PostAsync(TestServer.Form(TestServer.Sample));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready"), (answer.Status, answer.Code));
        Assert.Equal("not_ready", (await server.GetAsync("/readyz")).Code);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", false)]
    [InlineData("http://*:0", false)]
    [InlineData("http://[::]:0", false)]
    [InlineData("http://example.org:0", false)]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://[::1]:0", true)]
    [InlineData("http://localhost:0", true)]
    public void Beyond_this_machine_a_key_is_required(string url, bool starts)
    {
        using TestMedia folder = new();
        ServerOptions options = TestServer.Options(folder.Folder) with { Urls = [url] };

        Exception? refused = Record.Exception(() => ((IDisposable)ServerHost.Build(options)).Dispose());

        if (starts)
            Assert.Null(refused);
        else
            Assert.Contains("--allow-without-key", Assert.IsType<ServerOptionsException>(refused).Message);
        Assert.Null(Record.Exception(() => ((IDisposable)ServerHost.Build(options with { ApiKeys = [Key] })).Dispose()));
        Assert.Null(Record.Exception(() => ((IDisposable)ServerHost.Build(options with { AllowWithoutKey = true })).Dispose()));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1e3")]
    [InlineData("0")]
    public async Task A_limit_that_is_no_number_is_named(string value)
    {
        using StringWriter errors = new();

        Assert.Equal(2, await ServerProgram.RunAsync(["--rate", value], TextWriter.Null, errors));
        Assert.StartsWith($"error: --rate: found {value}, expected a whole number of 1 or more", errors.ToString());
    }

    // Without models, but where a test asks for them: to open the committed ones takes seconds.
    private static Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null) => TestServer.StartAsync(
        options => (change ?? (same => same))(options with { ReadSound = false, BundleFolder = Path.Combine(options.DataFolder, "none") }), ready: false);
}
