using System.Net;
using Affekt.Recognition;

namespace Affekt.Tests;

[Collection(StarterServers.Name)]
public sealed class OverloadTests(StarterServer starter)
{
    [Fact]
    public async Task Ten_times_too_many_uploads_are_answered_rightly_or_refused_at_once()
    {
        const int Uploads = 10 * (StarterServer.Queue + StarterServer.Workers);
        TestServer server = starter.Server;

        // A short one: what is refused and in which order does not depend on it.
        using TestMedia media = new();
        byte[] sample = await File.ReadAllBytesAsync(
            media.Make("part.wav", "-i", TestServer.Sample, "-t", "1.5", "-vn", "-ar", "16000"), TestContext.Current.CancellationToken);
        string expected = Emotions(await server.PostAsync(TestServer.Form(sample, """{"transcribe":false}""")));
        int over = 0;

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, Uploads).Select(async _ =>
        {
            Answer answer = await server.PostAsync(TestServer.Form(sample, """{"transcribe":false}"""));

            // In the order of their ends: who is refused does not wait for who is served.
            return answer with { Type = $"{Interlocked.Increment(ref over)}" };
        }));

        Answer[] served = [.. answers.Where(answer => answer.Status == HttpStatusCode.OK)];
        Answer[] refused = [.. answers.Where(answer => answer.Status == HttpStatusCode.ServiceUnavailable)];
        Assert.Equal(Uploads, served.Length + refused.Length);
        Assert.NotEmpty(refused);
        Assert.InRange(served.Length, StarterServer.Queue - (StarterServer.Queue / 4) + StarterServer.Workers, Uploads);
        Assert.All(served, answer => Assert.Equal(expected, Emotions(answer)));
        Assert.All(refused, answer => Assert.InRange(answer.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 120));
        Assert.True(int.Parse(served.MaxBy(answer => int.Parse(answer.Type))!.Type) > refused.Length);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/healthz")).Status);
        await server.AssertNoMediaIsLeftAsync();
    }

    private static string Emotions(Answer answer) => string.Join(' ', RecognitionResult.FromJson(answer.Text).Utterances
        .Select(utterance => $"{utterance.StartMs} {utterance.Emotion} {utterance.Confidence:0.0000}"));
}
