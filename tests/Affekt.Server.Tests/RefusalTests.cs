using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Affekt.Tests;

/// <summary>Inputs that mean harm, or are wrong: refused, with nothing read, fetched or left behind.</summary>
[Collection(StarterServers.Name)]
public sealed class RefusalTests(StarterServer starter) : IDisposable
{
    private readonly TestServer _server = starter.Server;
    private readonly TestMedia _media = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "list.m3u8")]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "film.mp4")]
    [InlineData("ffconcat version 1.0\nfile /etc/passwd\n", "film.mp4")]
    [InlineData("<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><Period><BaseURL>file:///etc/</BaseURL></Period></MPD>", "film.mpd")]
    [InlineData("v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", "film.sdp")]
    [InlineData("words, and nothing else", "film.mp4")]
    public async Task A_file_that_names_other_files_is_no_recording(string text, string name)
    {
        Answer answer = await _server.PostAsync(TestServer.Form(Encoding.UTF8.GetBytes(text), null, name));

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "not_media"), (answer.Status, answer.Code));
        Assert.DoesNotContain("root:", answer.Text);
        Assert.DoesNotContain(_server.Folder, answer.Text);
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task A_playlist_that_names_an_address_fetches_nothing()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string list = $"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://{listener.LocalEndpoint}/film.ts\n#EXT-X-ENDLIST\n";

        Answer answer = await _server.PostAsync(TestServer.Form(Encoding.UTF8.GetBytes(list), null, "film.mp4"));

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "not_media"), (answer.Status, answer.Code));
        Assert.False(listener.Pending());
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task A_bomb_and_a_huge_picture_are_refused()
    {
        using MemoryStream bomb = new();
        using (ZipArchive zip = new(bomb, ZipArchiveMode.Create, leaveOpen: true))
        using (Stream entry = zip.CreateEntry("film").Open())
        {
            for (int i = 0; i < 256; i++)
                await entry.WriteAsync(new byte[1 << 20], Token);
        }

        Assert.Equal("not_media", (await _server.PostAsync(TestServer.Form(bomb.ToArray()))).Code);

        // A header of 100000 x 100000 pixels.
        Answer picture = await _server.PostAsync(TestServer.Form(Png(), null, "picture.png"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "damaged_media"), (picture.Status, picture.Code));

        // A film that states more pixels than are allowed.
        string film = _media.Make("large.mkv", "-f", "lavfi", "-i", "color=s=4400x4400:r=1:d=1", "-c:v", "libx264", "-preset", "ultrafast");
        Assert.Equal("too_many_pixels", (await _server.PostAsync(TestServer.Form(film))).Code);
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Theory]
    [InlineData("empty.mp4", HttpStatusCode.UnprocessableEntity, "empty_media")]
    [InlineData("half.mp4", HttpStatusCode.UnprocessableEntity, "damaged_media")]
    public async Task A_recording_that_cannot_be_read_is_told_apart(string name, HttpStatusCode status, string code)
    {
        byte[] sample = await File.ReadAllBytesAsync(TestServer.Sample, Token);
        byte[] bytes = name.StartsWith("half", StringComparison.Ordinal) ? sample[..600] : [];

        Answer answer = await _server.PostAsync(TestServer.Form(bytes, null, name));

        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal(["code", "detail", "status", "title", "type"], answer.Json.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal($"urn:affekt:problem:{code}", answer.Json.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_recording_longer_than_allowed_is_refused_and_told_of_jobs()
    {
        string longer = _media.Sound("longer.wav", "sine=d=8");
        string longest = _media.Sound("longest.wav", "sine=d=40");

        // A clock that begins late, and a stated length of the first part only, are no length.
        string late = _media.Make("late.mkv", "-i", longer, "-t", "3", "-c:a", "flac", "-output_ts_offset", "7200");
        string part = _media.Make("part.mp3", "-i", longer, "-t", "3", "-c:a", "libmp3lame");
        byte[] mp3 = await File.ReadAllBytesAsync(part, Token);
        Assert.Equal(HttpStatusCode.OK, (await _server.PostAsync(TestServer.Form(late))).Status);
        Assert.Equal("too_long_for_sync", (await _server.PostAsync(TestServer.Form([.. mp3, .. mp3, .. mp3], null, "joined.mp3"))).Code);
        Assert.Equal("too_long_for_sync", (await _server.PostAsync(TestServer.Form(longer))).Code);
        Assert.Equal(HttpStatusCode.Accepted, (await _server.PostAsync(TestServer.Form(longer, """{"mode":"job"}"""))).Status);
        Assert.Equal("too_long", (await _server.PostAsync(TestServer.Form(longest, """{"mode":"job"}"""))).Code);
    }

    [Fact]
    public async Task Forms_that_are_not_as_described_are_refused()
    {
        Assert.Equal("not_multipart", (await _server.PostAsync(new StringContent("media"))).Code);
        Assert.Equal("not_multipart", (await _server.PostAsync(new FormUrlEncodedContent([KeyValuePair.Create("media", "x")]))).Code);
        Assert.Equal("media_missing", (await _server.PostAsync(new MultipartFormDataContent { { new StringContent("x"), "speaker" } })).Code);
        Assert.Equal("bad_form", (await _server.PostAsync(new MultipartFormDataContent { { new StringContent("x"), "words" } })).Code);
        Assert.Equal("bad_form", (await _server.PostAsync(new MultipartFormDataContent { { new StringContent("x"), "text" }, { new StringContent("x"), "text" } })).Code);
        Assert.Equal("bad_options", (await _server.PostAsync(TestServer.Form(TestServer.Sample, "no json"))).Code);
        Assert.Equal("bad_options", (await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"mode":3}"""))).Code);
        Assert.Equal("bad_options", (await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"min_confidence":7}"""))).Code);
        Assert.Equal("bad_options", (await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"prior":"/etc/passwd"}"""))).Code);
        Assert.Equal("bad_options", (await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"prior":{"joy":1}}"""))).Code);
        Assert.Equal("bad_options", (await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"prior":{"joy":1,"calm":2}}"""))).Code);
        Assert.Equal("bad_options", (await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"audio_stream":-1}"""))).Code);
        Assert.Equal("bad_options", (await _server.PostAsync(TestServer.Form(TestServer.Sample, """{"audio_stream":1}"""))).Code);
        MultipartFormDataContent transcript = TestServer.Form(TestServer.Sample);
        transcript.Add(new StringContent("nothing\n"), "transcript", "talk.srt");
        Assert.Equal("bad_transcript", (await _server.PostAsync(transcript)).Code);
        MultipartFormDataContent cut = TestServer.Form(TestServer.Sample);
        byte[] whole = await cut.ReadAsByteArrayAsync(Token);
        ByteArrayContent half = new(whole[..(whole.Length / 2)]);
        half.Headers.ContentType = cut.Headers.ContentType;
        Assert.Equal("bad_form", (await _server.PostAsync(half)).Code);
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Theory]
    [InlineData(0, HttpStatusCode.BadRequest, "bad_form")]
    [InlineData(8, HttpStatusCode.RequestEntityTooLarge, "too_many_fields")]
    public async Task Ten_thousand_fields_are_refused_at_the_first_that_is_too_many(int known, HttpStatusCode status, string code)
    {
        MultipartFormDataContent form = [];
        foreach ((string name, string value) in ((string, string)[])[("media", "x"), ("text", "x"), ("transcript", "x"), ("speaker", "x"), ("options", "{}")])
        {
            if (known > 0)
                form.Add(new StringContent(value), name, name == "transcript" ? "talk.txt" : name);
        }

        for (int i = 0; i < known; i++)
            form.Add(new StringContent("x"), "baseline", "voice.wav");

        for (int i = 0; i < 10_000; i++)
            form.Add(new StringContent("x"), $"field{i}");

        Answer answer = await _server.PostAsync(form);

        Assert.Equal((status, code), (answer.Status, answer.Code));
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task An_upload_without_end_is_cut_off()
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPEndPoint.Parse(new Uri(_server.Url).Authority), Token);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/recognitions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n61\r\n--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.mp4\"\r\n"
            + "Content-Type: video/mp4 \r\n\r\n\r\n"), Token);
        byte[] chunk = [.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
        long sent = 0;
        Task<string> answer = ReadAsync("too_large");
        try
        {
            for (; !answer.IsCompleted && sent < 1L << 30; sent += chunk.Length)
                await stream.WriteAsync(chunk, Token);
        }
        catch (IOException)
        {
            // The server reads no more; its answer came before.
        }

        // Twice the upload that is allowed, and what sockets hold.
        Assert.InRange(sent, 1, 64L << 20);
        Assert.StartsWith("HTTP/1.1 413 ", await answer);
        await _server.AssertNoMediaIsLeftAsync();

        async Task<string> ReadAsync(string end)
        {
            byte[] bytes = new byte[4096];
            int length = 0, read;
            while ((read = await stream.ReadAsync(bytes.AsMemory(length), Token)) > 0)
            {
                length += read;
                if (Encoding.ASCII.GetString(bytes, 0, length) is { } text && text.Contains(end, StringComparison.Ordinal))
                    return text;
            }

            throw new InvalidOperationException($"closed after {Encoding.ASCII.GetString(bytes, 0, length)}");
        }
    }

    [Fact]
    public async Task An_upload_larger_than_allowed_is_refused()
    {
        Answer answer = await _server.PostAsync(TestServer.Form(new byte[3 << 20]));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too_large"), (answer.Status, answer.Code));
        await _server.AssertNoMediaIsLeftAsync();
    }

    [Fact]
    public async Task Compressed_silence_that_goes_on_behind_its_stated_end_is_read_to_the_limit_only()
    {
        // 20 minutes in 1 MB at most, while the server allows half a minute; FLAC states its length, raw frames of it do not.
        string silence = _media.Make("silence.mka", "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=1200", "-c:a", "flac", "-live", "1");

        Answer answer = await _server.PostAsync(TestServer.Form(silence, """{"mode":"job"}"""));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too_long"), (answer.Status, answer.Code));
        await _server.AssertNoMediaIsLeftAsync();
    }

    public void Dispose() => _media.Dispose();

    private static byte[] Png() =>
    [
        0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0x01, 0x86, 0xA0, 0, 0x01, 0x86, 0xA0,
        8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54,
    ];
}
