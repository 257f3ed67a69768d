using System.Runtime.CompilerServices;
using Affekt.Torch;

// The seed, the number of threads and the count of live tensors belong to the process.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Affekt.Tests;

internal static class AssemblyInfo
{
    // The tensors here are tiny: on a busy machine, threads would only wait for one another.
    [ModuleInitializer]
    internal static void UseOneThread() => TorchRuntime.Threads = 1;
}
