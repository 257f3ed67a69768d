namespace Affekt.Training.Evaluations;

/// <summary>Decodes the next files while the one at hand is being encoded.</summary>
internal static class ReadAhead
{
    private const int DecodedAtOnce = 2;

    /// <summary>Decodes items in the background and hands them over in their order.</summary>
    /// <param name="items">What to decode.</param>
    /// <param name="decode">Decodes one; two run at once.</param>
    /// <param name="use">Takes a decoded item; called by one thread at a time.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync<TItem, TDecoded>(
        IReadOnlyList<TItem> items, Func<TItem, CancellationToken, Task<TDecoded>> decode, Action<TItem, TDecoded> use,
        CancellationToken cancellation)
    {
        using CancellationTokenSource abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Queue<Task<TDecoded>> decoding = new();
        try
        {
            int started = 0;
            for (int done = 0; done < items.Count; done++)
            {
                while (decoding.Count < DecodedAtOnce && started < items.Count)
                    decoding.Enqueue(decode(items[started++], abandoned.Token));
                TDecoded decoded = await decoding.Dequeue().ConfigureAwait(false);
                if (started < items.Count)
                    decoding.Enqueue(decode(items[started++], abandoned.Token));
                use(items[done], decoded);
            }
        }
        finally
        {
            // No tool outlives the caller, whatever ended it.
            await abandoned.CancelAsync().ConfigureAwait(false);
            foreach (Task<TDecoded> task in decoding)
                await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
