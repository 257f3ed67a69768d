using Affekt.Cli.Benchmarks.Encoders;

namespace Affekt.Cli.Tests.Benchmarks;

public sealed class EncoderBenchmarkTests
{
    private static readonly EncoderWork s_work = new("w", EncoderWorks.Bert, [new EncoderInput(1, [1, 2], null)], null, 6e9);
    private static readonly GemmPeaks s_peaks = new(100, 200, 400);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ratios_say_how_many_times_as_fast_as_each_rival_and_shares_are_of_the_precisions_peak()
    {
        EncoderBenchmark benchmark = new(
            [Engine("affekt", "fp32", 120), Engine("affekt", "bf16", 40), Engine("pytorch", "fp32", 240), Engine("onnxruntime", "fp32", 80)],
            s_peaks, 2, 1);

        IReadOnlyList<EncoderResult> results = await benchmark.RunAsync(s_work, Cancellation);

        // 6 GFLOP in 120 ms are 50 GFLOP/s of 100, in 40 ms they are 150 of 200.
        Assert.Equal(
            [(0.667, 2.0, 0.5), (2.0, 6.0, 0.75), (0.333, 1.0, null), (1.0, 3.0, null)],
            results.Select(result => (result.RatioToOrtFp32, result.RatioToEagerFp32, result.ShareOfPeak)));
        Assert.All(results, result => Assert.Equal((2, 1.0), (result.Threads, result.Cosine)));
    }

    [Fact]
    public async Task Where_a_precision_is_computed_in_another_one_it_has_no_share()
    {
        EncoderBenchmark benchmark = new([Engine("affekt", "bf16", 40)], s_peaks with { Bf16 = null }, 2, 1);
        Assert.Null(Assert.Single(await benchmark.RunAsync(s_work, Cancellation)).ShareOfPeak);
    }

    [Fact]
    public async Task Engines_take_turns_and_a_fast_one_runs_more_often_in_its_turn()
    {
        List<string> turns = [];
        EncoderBenchmark benchmark = new(
            [new FakeEngine(new("affekt", "fp32"), [1, 0], 30, turns), new FakeEngine(new("onnxruntime", "fp32"), [1, 0], 150, turns)],
            s_peaks, 1, 2);

        await benchmark.RunAsync(s_work, Cancellation);

        // A run each to see how long it takes, then rounds of two turns of 300 ms for 2 s.
        Assert.Equal(
            ["affekt-fp32 1", "onnxruntime-fp32 1", .. Enumerable.Repeat(new[] { "affekt-fp32 10", "onnxruntime-fp32 2" }, 3).SelectMany(turn => turn)],
            turns);
    }

    [Fact]
    public async Task A_rival_that_is_missing_leaves_its_ratio_out()
    {
        EncoderBenchmark benchmark = new([Engine("affekt", "int8", 10)], s_peaks, 1, 1);

        EncoderResult result = Assert.Single(await benchmark.RunAsync(s_work, Cancellation));

        Assert.Equal((null, null, null), (result.RatioToOrtFp32, result.RatioToEagerFp32, result.Cosine));
    }

    [Theory]
    [InlineData("onnxruntime", "fp32", new float[] { 1, 0.01f })]
    [InlineData("affekt", "int8", new float[] { 1, 1 })]
    [InlineData("onnxruntime", "int8", new float[] { 1, 0, 0 })]
    [InlineData("affekt", "bf16", new float[] { float.NaN, 0 })]
    public async Task Engines_that_do_not_give_the_same_are_not_compared(string engine, string precision, float[] output)
    {
        EncoderBenchmark benchmark = new(
            [new FakeEngine(new(engine, precision), output, 10, []), Engine("affekt", "fp32", 10)], s_peaks, 1, 1);

        CommandException refused = await Assert.ThrowsAsync<CommandException>(() => benchmark.RunAsync(s_work, Cancellation));

        Assert.Contains($"{engine}-{precision}", refused.Message);
    }

    private static FakeEngine Engine(string engine, string precision, double ms) => new(new(engine, precision), [1, 0], ms, []);

    private sealed class FakeEngine(EngineName name, float[] output, double ms, List<string> turns) : IEncoderEngine
    {
        public EngineName Name => name;

        public string Version => "1";

        public Task<float[]> FirstOutputAsync(EncoderWork work, CancellationToken cancellation) => Task.FromResult(output);

        public Task<IReadOnlyList<double>> TimeAsync(EncoderWork work, int runs, CancellationToken cancellation)
        {
            turns.Add($"{name} {runs}");
            return Task.FromResult<IReadOnlyList<double>>([.. Enumerable.Repeat(ms, runs)]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
