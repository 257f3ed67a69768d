using System.Collections.Concurrent;
using Affekt.Torch;
using Affekt.Torch.Native;

namespace Affekt.Tests;

public sealed class WorkersTests
{
    [Fact]
    public void Each_item_is_worked_on_by_one_thread_and_its_result_keeps_its_place()
    {
        ConcurrentBag<int> threads = [];

        int[] results = Workers.Map(
            Enumerable.Range(0, 100).ToArray(),
            i =>
            {
                threads.Add(ThreadsAfterACall());
                return i * i;
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => i * i), results);
        Assert.Equal(Enumerable.Repeat(1, 100), threads);
        Assert.Equal(TorchRuntime.Threads, ThreadsAfterACall());
    }

    [Fact]
    public void Work_that_fails_gives_its_own_error_and_leaves_nothing_changed()
    {
        Assert.Equal("mine", Assert.Throws<InvalidDataException>(() => Workers.Map([1, 2], Fail, TestContext.Current.CancellationToken)).Message);
        Assert.Equal(TorchRuntime.Threads, ThreadsAfterACall());

        static int Fail(int item) => throw new InvalidDataException("mine");
    }

    [Fact]
    public void Cancelling_ends_it_between_two_items()
    {
        using CancellationTokenSource source = new();
        int done = 0;

        Assert.Throws<OperationCanceledException>(() => Workers.Map(
            new int[1000],
            _ =>
            {
                source.Cancel();
                return Interlocked.Increment(ref done);
            },
            source.Token));
        Assert.InRange(done, 1, TorchRuntime.Threads);
    }

    private static int ThreadsAfterACall()
    {
        using Tensor any = Tensor.Zeros(1);
        return Interop.Threads();
    }
}
