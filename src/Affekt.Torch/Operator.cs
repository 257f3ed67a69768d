using System.Buffers;
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
    private const int MostResults = 4096;

    private static readonly ConcurrentDictionary<string, Operator> _known = new();

    // Lists are laid out here for the time of a call. Calls do not nest on a thread: no operator calls back.
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly nint _handle;

    private Operator(string name, nint handle)
    {
        Name = name;
        _handle = handle;
    }

    /// <summary>The schema name, with the overload after a dot where there is one.</summary>
    public string Name { get; }

    /// <summary>The operator with that name.</summary>
    /// <exception cref="TorchException">The loaded libtorch has none.</exception>
    public static Operator Get(string name)
    {
        if (_known.TryGetValue(name, out Operator? known))
            return known;
        Interop.Check(Find(name, out nint handle, out NativeError error), error);
        return _known.GetOrAdd(name, new Operator(name, handle));
    }

    /// <summary>Whether the loaded libtorch has that operator.</summary>
    public static bool Exists(string name)
    {
        if (_known.ContainsKey(name))
            return true;
        if (Find(name, out nint handle, out _) != 0)
            return false;
        _known.TryAdd(name, new Operator(name, handle));
        return true;
    }

    /// <summary>Calls an operator that gives exactly one tensor.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments, or the results are others.</exception>
    public Tensor Call(params ReadOnlySpan<Value> arguments) =>
        new(new TensorHandle(One(ValueKind.Tensor, arguments)));

    /// <summary>
    /// Calls an operator that gives several tensors, or lists of them (at most 4096 tensors together), in the schema's
    /// order.
    /// </summary>
    /// <exception cref="TorchException">libtorch refused the arguments, or the results are others.</exception>
    public Tensor[] CallMany(params ReadOnlySpan<Value> arguments)
    {
        NativeValue[] rented = ArrayPool<NativeValue>.Shared.Rent(MostResults);
        try
        {
            fixed (NativeValue* results = rented)
            {
                int got = Invoke(arguments, results, MostResults);
                for (int i = 0; i < got; i++)
                {
                    ValueKind kind = results[i].Kind;
                    if (kind != ValueKind.Tensor)
                    {
                        Free(results, got);
                        throw new TorchException($"{Name}: result {i} of {got} is a {kind}, expected a tensor");
                    }
                }

                var tensors = new Tensor[got];
                for (int i = 0; i < got; i++)
                    tensors[i] = new Tensor(new TensorHandle(results[i].Pointer));
                return tensors;
            }
        }
        finally
        {
            ArrayPool<NativeValue>.Shared.Return(rented);
        }
    }

    /// <summary>Calls an operator that gives one opaque object.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments, or the results are others.</exception>
    public TorchObject CallForObject(params ReadOnlySpan<Value> arguments) =>
        new(new ObjectHandle(One(ValueKind.Object, arguments)));

    /// <summary>Calls an operator for its effect; whatever it returns is freed.</summary>
    /// <exception cref="TorchException">libtorch refused the arguments.</exception>
    public void CallForEffect(params ReadOnlySpan<Value> arguments) => Invoke(arguments, null, 0);

    private static int Find(string name, out nint handle, out NativeError error)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return Interop.OperatorFind(
            dot < 0 ? name : name[..dot], dot < 0 ? "" : name[(dot + 1)..], out handle, out error);
    }

    private nint One(ValueKind expected, ReadOnlySpan<Value> arguments)
    {
        NativeValue result = default;
        int got = Invoke(arguments, &result, 1);
        if (got == 1 && result.Kind == expected)
            return result.Pointer;
        Free(&result, got);
        string given = got == 0 ? "nothing" : $"a {result.Kind}";
        throw new TorchException($"{Name}: gives {given}, expected one {expected}");
    }

    [SkipLocalsInit]
    private int Invoke(ReadOnlySpan<Value> arguments, NativeValue* results, int capacity)
    {
        TorchRuntime.PrepareThread();
        int scratchBytes = ScratchBytes(arguments);
        if (scratchBytes > 0 && (_scratch is null || _scratch.Length < scratchBytes))
            _scratch = GC.AllocateUninitializedArray<byte>(Math.Max(scratchBytes, 4096), pinned: true);
        byte* scratch = scratchBytes == 0 ? null : (byte*)Unsafe.AsPointer(ref _scratch![0]);

        NativeValue* values = stackalloc NativeValue[arguments.Length];
        int held = 0;
        try
        {
            for (int i = 0; i < arguments.Length; i++)
                Marshal(arguments[i], ref values[i], ref scratch, ref held);
            NativeError error;
            int status = Interop.OperatorCall(
                _handle, values, arguments.Length, results, capacity, out int got, &error);
            if (status != 0)
                throw Failure(error);
            return got;
        }
        finally
        {
            Release(arguments, held);
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

    // Counts in `held` the handles that are kept alive until Release.
    private void Marshal(in Value value, ref NativeValue native, ref byte* scratch, ref int held)
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
                native.Pointer = Hold(((Tensor)value.Reference!).Handle, ref held);
                break;
            case ValueKind.Object:
                native.Pointer = Hold(((TorchObject)value.Reference!).Handle, ref held);
                break;
            case ValueKind.Ints:
                CopyList<long>((long[])value.Reference!, ref native, ref scratch);
                break;
            case ValueKind.Doubles:
                CopyList<double>((double[])value.Reference!, ref native, ref scratch);
                break;
            case ValueKind.Bools:
                CopyList<bool>((bool[])value.Reference!, ref native, ref scratch);
                break;
            case ValueKind.String or ValueKind.Device:
                string text = (string)value.Reference!;
                native.Pointer = (nint)scratch;
                native.Count = Encoding.UTF8.GetBytes(
                    text, new Span<byte>(scratch, Encoding.UTF8.GetMaxByteCount(text.Length)));
                scratch += Aligned(native.Count);
                break;
            case ValueKind.Tensors or ValueKind.OptionalTensors:
                var tensors = (Tensor?[])value.Reference!;
                native.Pointer = (nint)scratch;
                native.Count = tensors.Length;
                for (int i = 0; i < tensors.Length; i++)
                {
                    if (tensors[i] is null && value.Kind == ValueKind.Tensors)
                        throw new TorchException($"{Name}: tensor {i} of a list is null, expected a tensor");
                    *(nint*)scratch = tensors[i] is { } tensor ? Hold(tensor.Handle, ref held) : 0;
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
        scratch += Aligned(list.Length * sizeof(T));
    }

    private static int Aligned(int bytes) => (bytes + 7) & ~7;

    // A handle that is in use cannot be freed under the call, whoever disposes of the tensor meanwhile.
    private static nint Hold(SafeHandle handle, ref int held)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        held++;
        return handle.DangerousGetHandle();
    }

    private static void Release(ReadOnlySpan<Value> arguments, int held)
    {
        foreach (ref readonly Value argument in arguments)
        {
            switch (argument.Reference)
            {
                case Tensor tensor when held > 0:
                    tensor.Handle.DangerousRelease();
                    held--;
                    break;
                case TorchObject obj when held > 0:
                    obj.Handle.DangerousRelease();
                    held--;
                    break;
                case Tensor?[] tensors:
                    for (int i = 0; i < tensors.Length && held > 0; i++)
                    {
                        if (tensors[i] is { } tensor)
                        {
                            tensor.Handle.DangerousRelease();
                            held--;
                        }
                    }

                    break;
            }
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
