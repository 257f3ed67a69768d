namespace Affekt.Torch.StateFiles;

/// <summary>The element types of safetensors by their names there.</summary>
internal static class SafetensorsDtypes
{
    // The order is the reference writer's, last first: it places the data of wide types before that of narrow ones,
    // so that every tensor is aligned.
    private static readonly (string Name, Dtype Dtype)[] _all =
    [
        ("BOOL", Dtype.Bool),
        ("U8", Dtype.UInt8),
        ("I8", Dtype.Int8),
        ("I16", Dtype.Int16),
        ("F16", Dtype.Float16),
        ("BF16", Dtype.BFloat16),
        ("I32", Dtype.Int32),
        ("F32", Dtype.Float32),
        ("F64", Dtype.Float64),
        ("I64", Dtype.Int64),
    ];

    public static string Names => string.Join(", ", _all.Select(row => row.Name));

    public static Dtype? Find(string name)
    {
        int index = Array.FindIndex(_all, row => row.Name == name);
        return index < 0 ? null : _all[index].Dtype;
    }

    public static int Rank(Dtype dtype) => Array.FindIndex(_all, row => row.Dtype == dtype);

    public static string Name(Dtype dtype) => _all[Rank(dtype)].Name;
}
