using System.Globalization;
using System.Runtime.InteropServices;
using Affekt.Torch.Native;

namespace Affekt.Torch;

/// <summary>
/// A libtorch tensor. Dispose of it, or make it within a <see cref="TensorScope"/>; several threads may read one tensor.
/// Shapes in this documentation are written [rows, columns]; B is the batch, T time, D features.
/// </summary>
public sealed unsafe partial class Tensor : IDisposable
{
    private const int UsualDimensions = 8;

    private long[]? _shape;

    internal Tensor(TensorHandle handle)
    {
        Handle = handle;
        TensorScope.Register(this);
    }

    internal TensorHandle Handle { get; }

    /// <summary>The size of each dimension; empty for a single number.</summary>
    public IReadOnlyList<long> Shape => Sizes;

    /// <summary>How many dimensions there are.</summary>
    public int Rank => Sizes.Length;

    /// <summary>How many elements there are.</summary>
    public long Count => Sizes.Aggregate(1L, (product, size) => product * size);

    /// <summary>The element type.</summary>
    public Dtype Dtype
    {
        get
        {
            Interop.Check(Interop.TensorDtype(Handle, out int dtype, out NativeError error), error);
            return (Dtype)dtype;
        }
    }

    /// <summary>Where the elements lie.</summary>
    public Device Device
    {
        get
        {
            byte* text = stackalloc byte[32];
            Interop.Check(Interop.TensorDevice(Handle, text, 32, out NativeError error), error);
            return Device.Of(Marshal.PtrToStringUTF8((nint)text)!);
        }
    }

    /// <summary>Whether backward accumulates a gradient here.</summary>
    public bool RequiresGrad
    {
        get
        {
            Interop.Check(Interop.RequiresGrad(Handle, out int on, out NativeError error), error);
            return on != 0;
        }

        set => Interop.Check(Interop.SetRequiresGrad(Handle, value ? 1 : 0, out NativeError error), error);
    }

    /// <summary>The gradient that backward accumulated, or null. It shares its memory with what backward writes to.</summary>
    public Tensor? Grad
    {
        get
        {
            Interop.Check(Interop.Grad(Handle, out nint grad, out NativeError error), error);
            return grad == 0 ? null : new Tensor(new TensorHandle(grad));
        }
    }

    private long[] Sizes
    {
        get
        {
            if (_shape is null)
            {
                long* sizes = stackalloc long[UsualDimensions];
                int rank = ReadSizes(sizes, UsualDimensions);
                long[] shape = new long[rank];
                if (rank <= UsualDimensions)
                {
                    new Span<long>(sizes, rank).CopyTo(shape);
                }
                else
                {
                    fixed (long* all = shape)
                        ReadSizes(all, rank);
                }

                _shape = shape;
            }

            return _shape;
        }
    }

    /// <summary>A copy of elements of any supported type as a tensor on the processor.</summary>
    /// <param name="data">Row-major; as many as <paramref name="shape"/> says.</param>
    /// <param name="shape">The size of each dimension.</param>
    /// <exception cref="TorchException">The number of elements is not the shape's.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged => FromBytes(MemoryMarshal.AsBytes(data), DtypeOf<T>(), shape);

    /// <summary>A copy of elements, given as the bytes of their little-endian, row-major layout.</summary>
    /// <exception cref="TorchException">The number of bytes is not the shape's.</exception>
    public static Tensor FromBytes(ReadOnlySpan<byte> data, Dtype dtype, params ReadOnlySpan<long> shape)
    {
        fixed (byte* bytes = data)
        fixed (long* sizes = shape)
        {
            Interop.Check(
                Interop.TensorNew(bytes, data.Length, (int)dtype, sizes, shape.Length, out nint handle, out NativeError error),
                error);
            return new Tensor(new TensorHandle(handle));
        }
    }

    /// <summary>All elements, row-major, copied from wherever the tensor lies.</summary>
    /// <exception cref="TorchException">The element type is not T's.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        Dtype dtype = Dtype;
        if (dtype != DtypeOf<T>())
            throw new TorchException($"the tensor holds {dtype}, asked for {typeof(T).Name}");
        T[] elements = GC.AllocateUninitializedArray<T>(checked((int)Count));
        fixed (T* destination = elements)
        {
            Interop.Check(
                Interop.TensorRead(Handle, destination, (long)elements.Length * sizeof(T), out NativeError error), error);
        }

        return elements;
    }

    /// <summary>All elements as bytes, little-endian and row-major.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)(Count * Dtype.Size())));
        fixed (byte* destination = bytes)
            Interop.Check(Interop.TensorRead(Handle, destination, bytes.Length, out NativeError error), error);
        return bytes;
    }

    /// <summary>The only element, as a number.</summary>
    /// <exception cref="TorchException">There is not exactly one.</exception>
    public double Item()
    {
        if (Count != 1)
            throw new TorchException($"Item: found {ShapeText(Sizes)}, expected one element");
        using Tensor number = To(Dtype.Float64);
        return number.ToArray<double>()[0];
    }

    /// <summary>Accumulates the gradient of this single number in all leaves that it was computed from.</summary>
    public void Backward()
    {
        TorchRuntime.PrepareThread();
        Interop.Check(Interop.Backward(Handle, out NativeError error), error);
    }

    /// <summary>Lets the accumulated gradient go.</summary>
    public void ClearGrad() => Interop.Check(Interop.ClearGrad(Handle, out NativeError error), error);

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    /// <summary>The element type and the shape, such as "Float32[2, 3]".</summary>
    public override string ToString() => Handle.IsClosed ? "disposed tensor" : $"{Dtype}{ShapeText(Sizes)}";

    internal static string ShapeText(IEnumerable<long> shape) =>
        $"[{string.Join(", ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture)))}]";

    private int ReadSizes(long* sizes, int capacity)
    {
        Interop.Check(Interop.TensorShape(Handle, sizes, capacity, out int rank, out NativeError error), error);
        return rank;
    }

    private static Dtype DtypeOf<T>() => default(T) switch
    {
        float => Dtype.Float32,
        double => Dtype.Float64,
        long => Dtype.Int64,
        int => Dtype.Int32,
        short => Dtype.Int16,
        sbyte => Dtype.Int8,
        byte => Dtype.UInt8,
        bool => Dtype.Bool,
        Half => Dtype.Float16,
        _ => throw new NotSupportedException($"{typeof(T).Name} is not an element type"),
    };
}
