using System.Runtime.ExceptionServices;

namespace Affekt.Torch;

/// <summary>
/// Works on several small things at once, each on one thread: networks whose operators are too short to be shared among
/// threads leave processors idle otherwise.
/// </summary>
public static class Workers
{
    /// <summary>Does the work for each item, on up to <see cref="TorchRuntime.Threads"/> threads, whose operators use one thread each.</summary>
    /// <param name="items">The items.</param>
    /// <param name="work">Called by several threads at a time.</param>
    /// <param name="cancellation">Ends it between two items.</param>
    /// <returns>The results, in the order of the items.</returns>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public static TResult[] Map<TItem, TResult>(
        IReadOnlyList<TItem> items, Func<TItem, TResult> work, CancellationToken cancellation = default)
    {
        TResult[] results = new TResult[items.Count];
        try
        {
            Parallel.For(
                0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = TorchRuntime.Threads, CancellationToken = cancellation },
                i =>
                {
                    bool outer = TorchRuntime.OneThreadHere;
                    TorchRuntime.OneThreadHere = true;
                    try
                    {
                        results[i] = work(items[i]);
                    }
                    finally
                    {
                        TorchRuntime.OneThreadHere = outer;
                    }
                });
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return results;
    }
}
