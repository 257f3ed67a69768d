using System.Net;
using System.Text.Json;
using Affekt.Recognition;

namespace Affekt.Tests;

[Collection(StarterServers.Name)]
public sealed class RecognitionTests(StarterServer starter)
{
    private readonly TestServer _server = starter.Server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recording_is_answered_at_once()
    {
        Answer answer = await _server.PostAsync(TestServer.Form(TestServer.Sample));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        RecognitionResult result = RecognitionResult.FromJson(answer.Text);
        Assert.Equal("sample.mp4", result.Input.File);
        Assert.Equal("starter", result.Bundle.Name);
        Assert.Equal(1, Assert.Single(result.Utterances).Probabilities.Values.Sum(), 1e-6);
        Assert.Equal(TextSource.Asr, result.Utterances[0].TextSource);
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task Given_words_a_speaker_and_a_threshold_are_used()
    {
        MultipartFormDataContent form = TestServer.Form(TestServer.Sample, """{"min_confidence":1,"transcribe":false}""");
        form.Add(new StringContent("Oh my god, you came all this way."), "text");
        form.Add(new StringContent("Ann"), "speaker");

        Answer answer = await _server.PostAsync(form);

        RecognizedUtterance utterance = Assert.Single(RecognitionResult.FromJson(answer.Text).Utterances);
        Assert.Equal(("Ann", TextSource.Given, true), (utterance.Speaker, utterance.TextSource, utterance.Abstained));
    }

    [Fact]
    public async Task A_transcript_gives_the_utterances()
    {
        MultipartFormDataContent form = TestServer.Form(TestServer.Sample);
        form.Add(new StringContent("1\n00:00:00,000 --> 00:00:02,000\nAnn: Oh my god.\n\n2\n00:00:02,000 --> 00:00:04,000\nBob: Hello.\n"), "transcript", "talk.srt");

        Answer answer = await _server.PostAsync(form);

        Assert.Equal(["Ann", "Bob"], RecognitionResult.FromJson(answer.Text).Utterances.Select(utterance => utterance.Speaker));
    }

    [Fact]
    public async Task Inputs_of_a_form_that_nobody_filled_in_are_as_if_they_were_not_there()
    {
        MultipartFormDataContent form = TestServer.Form(TestServer.Sample, "");
        ByteArrayContent none = new([]);
        none.Headers.TryAddWithoutValidation("Content-Disposition", "form-data; name=\"transcript\"; filename=\"\"");
        none.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
        form.Add(none);
        form.Add(new StringContent(""), "text");
        form.Add(new StringContent(""), "speaker");

        Answer answer = await _server.PostAsync(form);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        RecognizedUtterance utterance = Assert.Single(RecognitionResult.FromJson(answer.Text).Utterances);
        Assert.Equal((null, TextSource.Asr), (utterance.Speaker, utterance.TextSource));
    }

    [Fact]
    public async Task What_is_left_out_of_a_transcript_is_told_by_its_sender_s_name_for_it()
    {
        MultipartFormDataContent form = TestServer.Form(TestServer.Sample);
        form.Add(new StringContent("1\n00:00:00,000 --> 00:00:02,000\nOh my god.\n\n2\n00:00:05,000 --> 00:00:04,000\nHello.\n"), "transcript", "talk.srt");

        RecognitionResult result = RecognitionResult.FromJson((await _server.PostAsync(form)).Text);

        Assert.Single(result.Utterances);
        Assert.StartsWith("talk.srt, line 6: ", Assert.Single(result.Warnings, warning => warning.Code == "transcript_lines").Message);
    }

    [Fact]
    public async Task A_job_is_told_as_it_goes_on_and_is_gone_once_deleted()
    {
        Answer accepted = await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"mode":"job"}"""));
        Assert.Equal(HttpStatusCode.Accepted, accepted.Status);
        string path = accepted.Response.Headers.Location!.ToString();
        Assert.Equal($"/v1/recognitions/{accepted.Json.GetProperty("id").GetString()}", path);

        (string Name, string? Id, JsonElement Data)[] events = [.. await EventsAsync(path, null)];

        Assert.Equal("done", events[^1].Name);
        Assert.Contains(events, one => one.Name == "progress");
        (string Name, string? Id, JsonElement Data) utterance = Assert.Single(events, one => one.Name == "utterance");
        Assert.Equal("1", utterance.Id);
        JsonElement job = (await _server.GetAsync(path)).Json;
        Assert.Equal("done", job.GetProperty("state").GetString());
        Assert.Equal(
            utterance.Data.GetProperty("emotion").GetString(),
            job.GetProperty("result").GetProperty("utterances")[0].GetProperty("emotion").GetString());
        Assert.EndsWith("Z", job.GetProperty("created").GetString());
        await _server.AssertNoMediaIsLeftAsync();

        Assert.Equal(["done"], (await EventsAsync(path, "1")).Select(one => one.Name));
        using HttpRequestMessage behindTheEnd = new(HttpMethod.Get, $"{path}/events") { Headers = { { "Last-Event-ID", "end" } } };
        Assert.Equal(HttpStatusCode.NoContent, (await _server.Client.SendAsync(behindTheEnd, Token)).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await _server.Client.DeleteAsync(path, Token)).StatusCode);
        Assert.Equal((HttpStatusCode.NotFound, "not_found"), await StatusAsync(path));
        Assert.Equal(HttpStatusCode.NotFound, (await _server.Client.DeleteAsync(path, Token)).StatusCode);
    }

    [Fact]
    public async Task A_job_that_is_deleted_while_it_waits_or_works_leaves_nothing()
    {
        string[] paths = new string[4];
        for (int i = 0; i < paths.Length; i++)
            paths[i] = (await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"mode":"job"}"""))).Response.Headers.Location!.ToString();
        Task<IReadOnlyList<(string Name, string? Id, JsonElement Data)>> watched = EventsAsync(paths[^1], null);
        foreach (string path in paths.Reverse())
        {
            await Task.Delay(50, Token);
            Assert.Equal(HttpStatusCode.NoContent, (await _server.Client.DeleteAsync(path, Token)).StatusCode);
            Assert.Equal((HttpStatusCode.NotFound, "not_found"), await StatusAsync(path));
            Assert.Equal(HttpStatusCode.NotFound, (await _server.Client.DeleteAsync(path, Token)).StatusCode);
        }

        Assert.Equal("canceled", (await watched)[^1].Name);
        await _server.AssertNoMediaIsLeftAsync();
    }

    private async Task<(HttpStatusCode Status, string? Code)> StatusAsync(string path)
    {
        Answer answer = await _server.GetAsync(path);
        return (answer.Status, answer.Code);
    }

    private async Task<IReadOnlyList<(string Name, string? Id, JsonElement Data)>> EventsAsync(string path, string? last)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"{path}/events");
        if (last is not null)
            request.Headers.Add("Last-Event-ID", last);
        using HttpResponseMessage response = await _server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        string text = await response.Content.ReadAsStringAsync(Token);
        List<(string, string?, JsonElement)> events = [];
        foreach (string block in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(block => !block.StartsWith(':')))
        {
            Dictionary<string, string> fields = block.Split('\n').Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]);
            events.Add((fields["event"], fields.GetValueOrDefault("id"), JsonDocument.Parse(fields["data"]).RootElement));
        }

        return events;
    }
}
