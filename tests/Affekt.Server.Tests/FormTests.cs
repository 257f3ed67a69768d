using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Affekt.Tests;

/// <summary>Forms as browsers send them, and transcripts that would keep a server at work for hours.</summary>
public sealed class FormTests(FormTests.SmallServer small) : IClassFixture<FormTests.SmallServer>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A server that answers from words and pictures, which takes no time.</summary>
    public sealed class SmallServer : IAsyncLifetime
    {
        internal TestMedia Media { get; } = new();

        internal TestServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            string bundle = Media.Bundle();
            Server = await TestServer.StartAsync(options => options with
            {
                BundleFolder = bundle,
                ReadSound = false,
            });
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            Media.Dispose();
        }
    }

    [Fact]
    public async Task Inputs_that_nobody_filled_in_are_as_if_they_were_not_there()
    {
        string film = small.Media.Silent();
        byte[] body =
        [
            .. Part("name=\"transcript\"; filename=\"\"\r\nContent-Type: application/octet-stream", ""),
            .. Part("name=\"speaker\"", ""), .. Part("name=\"options\"", ""), .. Part("name=\"text\"", "so happy"),
            .. Head("name=\"media\"; filename=\"film.mp4\""), .. await File.ReadAllBytesAsync(film, Token), .. "\r\n--b--\r\n"u8,
        ];

        Answer answer = await PostAsync(body);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("so happy", answer.Json.GetProperty("utterances")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Without_a_chosen_recording_the_form_lacks_one()
    {
        Answer answer = await PostAsync(
            [.. Part("name=\"media\"; filename=\"\"\r\nContent-Type: application/octet-stream", ""), .. "--b--\r\n"u8]);

        Assert.Equal("media_missing", answer.Code);
    }

    [Fact]
    public async Task A_transcript_of_far_more_lines_than_the_recording_has_room_for_is_refused()
    {
        Answer answer = await small.Server.PostAsync(Subtitled(100_000));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "bad_transcript"), (answer.Status, answer.Code));
        Assert.Contains("found 100000 lines", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task What_a_bundle_of_branches_cannot_do_is_refused_before_it_is_tried()
    {
        string film = small.Media.Silent();
        MultipartFormDataContent voice = TestServer.Form(film);
        voice.Add(new ByteArrayContent(await File.ReadAllBytesAsync(TestServer.Sample, Token)), "baseline", "monday.mp4");

        Answer prior = await small.Server.PostAsync(TestServer.Form(film, """{"prior":"uniform"}"""));
        Answer job = await small.Server.PostAsync(TestServer.Form(film, """{"prior":"meld","mode":"job"}"""));
        Answer baseline = await small.Server.PostAsync(voice);
        JsonElement bundle = (await small.Server.GetAsync("/v1/bundles")).Json.GetProperty("bundles")[0];

        Assert.All([prior, job, baseline], answer => Assert.Equal((HttpStatusCode.BadRequest, "bad_options"), (answer.Status, answer.Code)));
        Assert.StartsWith("options.prior: found one, expected none", prior.Json.GetProperty("detail").GetString());
        Assert.StartsWith("baseline: found recordings of a voice, expected none", baseline.Json.GetProperty("detail").GetString());
        Assert.Equal(JsonValueKind.Null, bundle.GetProperty("prior").ValueKind);
        Assert.False(bundle.GetProperty("baseline").GetBoolean());
        await small.Server.AssertNoMediaIsLeftAsync();
    }

    private Task<Answer> PostAsync(byte[] body)
    {
        ByteArrayContent content = new(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        return small.Server.PostAsync(content);
    }

    // Lines that all overlap, over a film of a second.
    private MultipartFormDataContent Subtitled(int lines)
    {
        StringBuilder cues = new();
        for (int i = 0; i < lines; i++)
            cues.Append(CultureInfo.InvariantCulture, $"00:00.{i % 900:000} --> 00:00.950\nwords {i}\n\n");
        MultipartFormDataContent form = TestServer.Form(small.Media.Silent());
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes($"WEBVTT\n\n{cues}")), "transcript", "film.vtt");
        return form;
    }

    private static byte[] Part(string disposition, string text) => [.. Head(disposition), .. Encoding.UTF8.GetBytes(text), .. "\r\n"u8];

    private static byte[] Head(string disposition) => Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
}
