using Affekt.AspNetCore;
using Affekt.AspNetCore.Live;
using Affekt.AspNetCore.Recognitions;
using Affekt.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Affekt.Tests;

public sealed class IdleMemoryTests
{
    [Fact]
    public async Task Memory_is_given_back_once_after_work_and_not_amid_it()
    {
        ServerLimits limits = new();
        Admission admission = new(limits);
        using LiveSessions live = new(null!, null!, null!, limits, NullLogger<LiveSessions>.Instance);
        using IdleMemory idle = new(admission, live, new Hurry(), NullLogger<IdleMemory>.Instance);
        await idle.StartAsync(TestContext.Current.CancellationToken);

        await LookAsync();
        Assert.Equal(0, idle.Times);

        using (admission.Enter("a"))
        {
            await LookAsync();
            Assert.Equal(0, idle.Times);
        }

        while (idle.Times == 0)
            await LookAsync();
        await LookAsync();
        Assert.Equal(1, idle.Times);
        await idle.StopAsync(TestContext.Current.CancellationToken);
    }

    // Long enough for many looks.
    private static Task LookAsync() => Task.Delay(200, TestContext.Current.CancellationToken);

    private sealed class Hurry : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime / 500, period / 500);
    }
}
