using System.Globalization;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// Reads what torch.save writes since PyTorch 1.6: a zip file with a pickle that describes the tensors (data.pkl) and
/// an entry for each storage (data/0, data/1, ...).
/// </summary>
internal sealed class TorchZipReader
{
    // Wrappers that training scripts commonly put around a state dictionary.
    private static readonly string[] _wrappers = ["state_dict", "model"];

    private readonly MappedFile _file;
    private readonly ZipDirectory _zip;
    private readonly string _folder;
    private long _rearranged;

    private TorchZipReader(MappedFile file, ZipDirectory zip, string folder)
    {
        _file = file;
        _zip = zip;
        _folder = folder;
    }

    public static StateFile Read(MappedFile file)
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
        return new TorchZipReader(file, zip, folder).Read(new PickleMachine(file, code).Run());
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
        string entryName = $"{_folder}data/{storage.Key}";
        ZipEntry entry = _zip.Find(entryName) ?? throw _file.Error(name, null, $"no entry {entryName}", "its storage");
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
