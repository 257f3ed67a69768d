using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Affekt.Torch.Native;

namespace Affekt.Torch;

/// <summary>
/// An operator of libtorch, found by its schema name ("aten::linear", or "aten::add.Tensor" with its overload). Any
/// operator that the loaded libtorch registers can be called; arguments are given in the schema's order, all of them.
/// </summary>
public sealed unsafe class Operator
{
    private const int MostResults = 64;

    private static readonly ConcurrentDictionary<string, Operator> Known = new();

    // Lists are laid out here for the time of a call. Calls do not nest on a thread: no operator calls back.
    [ThreadStatic]
    private static byte[]? t_scratch;

    private readonly nint _handle;

    private Operator(string name, nint handle)
    {
        Name = name;
        _handle = handle;
    }

    /// <summary>The schema name, with the overload behind a dot where there is one.</summary>
    public string Name { get; }

    /// <summary>The operator with that name.</summary>
    /// <exception cref="TorchException">The loaded libtorch has none.</exception>
    public static Operator Get(string name) => Known.GetOrAdd(name, static name =>
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string overload = dot < 0 ? "" : name[(dot + 1)..];
        Interop.Check(
            Interop.OperatorFind(dot < 0 ? name : name[..dot], overload, out nint handle, out NativeError error), error);
        return new Operator(name, handle);
    });

    /// <summary>Whether the loaded libtorch has that operator.</summary>
    public static bool Exists(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return Interop.OperatorFind(
            dot < 0 ? name : name[..dot], dot < 0 ? "" : name[(dot + 1)..], out _, out _) == 0;
    }

    /// <summary>Calls an operator that gives exactly one tensor.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public Tensor Call(params ReadOnlySpan<Value> arguments)
    {
        NativeValue* results = stackalloc NativeValue[MostResults];
        int got = Invoke(arguments, results);
        if (got != 1 || results[0].Kind != ValueKind.Tensor)
        {
            Free(results, got);
            throw new TorchException($"{Name}: {got} results, the first a {results[0].Kind}; expected one tensor");
        }

        return new Tensor(new TensorHandle(results[0].Pointer));
    }

    /// <summary>Calls an operator that gives several tensors, or lists of them, in the schema's order.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public Tensor[] CallMany(params ReadOnlySpan<Value> arguments)
    {
        NativeValue* results = stackalloc NativeValue[MostResults];
        int got = Invoke(arguments, results);
        var tensors = new Tensor[got];
        for (int i = 0; i < got; i++)
        {
            if (results[i].Kind != ValueKind.Tensor)
            {
                Free(results + i, got - i);
                throw new TorchException($"{Name}: result {i} is a {results[i].Kind}; expected a tensor");
            }

            tensors[i] = new Tensor(new TensorHandle(results[i].Pointer));
        }

        return tensors;
    }

    /// <summary>Calls an operator that gives one opaque object.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public TorchObject CallForObject(params ReadOnlySpan<Value> arguments)
    {
        NativeValue* results = stackalloc NativeValue[MostResults];
        int got = Invoke(arguments, results);
        if (got != 1 || results[0].Kind != ValueKind.Object)
        {
            Free(results, got);
            throw new TorchException($"{Name}: {got} results; expected one object");
        }

        return new TorchObject(new ObjectHandle(results[0].Pointer));
    }

    /// <summary>Calls an operator for what it does; whatever it gives back is let go.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public void CallForEffect(params ReadOnlySpan<Value> arguments)
    {
        NativeValue* results = stackalloc NativeValue[MostResults];
        Free(results, Invoke(arguments, results));
    }

    [SkipLocalsInit]
    private int Invoke(ReadOnlySpan<Value> arguments, NativeValue* results)
    {
        TorchRuntime.PrepareThread();
        int scratchBytes = ScratchBytes(arguments);
        if (scratchBytes > 0 && (t_scratch is null || t_scratch.Length < scratchBytes))
            t_scratch = GC.AllocateUninitializedArray<byte>(Math.Max(scratchBytes, 4096), pinned: true);
        byte* scratch = scratchBytes == 0 ? null : (byte*)Unsafe.AsPointer(ref t_scratch![0]);

        NativeValue* values = stackalloc NativeValue[arguments.Length];
        int held = 0;
        try
        {
            for (; held < arguments.Length; held++)
                Marshal(arguments[held], ref values[held], ref scratch);
            NativeError error;
            int status = Interop.OperatorCall(
                _handle, values, arguments.Length, results, MostResults, out int got, &error);
            if (status != 0)
                throw Failure(error);
            return got;
        }
        finally
        {
            for (int i = 0; i < held; i++)
                Release(arguments[i]);
        }
    }

    private TorchException Failure(ReadOnlySpan<byte> text) => new($"{Name}: {NativeError.ToException(text).Message}");

    private static int ScratchBytes(ReadOnlySpan<Value> arguments)
    {
        int bytes = 0;
        foreach (ref readonly Value argument in arguments)
        {
            // 8 bytes of slack for each list keep what follows it aligned.
            bytes += argument.Reference switch
            {
                long[] list => (list.Length * 8) + 8,
                double[] list => (list.Length * 8) + 8,
                Tensor?[] list => (list.Length * 8) + 8,
                bool[] list => list.Length + 8,
                string text => Encoding.UTF8.GetMaxByteCount(text.Length) + 8,
                _ => 0,
            };
        }

        return bytes;
    }

    private static void Marshal(in Value value, ref NativeValue native, ref byte* scratch)
    {
        native.Kind = value.Kind;
        native.Count = 0;
        native.Integer = 0;
        switch (value.Kind)
        {
            case ValueKind.Int or ValueKind.Bool:
                native.Integer = value.Integer;
                break;
            case ValueKind.Double:
                native.Double = value.Number;
                break;
            case ValueKind.Tensor:
                native.Pointer = AddReference(((Tensor)value.Reference!).Handle);
                break;
            case ValueKind.Object:
                native.Pointer = AddReference(((TorchObject)value.Reference!).Handle);
                break;
            case ValueKind.Ints:
                CopyList(((long[])value.Reference!).AsSpan(), ref native, ref scratch);
                break;
            case ValueKind.Doubles:
                CopyList(((double[])value.Reference!).AsSpan(), ref native, ref scratch);
                break;
            case ValueKind.Bools:
                CopyList(System.Runtime.InteropServices.MemoryMarshal.AsBytes(((bool[])value.Reference!).AsSpan()), ref native, ref scratch);
                break;
            case ValueKind.String or ValueKind.Device:
                string text = (string)value.Reference!;
                native.Pointer = (nint)scratch;
                native.Count = Encoding.UTF8.GetBytes(
                    text, new Span<byte>(scratch, Encoding.UTF8.GetMaxByteCount(text.Length)));
                scratch += (native.Count + 7) & ~7;
                break;
            case ValueKind.Tensors or ValueKind.OptionalTensors:
                var tensors = (Tensor?[])value.Reference!;
                native.Pointer = (nint)scratch;
                native.Count = tensors.Length;
                foreach (Tensor? tensor in tensors)
                {
                    *(nint*)scratch = tensor is null ? 0 : AddReference(tensor.Handle);
                    scratch += sizeof(nint);
                }

                break;
        }
    }

    private static void CopyList<T>(ReadOnlySpan<T> list, ref NativeValue native, ref byte* scratch)
        where T : unmanaged
    {
        list.CopyTo(new Span<T>(scratch, list.Length));
        native.Pointer = (nint)scratch;
        native.Count = list.Length;
        scratch += ((list.Length * sizeof(T)) + 7) & ~7;
    }

    // A handle that is in use cannot be freed under the call, whoever disposes of the tensor meanwhile.
    private static nint AddReference(SafeHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        return handle.DangerousGetHandle();
    }

    private static void Release(in Value value)
    {
        switch (value.Reference)
        {
            case Tensor tensor:
                tensor.Handle.DangerousRelease();
                break;
            case TorchObject obj:
                obj.Handle.DangerousRelease();
                break;
            case Tensor?[] tensors:
                foreach (Tensor? tensor in tensors)
                    tensor?.Handle.DangerousRelease();
                break;
        }
    }

    private static void Free(NativeValue* results, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (results[i].Kind == ValueKind.Tensor)
                Interop.TensorFree(results[i].Pointer);
            else if (results[i].Kind == ValueKind.Object)
                Interop.ObjectFree(results[i].Pointer);
        }
    }
}
