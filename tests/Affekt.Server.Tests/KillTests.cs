using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Affekt.Recognition;

namespace Affekt.Tests;

/// <summary>The program itself, ended by kill -9 amid its work.</summary>
public sealed class KillTests : IDisposable
{
    private const int Jobs = 6;

    private readonly TestMedia _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_kills_at_any_moment_each_job_is_finished_or_failed_with_a_reason_and_no_media_is_left()
    {
        string clip = _folder.Make("clip.wav", "-i", TestServer.Sample, "-vn", "-ar", "16000");
        List<string> ids = [];

        // The first server ends while it works, and while an upload comes in.
        using (ServerProcess first = await ServerProcess.StartAsync(Data))
        {
            using TcpClient half = await UploadHalfAsync(first);
            await Eventually.HoldsAsync(() => Media().Length > 0);
            for (int i = 0; i < Jobs; i++)
                ids.Add(await SubmitAsync(first, clip));
            while (await StateAsync(first, ids[0]) is "queued")
                await Task.Delay(5, Token);
            first.Kill();
        }

        Assert.InRange(Media().Length, 2, Jobs + 1);

        // The second before its models are there: nothing may be lost or counted as tried.
        using (ServerProcess second = await ServerProcess.StartAsync(Data, ready: false))
            second.Kill();

        // The third behind a job's end, and as soon as it took on another.
        using (ServerProcess third = await ServerProcess.StartAsync(Data))
        {
            while (await StateAsync(third, ids[1]) is "queued" or "running")
                await Task.Delay(5, Token);
            ids.Add(await SubmitAsync(third, clip));
            third.Kill();
        }

        using ServerProcess last = await ServerProcess.StartAsync(Data);
        HashSet<string> answers = [];
        foreach (string id in ids)
        {
            JsonElement job = await OverAsync(last, id);
            if (job.GetProperty("state").GetString() == "done")
                answers.Add(Answer(job));
            else
                Assert.Equal(("failed", "interrupted"), (job.GetProperty("state").GetString(), job.GetProperty("error").GetProperty("code").GetString()));
        }

        Assert.Equal("done", (await OverAsync(last, ids[1])).GetProperty("state").GetString());
        Assert.Equal("done", (await OverAsync(last, ids[^1])).GetProperty("state").GetString());
        Assert.Single(answers);
        await Eventually.HoldsAsync(() => Media().Length == 0);
        Assert.Equal(0, await last.StopAsync());
    }

    public void Dispose() => _folder.Dispose();

    private string Data => _folder.At("data");

    private string[] Media() => Directory.GetFileSystemEntries(Path.Combine(Data, "media"));

    private static async Task<string> SubmitAsync(ServerProcess server, string clip)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(
            "/v1/recognitions", TestServer.Form(clip, """{"mode":"job","transcribe":false}"""), Token);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString()!;
    }

    private static async Task<TcpClient> UploadHalfAsync(ServerProcess server)
    {
        TcpClient client = new();
        await client.ConnectAsync(IPEndPoint.Parse(server.Client.BaseAddress!.Authority), Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/recognitions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.mp4\"\r\n\r\nthe beginning"), Token);
        return client;
    }

    private static async Task<JsonElement> OverAsync(ServerProcess server, string id)
    {
        JsonElement job = await JobAsync(server, id);
        while (job.GetProperty("state").GetString() is "queued" or "running")
        {
            await Task.Delay(25, Token);
            job = await JobAsync(server, id);
        }

        return job;
    }

    private static string Answer(JsonElement job) => string.Join(' ', RecognitionResult.FromJson(job.GetProperty("result").GetRawText()).Utterances
        .Select(utterance => $"{utterance.StartMs} {utterance.Emotion} {utterance.Confidence:0.0000}"));

    private static async Task<string?> StateAsync(ServerProcess server, string id) => (await JobAsync(server, id)).GetProperty("state").GetString();

    private static Task<JsonElement> JobAsync(ServerProcess server, string id) =>
        server.Client.GetFromJsonAsync<JsonElement>($"/v1/recognitions/{id}", Token);
}
