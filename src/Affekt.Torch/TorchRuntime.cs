using System.Runtime.InteropServices;
using Affekt.Torch.Native;

namespace Affekt.Torch;

/// <summary>What holds for the whole process: versions, threads, seeds, devices.</summary>
public static unsafe class TorchRuntime
{
    private static volatile int _threads = Environment.ProcessorCount;

    [ThreadStatic]
    private static int _threadsHere;

    // Whether this thread's operators run on it alone.
    [ThreadStatic]
    internal static bool OneThreadHere;

    /// <summary>
    /// Threads that one operator may use, at least 1. Starts as the number of processors that this process may use:
    /// libtorch's own default was seen to be 1 on a machine with two.
    /// </summary>
    public static int Threads
    {
        get => _threads;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _threads = value;
        }
    }

    /// <summary>The version of the libtorch that is loaded, such as "1.13.0".</summary>
    /// <exception cref="TorchException">The native part could not be loaded.</exception>
    public static string Version => Text(static (text, capacity) =>
    {
        int status = Interop.RunVersion(text, capacity, out NativeError error);
        Interop.Check(status, error);
    });

    /// <summary>What libtorch was built with (BLAS, oneDNN, instruction set), many lines.</summary>
    public static string BuildConfiguration => Text(static (text, capacity) =>
    {
        int status = Interop.BuildConfiguration(text, capacity, out NativeError error);
        Interop.Check(status, error);
    });

    /// <summary>CUDA devices that libtorch can use; 0 where it was built without CUDA.</summary>
    public static int CudaDevices
    {
        get
        {
            Interop.Check(Interop.CudaDeviceCount(out int count, out NativeError error), error);
            return count;
        }
    }

    /// <summary>Tensor handles in this process that were handed out and not yet freed.</summary>
    public static long LiveTensors => Interop.TensorLiveCount();

    /// <summary>Seeds the random numbers of all devices (initial weights, dropout).</summary>
    public static void ManualSeed(long seed) =>
        Interop.Check(Interop.ManualSeed((ulong)seed, out NativeError error), error);

    /// <summary>Gives the process's freed memory back to the system, after much was freed; does nothing where the C library keeps none.</summary>
    /// <exception cref="TorchException">The native part could not be loaded.</exception>
    public static void GiveBackMemory() => Operator.Get("affekt::give_back").CallForEffect();

    // OpenMP keeps the number of threads for each calling thread.
    internal static void PrepareThread()
    {
        int threads = OneThreadHere ? 1 : _threads;
        if (_threadsHere == threads)
            return;
        Interop.Check(Interop.SetThreads(threads, out NativeError error), error);
        _threadsHere = threads;
    }

    private delegate void Fill(byte* text, int capacity);

    private static string Text(Fill fill)
    {
        const int Capacity = 16 * 1024;
        byte* text = stackalloc byte[Capacity];
        fill(text, Capacity);
        return Marshal.PtrToStringUTF8((nint)text)!;
    }
}

/// <summary>libtorch refused a call, or could not be loaded. The message is libtorch's own, or says what was tried.</summary>
public sealed class TorchException : Exception
{
    /// <summary>An error with a message.</summary>
    public TorchException(string message) : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public TorchException(string message, Exception cause) : base(message, cause)
    {
    }
}
