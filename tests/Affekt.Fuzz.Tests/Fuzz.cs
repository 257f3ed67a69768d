using System.Diagnostics;

namespace Affekt.Tests;

/// <summary>Gives a reader wrong inputs, and sees that it does no more than refuse them.</summary>
internal static class Fuzz
{
    // Generous: the machine may have much else to do. What hangs does so for longer.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    // No input has more than 1 MiB; what takes far more of it took a number in it for true.
    private const long MostAllocated = 1L << 30;
    private const long MostKept = 64L << 20;

    /// <summary>Reads inputs that a seed makes, and the program must go on after each.</summary>
    /// <param name="target">The target's name, which the inputs depend on.</param>
    /// <param name="right">Right inputs.</param>
    /// <param name="count">How many.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="refusals">What it may throw.</param>
    public static async Task RunAsync(
        string target, IReadOnlyList<byte[]> right, int count, Func<byte[], CancellationToken, Task> read, params Type[] refusals)
    {
        foreach (byte[] input in right)
            await read(input, TestContext.Current.CancellationToken);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int refused = 0;
        for (int number = 0; number < count; number++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            byte[] input = new Mutator(Mutator.Seed(target, number)).Next(right);
            if (await ReadAsync(target, $"{number}", input, read, refusals))
                refused++;
        }

        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(kept < MostKept, $"{target}: {kept >> 20} MiB are kept after {count} inputs");

        // A mutator that changes nothing of note finds nothing.
        Assert.True(refusals.Length == 0 || count < 50 || refused > count / 50, $"{target}: only {refused} of {count} were refused");
        TestContext.Current.TestOutputHelper?.WriteLine($"{target}: {count} inputs, {refused} refused");
    }

    /// <summary>Reads one input; true where it was refused.</summary>
    public static async Task<bool> ReadAsync(
        string target, string name, byte[] input, Func<byte[], CancellationToken, Task> read, params Type[] refusals)
    {
        long allocated = GC.GetTotalAllocatedBytes();
        Stopwatch clock = Stopwatch.StartNew();
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(_patience);
        bool refused = false;
        try
        {
            await Task.Run(() => read(input, late.Token), late.Token).WaitAsync(_patience, TestContext.Current.CancellationToken);
        }
        catch (Exception exception) when (refusals.Contains(exception.GetType()))
        {
            refused = true;
        }
        catch (Exception exception)
        {
            Assert.Fail($"{target}, input {name}: {Keep(target, name, input)}\nafter {clock.Elapsed.TotalSeconds:0.0} s: {exception}");
        }

        allocated = GC.GetTotalAllocatedBytes() - allocated;
        if (allocated >= MostAllocated)
            Assert.Fail($"{target}, input {name}: {Keep(target, name, input)}\nallocated {allocated >> 20} MiB");
        return refused;
    }

    private static string Keep(string target, string name, byte[] input)
    {
        string folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "kept")).FullName;
        string file = Path.Combine(folder, $"{target}-{name}");
        File.WriteAllBytes(file, input);
        return $"{input.Length} bytes, kept as {file}";
    }
}
