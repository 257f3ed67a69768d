using Affekt.Torch;

namespace Affekt.Tests;

/// <summary>Tests that count the process's live tensors run while no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone
{
    /// <summary>The live tensors once what other tests dropped is gone.</summary>
    internal static long SettledTensors()
    {
        for (int round = 0; round < 2; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return TorchRuntime.LiveTensors;
    }
}
