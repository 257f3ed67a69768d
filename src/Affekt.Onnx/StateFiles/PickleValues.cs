namespace Affekt.Onnx.StateFiles;

/// <summary>A Python tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A Python list. Its items are never needed, so they are not kept.</summary>
internal sealed class PickleList;

/// <summary>A dict or an OrderedDict: its items in order.</summary>
internal sealed class PickleDict
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}

/// <summary>One of the few functions and classes that a state dictionary needs.</summary>
internal enum PickleGlobal
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
}

/// <summary>A torch.FloatStorage and the like: the class of a storage.</summary>
internal sealed record StorageType(ElementType Type);

/// <summary>A storage in the zip file: <paramref name="Length"/> elements under data/<paramref name="Key"/>.</summary>
internal sealed record PickleStorage(ElementType Type, string Key, long Length);

/// <summary>A view of a storage; offset and strides count elements.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);
