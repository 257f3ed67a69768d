using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Affekt.Onnx.Sessions;

/// <summary>A tensor that goes into a network, or came out of one and may go into the next call without being copied.</summary>
public sealed class NetworkTensor : IDisposable
{
    internal NetworkTensor(OrtValue value) => Value = value;

    /// <summary>Sizes, outermost first; empty for a single number.</summary>
    public ImmutableArray<long> Shape => [.. Value.GetTensorTypeAndShape().Shape];

    /// <summary>The type of the elements.</summary>
    public ElementType Type => (ElementType)Value.GetTensorTypeAndShape().ElementDataType;

    internal OrtValue Value { get; }

    /// <summary>A tensor over memory of the caller's, which must stay as it is until this is disposed.</summary>
    /// <typeparam name="T">float, double, long, int, short, sbyte, byte or bool.</typeparam>
    /// <param name="values">The elements, row by row.</param>
    /// <param name="shape">Sizes; none for a single number.</param>
    /// <exception cref="ArgumentException">There are not as many elements as the shape says.</exception>
    public static NetworkTensor Over<T>(Memory<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        long count = 1;
        foreach (long size in shape)
            count *= size;
        return count == values.Length
            ? new NetworkTensor(OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values, shape.ToArray()))
            : throw new ArgumentException($"{values.Length} elements for a shape of {count}", nameof(values));
    }

    /// <inheritdoc cref="Over{T}(Memory{T}, ReadOnlySpan{long})"/>
    public static NetworkTensor Over<T>(T[] values, params ReadOnlySpan<long> shape)
        where T : unmanaged => Over(values.AsMemory(), shape);

    /// <summary>A tensor of zeros.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="shape">Sizes; a size of 0 is allowed.</param>
    public static NetworkTensor Zeros<T>(params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)ElementTypes.Of<T>(), shape.ToArray());
        if (value.GetTensorSizeInBytes() > 0)
            value.GetTensorMutableRawData().Clear();
        return new NetworkTensor(value);
    }

    /// <summary>The elements, row by row; valid until this is disposed.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    public ReadOnlySpan<T> Span<T>()
        where T : unmanaged => Value.GetTensorDataAsSpan<T>();

    /// <summary>A copy of the elements, row by row.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    public T[] ToArray<T>()
        where T : unmanaged => Span<T>().ToArray();

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();
}
