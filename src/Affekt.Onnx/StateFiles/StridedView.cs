namespace Affekt.Onnx.StateFiles;

/// <summary>A tensor whose elements lie at strides (in elements) in a storage.</summary>
internal sealed class StridedView
{
    private readonly TensorLayout _layout;
    private readonly long[] _shape;
    private readonly long[] _strides;

    private StridedView(TensorLayout layout, long[] strides, int spanLength)
    {
        _layout = layout;
        _shape = [.. layout.Shape];
        _strides = strides;
        SpanLength = spanLength;
    }

    /// <summary>Bytes from the first element to after the last.</summary>
    public int SpanLength { get; }

    /// <summary>Whether the elements lie row by row without gaps already.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int i = _shape.Length - 1; i >= 0; i--)
            {
                if (_shape[i] != 1 && _strides[i] != expected)
                    return _layout.ElementCount == 0;

                expected *= _shape[i];
            }

            return true;
        }
    }

    /// <summary>
    /// The view, or null where an element lies outside a storage of <paramref name="storageLength"/> elements or beyond
    /// the reach of one span. The first element is at <paramref name="offset"/>.
    /// </summary>
    public static StridedView? Inside(TensorLayout layout, long[] strides, long offset, long storageLength)
    {
        if (offset < 0 || offset > storageLength || Array.Exists(strides, stride => stride < 0))
            return null;

        if (layout.ElementCount == 0)
            return new StridedView(layout, strides, 0);

        int size = layout.Type.Size();
        long last = 0;
        long room = Math.Min(storageLength - offset, int.MaxValue / size) - 1;
        for (int i = 0; i < strides.Length; i++)
        {
            long steps = layout.Shape[i] - 1;
            if (steps > 0 && strides[i] > (room - last) / steps)
                return null;

            last += steps > 0 ? strides[i] * steps : 0;
        }

        return last <= room ? new StridedView(layout, strides, ((int)last + 1) * size) : null;
    }

    /// <summary>Copies the elements, row by row, out of the bytes that start at the first one.</summary>
    public byte[] Gather(ReadOnlySpan<byte> storage)
    {
        int size = _layout.Type.Size();
        byte[] gathered = new byte[_layout.ByteCount];
        long[] index = new long[_shape.Length];
        long source = 0;
        for (int target = 0; target < gathered.Length; target += size)
        {
            storage.Slice((int)source * size, size).CopyTo(gathered.AsSpan(target));
            for (int i = _shape.Length - 1; i >= 0; i--)
            {
                source += _strides[i];
                if (++index[i] < _shape[i])
                    break;

                source -= _strides[i] * _shape[i];
                index[i] = 0;
            }
        }

        return gathered;
    }
}
