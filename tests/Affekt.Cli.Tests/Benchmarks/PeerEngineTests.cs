using Affekt.Cli.Benchmarks.Encoders;

namespace Affekt.Cli.Tests.Benchmarks;

public sealed class PeerEngineTests
{
    private static readonly EngineName s_name = new("shell", "fp32");
    private static readonly EncoderWork s_work = new("a work", EncoderWorks.Bert, [new EncoderInput(1, [1], null)], null, 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_that_answers_line_by_line_is_an_engine()
    {
        // Answers with the number of characters that it was asked with, as if it were its time.
        await using PeerEngine engine = await StartAsync(
            """echo '{"version": "sh 1"}'; while read -r line; do echo "{\"ms\": [${#line}, 2.5]}"; done""");

        IReadOnlyList<double> times = await engine.TimeAsync(s_work, 2, Cancellation);

        Assert.Equal("sh 1", engine.Version);
        Assert.Equal(["""{"encoder":"bert-base","work":"a work","runs":2}""".Length, 2.5], times);
    }

    [Theory]
    [InlineData("echo \"No module named 'torch'\" >&2; exit 1", "No module named 'torch'")]
    [InlineData("echo '{\"version\": \"1\"}'; read -r line; echo out of memory >&2; exit 1", "out of memory")]
    public async Task A_program_that_ends_is_refused_with_its_last_words(string script, string words)
    {
        PeerException refused = await Assert.ThrowsAsync<PeerException>(async () =>
        {
            await using PeerEngine engine = await StartAsync(script);
            await engine.TimeAsync(s_work, 1, Cancellation);
        });

        Assert.Equal(words, refused.Message);
    }

    [Fact]
    public async Task A_program_that_is_not_installed_is_refused_by_its_name()
    {
        PeerException refused = await Assert.ThrowsAsync<PeerException>(
            () => PeerEngine.StartAsync(s_name, "", ["/nowhere/python3", "eager.py"], Cancellation));

        Assert.StartsWith("/nowhere/python3", refused.Message);
    }

    private static Task<PeerEngine> StartAsync(string script) =>
        PeerEngine.StartAsync(s_name, AppContext.BaseDirectory, ["/bin/sh", "-c", script], Cancellation);
}
