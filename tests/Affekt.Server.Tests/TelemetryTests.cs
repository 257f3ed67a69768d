using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Affekt.Tests;

/// <summary>What the server tells a collector over OTLP.</summary>
public sealed class TelemetryTests : IDisposable
{
    private static readonly string[] _variables =
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_BSP_SCHEDULE_DELAY"];

    private readonly TestMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_and_traces_arrive_at_the_collector_that_the_variables_name_and_tell_no_words()
    {
        ConcurrentDictionary<string, string> received = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using MemoryStream body = new();
            await request.Body.CopyToAsync(body);
            string text = $"{request.ContentType}\n{Encoding.Latin1.GetString(body.ToArray())}";
            received.AddOrUpdate(signal, text, (_, before) => before + text);
        });
        await collector.StartAsync(Token);
        foreach ((string name, string value) in _variables.Zip([collector.Urls.First(), "http/protobuf", "100", "100"]))
            Environment.SetEnvironmentVariable(name, value);
        string bundle = _media.Bundle(), film = _media.Silent();
        await using (TestServer server = await TestServer.StartAsync(options => options with { BundleFolder = bundle, ReadSound = false }))
        {
            MultipartFormDataContent form = TestServer.Form(film);
            form.Add(new StringContent("words that nobody else may read"), "text");
            form.Add(new StringContent("Annabelle"), "speaker");
            Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(form)).Status);
            (string Signal, string Name)[] expected =
            [
                ("metrics", "affekt.utterances"), ("metrics", "affekt.server.ready"), ("metrics", "http.server.request.duration"),
                ("traces", "affekt.recognize"),
            ];
            await Eventually.HoldsAsync(() => expected.All(Told));
        }

        Assert.All(received.Values, text =>
        {
            Assert.StartsWith("application/x-protobuf", text);
            Assert.DoesNotContain("nobody else", text);
            Assert.DoesNotContain("Annabelle", text);
            Assert.DoesNotContain("clip.mp4", text);
        });

        bool Told((string Signal, string Name) one) => received.GetValueOrDefault(one.Signal)?.Contains(one.Name, StringComparison.Ordinal) == true;
    }

    public void Dispose()
    {
        foreach (string name in _variables)
            Environment.SetEnvironmentVariable(name, null);
        _media.Dispose();
    }
}
