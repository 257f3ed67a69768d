namespace Affekt.Torch;

/// <summary>Facts about element types.</summary>
public static class DtypeExtensions
{
    /// <summary>Bytes that one element takes.</summary>
    public static int Size(this Dtype dtype) => dtype switch
    {
        Dtype.UInt8 or Dtype.Int8 or Dtype.Bool => 1,
        Dtype.Int16 or Dtype.Float16 or Dtype.BFloat16 => 2,
        Dtype.Int32 or Dtype.Float32 => 4,
        Dtype.Int64 or Dtype.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not an element type that Affekt uses"),
    };
}
