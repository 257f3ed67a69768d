using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Affekt.Torch.Native;

/// <summary>What an argument or a result is; the numbers of <c>att_kind</c> in affekt_torch.h.</summary>
internal enum ValueKind
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    String = 5,
    Device = 6,
    Ints = 7,
    Doubles = 8,
    Bools = 9,
    Tensors = 10,
    OptionalTensors = 11,
    Object = 12,
}

/// <summary><c>att_value</c> in affekt_torch.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)]
    public ValueKind Kind;

    [FieldOffset(4)]
    public int Count;

    [FieldOffset(8)]
    public long Integer;

    [FieldOffset(8)]
    public double Double;

    [FieldOffset(8)]
    public nint Pointer;
}

/// <summary><c>att_error</c> in affekt_torch.h.</summary>
[InlineArray(2048)]
internal struct NativeError
{
    private byte _first;

    public static TorchException ToException(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return new TorchException(System.Text.Encoding.UTF8.GetString(end < 0 ? text : text[..end]));
    }
}

/// <summary>The functions of affekt_torch.h, one for one; <see cref="Check"/> turns a status into an exception.</summary>
[SkipLocalsInit]
internal static unsafe partial class Interop
{
    public const int AbiVersion = 2;

    public const string Library = "affekt_torch";

    // Loading happens at the first call, not here: an exception in a type's initializer would reach callers wrapped.
    static Interop() => NativeLibrary.SetDllImportResolver(
        typeof(Interop).Assembly, static (name, _, _) => name == Library ? NativeLoader.Library : 0);

    public static void Check(int status, in NativeError error)
    {
        if (status != 0)
            throw NativeError.ToException(error);
    }

    [LibraryImport(Library, EntryPoint = "att_operator_find", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OperatorFind(string name, string overload, out nint op, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_operator_call")]
    public static partial int OperatorCall(
        nint op, NativeValue* arguments, int argumentCount, NativeValue* results, int capacity, out int got, NativeError* error);

    [LibraryImport(Library, EntryPoint = "att_object_free")]
    public static partial void ObjectFree(nint handle);

    [LibraryImport(Library, EntryPoint = "att_tensor_new")]
    public static partial int TensorNew(
        void* data, long bytes, int dtype, long* shape, int rank, out nint tensor, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_tensor_read")]
    public static partial int TensorRead(TensorHandle tensor, void* destination, long bytes, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_tensor_shape")]
    public static partial int TensorShape(
        TensorHandle tensor, long* shape, int capacity, out int rank, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_tensor_dtype")]
    public static partial int TensorDtype(TensorHandle tensor, out int dtype, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_tensor_device")]
    public static partial int TensorDevice(TensorHandle tensor, byte* text, int capacity, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_tensor_free")]
    public static partial void TensorFree(nint tensor);

    [LibraryImport(Library, EntryPoint = "att_tensor_live_count")]
    public static partial long TensorLiveCount();

    [LibraryImport(Library, EntryPoint = "att_requires_grad")]
    public static partial int RequiresGrad(TensorHandle tensor, out int on, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_set_requires_grad")]
    public static partial int SetRequiresGrad(TensorHandle tensor, int on, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_backward")]
    public static partial int Backward(TensorHandle tensor, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_grad")]
    public static partial int Grad(TensorHandle tensor, out nint grad, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_clear_grad")]
    public static partial int ClearGrad(TensorHandle tensor, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_set_grad_mode")]
    public static partial int SetGradMode(int on, out int before, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_inference_enter")]
    public static partial int InferenceEnter(out nint mode, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_inference_leave")]
    public static partial void InferenceLeave(nint mode);

    [LibraryImport(Library, EntryPoint = "att_libtorch_run_version")]
    public static partial int RunVersion(byte* text, int capacity, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_manual_seed")]
    public static partial int ManualSeed(ulong seed, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_set_threads")]
    public static partial int SetThreads(int threads, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_threads")]
    public static partial int Threads();

    [LibraryImport(Library, EntryPoint = "att_cuda_device_count")]
    public static partial int CudaDeviceCount(out int count, out NativeError error);

    [LibraryImport(Library, EntryPoint = "att_build_configuration")]
    public static partial int BuildConfiguration(byte* text, int capacity, out NativeError error);
}
