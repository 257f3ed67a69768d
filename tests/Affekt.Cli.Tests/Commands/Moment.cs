namespace Affekt.Cli.Tests.Commands;

/// <summary>The right moment to disturb a program.</summary>
internal static class Moment
{
    /// <summary>
    /// Acts as soon as something holds. On a thread of its own: tests that compute keep the pool's threads busy, and the program would
    /// have ended by the time that one is free.
    /// </summary>
    public static Task ComesAsync(Func<bool> holds, Action act)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        return Task.Factory.StartNew(
            () =>
            {
                while (!holds())
                {
                    cancellation.ThrowIfCancellationRequested();
                    Thread.Sleep(1);
                }

                act();
            },
            cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
