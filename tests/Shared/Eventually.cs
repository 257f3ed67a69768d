using System.Diagnostics;

namespace Affekt.Tests;

/// <summary>Waits for what comes at once on an idle machine, and late on a busy one.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10), s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Ends as soon as something holds; where it never does, the test fails.</summary>
    public static async Task HoldsAsync(Func<bool> holds)
    {
        for (Stopwatch waited = Stopwatch.StartNew(); !holds(); await Task.Delay(s_look, TestContext.Current.CancellationToken))
            Assert.True(waited.Elapsed < s_patience, "it never came to that");
    }
}
