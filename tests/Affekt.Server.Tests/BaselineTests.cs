using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Affekt.Media;
using Affekt.Recognition;

namespace Affekt.Tests;

/// <summary>How a voice usually sounds, given with a recording or before a live session.</summary>
[Collection(StarterServers.Name)]
public sealed class BaselineTests(StarterServer starter) : IDisposable
{
    private readonly TestServer _server = starter.Server;
    private readonly TestMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _media.Dispose();

    [Theory]
    [InlineData("sync")]
    [InlineData("job")]
    public async Task Recordings_of_a_voice_are_heard_before_the_recording_itself(string mode)
    {
        MultipartFormDataContent form = TestServer.Form(TestServer.Sample, $$"""{"transcribe":false,"mode":"{{mode}}"}""");
        string part = _media.Make("part.wav", "-i", TestServer.Sample, "-t", "2.5", "-vn", "-ar", "16000");
        Add(form, part, "monday.wav");
        Add(form, part, "tuesday.wav");

        Answer answer = await _server.PostAsync(form);

        JsonElement result = mode == "sync"
            ? answer.Json
            : (await _server.UntilOverAsync(answer.Json.GetProperty("id").GetString()!)).GetProperty("result");
        RecognitionResult found = RecognitionResult.FromJson(result.GetRawText());
        Assert.Equal(2, Assert.Single(found.Utterances).Baseline!.Utterances);
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task A_voice_that_was_enrolled_is_known_to_a_live_session_and_forgotten_when_asked()
    {
        using MultipartFormDataContent form = [];
        Add(form, TestServer.Sample, "monday.mp4");
        using HttpResponseMessage response = await _server.Client.PostAsync("/v1/baselines", form, Token);
        Answer enrolled = await Answer.ReadAsync(response);
        Assert.Equal((HttpStatusCode.OK, 1), (enrolled.Status, enrolled.Json.GetProperty("utterances").GetInt32()));
        string id = enrolled.Json.GetProperty("id").GetString()!;

        JsonElement known = await TalkAsync(id);
        using HttpResponseMessage deleted = await _server.Client.DeleteAsync($"/v1/baselines/{id}", Token);
        using HttpResponseMessage again = await _server.Client.DeleteAsync($"/v1/baselines/{id}", Token);

        Assert.Equal(1, known.GetProperty("utterance").GetProperty("baseline").GetProperty("utterances").GetInt32());
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (deleted.StatusCode, again.StatusCode));
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task A_session_that_names_a_voice_which_is_not_known_any_more_goes_on_and_says_so()
    {
        using LiveClient client = await ConnectAsync();
        await client.SayAsync("""{"type":"hello","version":1,"audio":true,"baseline":"00"}""");

        await client.ReadAsync("welcome");
        JsonElement warning = await client.ReadAsync("warning");

        Assert.Equal("baseline_unknown", warning.GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_is_no_recording_of_a_voice_is_refused_by_its_name()
    {
        MultipartFormDataContent silent = TestServer.Form(TestServer.Sample);
        Add(silent, _media.Silent(), "silent.mp4");
        MultipartFormDataContent words = TestServer.Form(TestServer.Sample);
        words.Add(new StringContent("words, and nothing else"), "baseline", "words.wav");
        MultipartFormDataContent many = TestServer.Form(TestServer.Sample);
        for (int i = 0; i < 9; i++)
            Add(many, TestServer.Sample, $"{i}.mp4");
        MultipartFormDataContent length = TestServer.Form(TestServer.Sample);
        Add(length, TestServer.Sample, "one.mp4");
        Add(length, TestServer.Sample, "two.mp4");

        Answer[] answers =
        [
            await _server.PostAsync(silent), await _server.PostAsync(words), await _server.PostAsync(many), await _server.PostAsync(length),
        ];
        using HttpResponseMessage none = await _server.Client.PostAsync("/v1/baselines", new MultipartFormDataContent { { new StringContent("x"), "speaker" } }, Token);

        Assert.Equal(["not_media", "not_media", "too_many_fields", "too_long"], answers.Select(answer => answer.Code));
        Assert.StartsWith("baseline, silent.mp4: found no sound", answers[0].Json.GetProperty("detail").GetString());
        Assert.StartsWith("baseline, words.wav: found", answers[1].Json.GetProperty("detail").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        await _server.AssertNoMediaIsLeftAsync();
    }

    private static void Add(MultipartFormDataContent form, string file, string name) =>
        form.Add(new ByteArrayContent(File.ReadAllBytes(file)), "baseline", name);

    private async Task<LiveClient> ConnectAsync()
    {
        ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"{_server.Url.Replace("http:", "ws:", StringComparison.Ordinal)}/v1/live"), Token);
        return new LiveClient(socket);
    }

    private async Task<JsonElement> TalkAsync(string baseline)
    {
        using LiveClient client = await ConnectAsync();
        await client.SayAsync($$"""{"type":"hello","version":1,"audio":true,"transcribe":false,"baseline":"{{baseline}}"}""");
        await client.ReadAsync("welcome");
        (_, Sound sound) = await MediaTools.Find().ReadWholeSoundAsync(TestServer.Sample, Token);
        await client.StreamAsync(0, [.. sound.Samples.Select(sample => (short)Math.Clamp(sample * 32768, short.MinValue, short.MaxValue))]);
        await client.SayAsync("""{"type":"stop"}""");
        return await client.ReadAsync("utterance");
    }
}
