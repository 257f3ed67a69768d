using System.Buffers.Binary;
using System.Globalization;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// Reads what torch.save writes: since PyTorch 1.6 a zip file with a pickle that describes the tensors (data.pkl) and an entry for each
/// storage (data/0, data/1, ...); before that pickles one after another, and the storages after them.
/// </summary>
internal sealed class TorchReader
{
    // How the first of the older format's pickles goes on after its protocol: torch's magic number, and its end.
    private static readonly byte[] _magic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.'];

    // Wrappers that training scripts commonly put around a state dictionary.
    private static readonly string[] _wrappers = ["state_dict", "model"];

    private readonly MappedFile _file;
    private readonly Func<string, ZipEntry?> _storages;
    private long _rearranged;

    private TorchReader(MappedFile file, Func<string, ZipEntry?> storages) => (_file, _storages) = (file, storages);

    /// <summary>Whether a file begins as those from before PyTorch 1.6 do.</summary>
    public static bool IsOlder(ReadOnlySpan<byte> start) => start.Length > 2 && start[0] == 0x80 && start[2..].StartsWith(_magic);

    public static StateFile ReadZip(MappedFile file)
    {
        const string pickle = "data.pkl";
        ZipDirectory zip = new(file);
        string name = zip.Names.FirstOrDefault(n => n == pickle || n.EndsWith($"/{pickle}", StringComparison.Ordinal))
            ?? throw file.Error("zip", null, "no data.pkl", "what torch.save writes");
        string folder = name[..^pickle.Length];
        ZipEntry code = zip.Find(name)!.Value;
        if (code.Length > int.MaxValue)
            throw file.Error(name, code.Offset, $"{code.Length} bytes", "less than 2 GiB");

        CheckByteOrder(file, zip.Find($"{folder}byteorder"));
        return new TorchReader(file, key => zip.Find($"{folder}data/{key}")).Read(new PickleMachine(file, code).Run());
    }

    public static StateFile ReadOlder(MappedFile file)
    {
        const int LengthSize = sizeof(long);
        long position = 2 + _magic.Length;

        // The protocol's version, what kind of machine wrote it, the tensors, and which storages follow.
        Next([]);
        if (Next([]) is PickleDict machine && machine.Items.Contains(("little_endian", false)))
            throw file.Error("little_endian", position, "another byte order", "true");
        Dictionary<string, PickleStorage> named = [];
        object? root = Next(named);
        PickleList keys = Next([]) as PickleList ?? throw file.Error("pickle", position, "no list", "the names of the storages");
        Dictionary<string, ZipEntry> storages = [];
        foreach (object? item in keys.Items)
        {
            PickleStorage storage = item is string key && named.TryGetValue(key, out PickleStorage? known)
                ? known : throw file.Error("pickle", position, $"the storage {item}", "one that a tensor has");
            long count = file.Length - position >= LengthSize ? BinaryPrimitives.ReadInt64LittleEndian(file.Slice(position, LengthSize)) : -1;
            position += LengthSize;
            if (count != storage.Length || count > (file.Length - position) / storage.Type.Size())
                throw file.Error($"storage {storage.Key}", position, $"{count} elements", $"{storage.Length} of {storage.Type}, whole in the file");
            storages[storage.Key] = new ZipEntry(position, count * storage.Type.Size());
            position += count * storage.Type.Size();
        }

        return new TorchReader(file, key => storages.TryGetValue(key, out ZipEntry entry) ? entry : null).Read(root);

        object? Next(Dictionary<string, PickleStorage> seen)
        {
            PickleMachine pickle = new(file, new ZipEntry(position, Math.Min(int.MaxValue, file.Length - position)), seen);
            object? value = pickle.Run();
            position = pickle.End;
            return value;
        }
    }

    // Files from before PyTorch 2.1 do not say; they come from little-endian machines for all practical purposes.
    private static void CheckByteOrder(MappedFile file, ZipEntry? entry)
    {
        if (entry is ZipEntry order
            && !(order.Length == 6 && file.Slice(order.Offset, 6).SequenceEqual("little"u8)))
        {
            throw file.Error("byteorder", order.Offset, "another byte order", "\"little\"");
        }
    }

    private StateFile Read(object? root)
    {
        PickleDict state = Unwrap(root as PickleDict
            ?? throw _file.Error(
                "pickle", null, root is PickleTensor ? "a bare tensor" : "no dictionary", "a state dictionary"));
        OrderedDictionary<string, StoredTensor> tensors = new(StringComparer.Ordinal);
        OrderedDictionary<string, string> metadata = new(StringComparer.Ordinal);
        foreach ((object? key, object? value) in state.Items)
        {
            string name = key as string ?? throw _file.Error("pickle", null, $"the key {key}", "names of tensors");
            bool isNew = value switch
            {
                PickleTensor tensor => tensors.TryAdd(name, Store(name, tensor)),
                string or long or double or bool or null =>
                    metadata.TryAdd(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
                _ => throw _file.Error(name, null, "neither a tensor nor a plain value", "a flat state dictionary"),
            };
            if (!isNew)
                throw _file.Error(name, null, "the same key a second time", "every key once");
        }

        return new StateFile(_file.Path, tensors, metadata, [_file]);
    }

    private static PickleDict Unwrap(PickleDict root)
    {
        foreach (string wrapper in _wrappers)
        {
            if (root.Items.Find(item => item.Key is string key && key == wrapper).Value is PickleDict inner)
                return inner;
        }

        return root;
    }

    private StoredTensor Store(string name, PickleTensor tensor)
    {
        PickleStorage storage = tensor.Storage;
        ZipEntry entry = _storages(storage.Key) ?? throw _file.Error(name, null, $"no storage {storage.Key}", "its storage");
        int size = storage.Type.Size();
        if (entry.Length % size != 0 || entry.Length / size != storage.Length)
        {
            throw _file.Error(
                $"storage of {name}", entry.Offset, $"{entry.Length} bytes", $"{storage.Length} elements of {storage.Type}");
        }

        TensorLayout layout = TensorLayout.Checked(_file, name, null, storage.Type, tensor.Shape);
        StridedView view = StridedView.Inside(layout, tensor.Strides, tensor.Offset, storage.Length)
            ?? throw _file.Error(
                name,
                entry.Offset,
                $"shape {TensorLayout.Text(tensor.Shape)}, strides {TensorLayout.Text(tensor.Strides)} from {tensor.Offset}",
                $"a view inside the {storage.Length} elements of its storage");

        long start = entry.Offset + (tensor.Offset * size);
        if (view.IsContiguous)
            return new StoredTensor(name, layout, _file, start);

        // Strides of 0 and shared storages can claim any size. Real checkpoints stay far below this.
        _rearranged += layout.ByteCount;
        if (_rearranged > _file.Length)
        {
            throw _file.Error(
                name,
                null,
                $"{_rearranged} bytes of tensors that overlap or are not contiguous",
                $"at most the file's length, {_file.Length}: call .contiguous() before saving");
        }

        return new StoredTensor(name, layout, _file, () => view.Gather(_file.Slice(start, view.SpanLength)));
    }
}
