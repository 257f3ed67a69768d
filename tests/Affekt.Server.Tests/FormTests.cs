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
        Answer job = await small.Server.PostAsync(TestServer.Form(film, """{"prior":"MELD","mode":"job"}"""));
        Answer baseline = await small.Server.PostAsync(voice);
        JsonElement bundle = (await small.Server.GetAsync("/v1/bundles")).Json.GetProperty("bundles")[0];

        Assert.All([prior, job, baseline], answer => Assert.Equal((HttpStatusCode.BadRequest, "bad_options"), (answer.Status, answer.Code)));
        Assert.All([prior, job], answer => Assert.StartsWith("options.prior: found one, expected none", answer.Json.GetProperty("detail").GetString()));
        Assert.StartsWith("baseline: found recordings of a voice, expected none", baseline.Json.GetProperty("detail").GetString());
        Assert.Equal(JsonValueKind.Null, bundle.GetProperty("prior").ValueKind);
        Assert.False(bundle.GetProperty("baseline").GetBoolean());
        await small.Server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task Words_alone_are_recognized_without_a_recording()
    {
        Answer text = await small.Server.PostAsync(Fields(("text", "so happy")));
        Answer chat = await small.Server.PostAsync(Chat("A: so happy\nB: not me\n", "chat.txt"));
        Answer job = await small.Server.PostAsync(Fields(("text", "so happy"), ("options", """{"mode":"job"}""")));
        Answer tooLong = await small.Server.PostAsync(Chat("1\n09:00:00,000 --> 09:00:02,000\nso happy\n", "talk.srt"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Accepted), (text.Status, chat.Status, job.Status));
        Assert.Equal("text", text.Json.GetProperty("input").GetProperty("file").GetString());
        JsonElement modalities = text.Json.GetProperty("utterances")[0].GetProperty("modalities");
        Assert.Equal("used", modalities.GetProperty("text").GetProperty("status").GetString());
        Assert.Equal("missing", modalities.GetProperty("video").GetProperty("status").GetString());
        Assert.Equal(["A", "B"], chat.Json.GetProperty("utterances").EnumerateArray().Select(utterance => utterance.GetProperty("speaker").GetString()));
        Assert.Equal("chat.txt", chat.Json.GetProperty("input").GetProperty("file").GetString());
        Assert.Equal(
            text.Json.GetProperty("utterances")[0].GetProperty("probabilities").GetRawText(),
            (await small.Server.UntilOverAsync(job.Json.GetProperty("id").GetString()!)).GetProperty("result").GetProperty("utterances")[0]
                .GetProperty("probabilities").GetRawText());
        Assert.Equal("too_long", tooLong.Code);
        Assert.StartsWith("transcript: found 32402 s", tooLong.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task What_the_server_does_not_take_is_named()
    {
        using StringContent json = new("{}", Encoding.UTF8, "application/json");
        using MultipartFormDataContent compressed = Fields(("text", "so happy"));
        compressed.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage inAddress = await small.Server.Client.PostAsync("/v1/recognitions?mode=job", Fields(("text", "so happy")), Token);

        Assert.Equal(
            [
                "Found a part named \"language\", expected media, text, transcript, speaker, options, baseline.",
                "Found a part named \"prior\", expected media, text, transcript, speaker, options, baseline; prior is an entry of options.",
                "options: found \"langauge\", expected no other name than min_confidence, transcribe, prior, audio_stream, speakers, thumbnails, mode.",
                "options.prior: found another value, expected \"uniform\", \"meld\", or an object with a number above 0 for each label.",
                "options: found no JSON at byte 20 of line 1, expected an object such as {\"min_confidence\":0.4,\"transcribe\":true,\"mode\":\"sync\"}.",
                "transcript: found the file \"chat.docx\", expected one that ends in .srt, .vtt, .ass, .ssa, .sbv, .json, .jsonl, .csv, .tsv, .txt.",
                "Content-Type: found \"application/json; charset=utf-8\", expected multipart/form-data with a part for each file and field.",
                "Content-Encoding: found \"gzip\", expected none: a form that is not compressed.",
                "Found mode in the address, expected it in the form; mode is an entry of options.",
            ],
            [
                await DetailAsync(Fields(("language", "en"))),
                await DetailAsync(Fields(("prior", "uniform"))),
                await DetailAsync(Fields(("options", """{"langauge":"en"}"""))),
                await DetailAsync(Fields(("options", """{"prior":"melt"}"""))),
                await DetailAsync(Fields(("options", """{"min_confidence":0,4}"""))),
                await DetailAsync(Chat("so happy", "chat.docx")),
                await DetailAsync(json),
                await DetailAsync(compressed),
                (await Answer.ReadAsync(inAddress)).Json.GetProperty("detail").GetString(),
            ]);
    }

    [Theory]
    [InlineData("a%22b%0D%0A.txt", "a\"b.txt")]
    [InlineData("C:\\talks\\50%25 of it.txt", "50%25 of it.txt")]
    public async Task A_files_name_is_told_back_as_its_sender_wrote_it(string sent, string told)
    {
        Answer answer = await PostAsync([.. Part($"name=\"transcript\"; filename=\"{sent}\"", "so happy"), .. "--b--\r\n"u8]);

        Assert.Equal(told, answer.Json.GetProperty("input").GetProperty("file").GetString());
    }

    [Fact]
    public async Task Of_a_name_that_is_too_long_the_ending_is_kept()
    {
        Answer answer = await small.Server.PostAsync(Chat("so happy", new string('x', 300) + ".txt"));

        Assert.Equal(new string('x', 251) + ".txt", answer.Json.GetProperty("input").GetProperty("file").GetString());
    }

    private async Task<string?> DetailAsync(HttpContent form) => (await small.Server.PostAsync(form)).Json.GetProperty("detail").GetString();

    private static MultipartFormDataContent Fields(params (string Name, string Value)[] fields)
    {
        MultipartFormDataContent form = [];
        foreach ((string name, string value) in fields)
            form.Add(new StringContent(value), name);
        return form;
    }

    private static MultipartFormDataContent Chat(string words, string file) => new() { { new StringContent(words), "transcript", file } };

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
