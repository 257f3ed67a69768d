using System.Runtime.InteropServices;

namespace Affekt.Recognition;

/// <summary>
/// What a host may do about memory that was freed. Both calls change the whole process, so no library makes them by itself;
/// where the C library is not glibc they do nothing to its heaps.
/// </summary>
public static partial class ProcessMemory
{
    // mallopt(3): M_TRIM_THRESHOLD and M_MMAP_THRESHOLD.
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;

    private const int KeptAtEnd = 8 << 20;
    private const int FromSystem = 32 << 20;

    /// <summary>
    /// Keeps each of glibc's heaps from holding more than 8 MiB of freed memory at its end. Every thread that allocates has a
    /// heap, and each would otherwise keep up to 64 MiB: a server whose threads come and go would keep them all.
    /// </summary>
    /// <returns>Whether the C library took it.</returns>
    public static bool LimitHeaps()
    {
        // Setting one threshold stops glibc from adapting the other, so that one is set to what it would adapt to.
        return OnGlibc(() => Mallopt(TrimThreshold, KeptAtEnd) == 1 && Mallopt(MapThreshold, FromSystem) == 1);
    }

    /// <summary>Collects garbage, and gives freed memory back to the system; for moments in which nothing runs.</summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        OnGlibc(() => MallocTrim(0) == 1);
    }

    private static bool OnGlibc(Func<bool> call)
    {
        try
        {
            return OperatingSystem.IsLinux() && call();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nint pad);
}
