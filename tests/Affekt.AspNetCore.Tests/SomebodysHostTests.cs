using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Affekt.Tests;

/// <summary>Affekt's endpoints in a host that is not Affekt's, with that host's defaults.</summary>
public sealed class SomebodysHostTests(SomebodysHost host) : IClassFixture<SomebodysHost>
{
    [Fact]
    public async Task A_recording_is_recognized_at_once_under_the_prefix()
    {
        using HttpResponseMessage response = await host.Client.PostAsync("/affekt/v1/recognitions", Form(Sample()), Token);

        JsonElement utterance = (await ReadAsync(response, HttpStatusCode.OK)).GetProperty("utterances")[0];
        Assert.Equal(7, utterance.GetProperty("probabilities").EnumerateObject().Count());
        Assert.Equal("used", utterance.GetProperty("modalities").GetProperty("video").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_job_is_found_where_its_location_says()
    {
        using HttpResponseMessage response = await host.Client.PostAsync("/affekt/v1/recognitions", Form(Sample(), """{"mode":"job"}"""), Token);
        JsonElement job = await ReadAsync(response, HttpStatusCode.Accepted);
        string location = response.Headers.Location!.OriginalString;
        Assert.Equal($"/affekt/v1/recognitions/{job.GetProperty("id").GetString()}", location);

        // The events end with the job.
        string events = await host.Client.GetStringAsync($"{location}/events", Token);
        job = await host.Client.GetFromJsonAsync<JsonElement>(location, Token);
        using HttpResponseMessage deleted = await host.Client.DeleteAsync(location, Token);
        using HttpResponseMessage gone = await host.Client.GetAsync(location, Token);

        Assert.Contains("event: done", events);
        Assert.Equal("done", job.GetProperty("state").GetString());
        Assert.True(job.GetProperty("progress").GetProperty("done_ms").GetDouble() > 0);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal("not_found", (await ReadAsync(gone, HttpStatusCode.NotFound)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_live_session_is_welcomed_and_ends()
    {
        using LiveClient client = await host.ConnectAsync();
        await client.SayAsync($$"""{"type":"hello","version":1,"audio":true,"video":false,"api_key":"{{SomebodysHost.Key}}"}""");
        client.Welcome = await client.ReadAsync("welcome");
        await client.StreamAsync(0, new short[16_000]);
        await client.SayAsync("""{"type":"stop"}""");

        Assert.Equal(1000, await client.ReadToCloseAsync());
        Assert.Equal(32, client.Session.Length);
    }

    [Fact]
    public async Task An_upload_may_be_larger_than_the_hosts_other_requests()
    {
        // Kestrel's own limit is 30,000,000 bytes.
        using HttpResponseMessage response = await host.Client.PostAsync("/affekt/v1/recognitions", Form(new byte[31_000_000]), Token);

        Assert.Equal("not_media", (await ReadAsync(response, HttpStatusCode.UnsupportedMediaType)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("X-Api-Key", "another key of some length", "key_wrong")]
    [InlineData("Origin", "https://stranger.example", "origin_not_allowed")]
    [InlineData("Origin", "https://friend.example", null)]
    public async Task Who_may_not_call_is_told_in_a_problem(string header, string value, string? code)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/affekt/v1/bundles");
        request.Headers.Add(header, value);
        using HttpResponseMessage response = await host.Client.SendAsync(request, Token);

        JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;
        Assert.Equal(code, answer.TryGetProperty("code", out JsonElement problem) ? problem.GetString() : null);
    }

    [Fact]
    public async Task The_page_is_under_the_prefix_for_everybody_and_so_is_what_it_names()
    {
        Assert.SkipUnless(AffektPage.IsBuilt, "needs web/dist: npm ci && npm run build in web/, and then a build of this");
        using HttpClient stranger = new() { BaseAddress = host.Client.BaseAddress };

        using HttpResponseMessage index = await stranger.GetAsync("/affekt", Token);
        Uri address = index.RequestMessage!.RequestUri!;
        string html = await index.Content.ReadAsStringAsync(Token);
        string[] named = [.. Regex.Matches(html, "(?:src|href)=\"([^\"]+)\"").Select(match => match.Groups[1].Value), "notices.txt", "docs"];

        Assert.Equal("/affekt/", address.AbsolutePath);
        Assert.Contains("<title>Affekt</title>", html);
        Assert.Contains("default-src 'none'", index.Headers.GetValues("Content-Security-Policy").Single());
        Assert.True(named.Length > 4);
        foreach (string name in named)
        {
            using HttpResponseMessage file = await stranger.GetAsync(new Uri(address, name), Token);
            Assert.True(file.IsSuccessStatusCode, name);
            Assert.Equal(name.Contains("assets/", StringComparison.Ordinal), file.Headers.CacheControl!.MaxAge > TimeSpan.FromDays(300));
        }
    }

    [Fact]
    public async Task The_page_of_an_application_below_a_path_of_its_own_is_below_that()
    {
        Assert.SkipUnless(AffektPage.IsBuilt, "needs web/dist: npm ci && npm run build in web/, and then a build of this");
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication app = builder.Build();
        app.UsePathBase("/below");
        app.UseRouting();
        app.MapAffektPage();
        await app.StartAsync(Token);
        using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };

        using HttpResponseMessage index = await client.GetAsync("/below?lang=de", Token);

        Assert.Equal("/below/?lang=de", index.RequestMessage!.RequestUri!.PathAndQuery);
        Assert.True(index.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_file_of_the_page_is_sent_once_and_in_parts()
    {
        Assert.SkipUnless(AffektPage.IsBuilt, "needs web/dist: npm ci && npm run build in web/, and then a build of this");
        using HttpRequestMessage part = new(HttpMethod.Get, "/affekt/sample.mp4") { Headers = { Range = new(4, 7) } };
        using HttpResponseMessage sent = await host.Client.SendAsync(part, Token);
        using HttpRequestMessage again = new(HttpMethod.Get, "/affekt/sample.mp4") { Headers = { IfNoneMatch = { sent.Headers.ETag! } } };

        Assert.Equal("ftyp", await sent.Content.ReadAsStringAsync(Token));
        Assert.Equal("video/mp4", sent.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, (await host.Client.SendAsync(again, Token)).StatusCode);
    }

    [Fact]
    public async Task The_hosts_own_endpoints_stay_as_they_were()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/own");
        request.Headers.Add("Origin", "https://stranger.example");
        using HttpResponseMessage response = await host.Client.SendAsync(request, Token);
        using HttpResponseMessage fault = await host.Client.GetAsync("/own/fault", Token);

        Assert.Equal("""{"ownName":"as the host writes it"}""", await response.Content.ReadAsStringAsync(Token));
        Assert.False(response.Headers.Contains("Content-Security-Policy"));
        Assert.NotEqual("application/problem+json", fault.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Without_a_folder_for_uploads_the_host_does_not_start()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAffektEndpoints(_ => { });
        await using WebApplication app = builder.Build();

        Assert.Contains("DataFolder is empty", (await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(Token))).Message);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Sample() => File.ReadAllBytes(TestPaths.InRepository("samples/sample.mp4"));

    private static MultipartFormDataContent Form(byte[] media, string options = """{"transcribe":false}""") =>
        new() { { new ByteArrayContent(media), "media", "clip.mp4" }, { new StringContent(options), "options" } };

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == status, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
