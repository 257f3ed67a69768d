namespace Affekt.Onnx;

/// <summary>The element type of a tensor. The values are those of ONNX's <c>TensorProto.DataType</c>.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 single precision; the default.</summary>
    Float32 = 1,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,

    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,

    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,

    /// <summary>Signed 64-bit integer; the type of indexes and shapes.</summary>
    Int64 = 7,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 9,

    /// <summary>IEEE 754 half precision.</summary>
    Float16 = 10,

    /// <summary>IEEE 754 double precision.</summary>
    Float64 = 11,

    /// <summary>bfloat16: the upper half of a single-precision number.</summary>
    BFloat16 = 16,
}

/// <summary>Facts about element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes that one element takes.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 1,
        ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Int32 or ElementType.Float32 => 4,
        ElementType.Int64 or ElementType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type that Affekt uses"),
    };

    /// <summary>The element type that a type of C# stands for.</summary>
    /// <typeparam name="T">float, double, long, int, short, sbyte, byte, bool or Half.</typeparam>
    public static ElementType Of<T>()
        where T : unmanaged => Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Single => ElementType.Float32,
            TypeCode.Double => ElementType.Float64,
            TypeCode.Int64 => ElementType.Int64,
            TypeCode.Int32 => ElementType.Int32,
            TypeCode.Int16 => ElementType.Int16,
            TypeCode.SByte => ElementType.Int8,
            TypeCode.Byte => ElementType.UInt8,
            TypeCode.Boolean => ElementType.Bool,
            _ when typeof(T) == typeof(Half) => ElementType.Float16,
            _ => throw new ArgumentException($"{typeof(T)} is no element type of tensors"),
        };
}
