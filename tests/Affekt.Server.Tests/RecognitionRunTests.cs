using System.Runtime.CompilerServices;
using Affekt.AspNetCore;
using Affekt.AspNetCore.Problems;
using Affekt.AspNetCore.Recognitions;
using Affekt.Recognition;

namespace Affekt.Tests;

public sealed class RecognitionRunTests
{
    private static readonly Upload _upload = new() { Folder = "/none", Path = "/none/media", File = "talk.mp4", DurationMs = 0 };

    [Fact]
    public async Task Work_that_takes_too_long_ends_with_what_was_found_until_then()
    {
        RecognitionResult result = await RunAsync(found: 2);

        Assert.Equal("stopped_early", Assert.Single(result.Warnings).Code);
        Assert.Contains("behind 2000 ms", result.Warnings[0].Message);
    }

    [Fact]
    public async Task Work_that_finds_nothing_in_its_time_is_told_so()
    {
        ProblemException problem = await Assert.ThrowsAsync<ProblemException>(() => RunAsync(found: 0));

        Assert.Equal("took_too_long", problem.Problem.Code);
    }

    private static Task<RecognitionResult> RunAsync(int found)
    {
        HandClock clock = new();
        return new RecognitionRun(new Endless(found, clock), new ServerLimits(), clock).RunAsync(_upload, null, TestContext.Current.CancellationToken);
    }

    // Its time is over when it is told so.
    private sealed class HandClock : TimeProvider
    {
        private readonly List<Action> _timers = [];

        public void RunDown() => _timers.ForEach(timer => timer());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add(() => callback(state));
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    // Finds something until its time is over, and then goes on for ever.
    private sealed class Endless(int found, HandClock clock) : IEmotionRecognizer
    {
        public async IAsyncEnumerable<RecognitionUpdate> RecognizeStreamingAsync(
            RecognitionRequest request, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            for (int i = 1; i <= found; i++)
            {
                yield return new RecognitionUpdate
                {
                    Bundle = new BundleIdentity("test", "1.0.0", "00"),
                    Input = new RecognizedInput("media", 5000),
                    DoneMs = 1000 * i,
                    Warnings = [],
                    TimingMs = new RecognitionTiming(1, 1, 1, 3),
                };
            }

            clock.RunDown();
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        public Task<BundleIdentity> OpenAsync(CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task<RecognitionResult> RecognizeAsync(RecognitionRequest request, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public Task<ILiveSession> ListenAsync(LiveOptions? options = null, CancellationToken cancellation = default) =>
            throw new NotSupportedException();

        public Task<ISpeakerBaseline> EnrollAsync(IReadOnlyList<string> files, CancellationToken cancellation = default) =>
            throw new NotSupportedException();
    }
}
