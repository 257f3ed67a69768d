using System.Reflection;
using System.Text;

namespace Affekt.Onnx.StateFiles;

/// <summary>
/// A file of named tensors, opened for reading: safetensors, a PyTorch file (.bin, .pth, .pt), ONNX, TensorFlow.js
/// weights, or an index of shards in Hugging Face's layout.
/// </summary>
/// <remarks>
/// The files stay mapped until <see cref="Dispose"/>. Nothing in a file is ever executed, and the memory that
/// reading takes is bounded by a small multiple of the file's size. Another program must not shorten a file while it
/// is open: the operating system would end the process. Replacing it by a rename is safe.
/// </remarks>
public class StateFile : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _owned;

    internal StateFile(
        string path,
        IReadOnlyDictionary<string, StoredTensor> tensors,
        IReadOnlyDictionary<string, string> metadata,
        IReadOnlyList<IDisposable> owned)
    {
        Path = path;
        Tensors = tensors;
        Metadata = metadata;
        _owned = owned;
    }

    /// <summary>The path that was opened.</summary>
    public string Path { get; }

    /// <summary>The tensors by name, in the file's own order.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>
    /// The strings that the file carries beside its tensors: safetensors' <c>__metadata__</c>, ONNX's
    /// <c>metadata_props</c>, a shard index's <c>metadata</c>, plain values among a PyTorch file's tensors.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// Opens a state file; the format is told from the content, never from the extension. A <c>.json</c> index or
    /// manifest opens the files that it names, which must lie in its own folder.
    /// </summary>
    /// <exception cref="StateFileException">
    /// The file cannot be read, or is none of the known formats, or is broken.
    /// </exception>
    public static StateFile Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        MappedFile file = new(path);
        try
        {
            return IsJson(file) ? JsonManifest.Open(file) : OpenBinary(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a state file that is a resource of an assembly.</summary>
    /// <param name="assembly">The assembly, which stays loaded.</param>
    /// <param name="name">The resource's name.</param>
    /// <exception cref="StateFileException">There is no such resource, or it is none of the known formats of one file.</exception>
    public static StateFile OpenResource(Assembly assembly, string name) => assembly.GetManifestResourceStream(name) is UnmanagedMemoryStream bytes
        ? OpenBinary(new MappedFile($"{assembly.GetName().Name}: {name}", bytes))
        : throw new StateFileException(name, "the resource", null, $"none in {assembly.GetName().Name}", "a resource of that name");

    /// <summary>Unmaps the files. The tensors must not be read afterwards.</summary>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();

        GC.SuppressFinalize(this);
    }

    /// <summary>Opens one file of a single-file format. The result owns <paramref name="file"/>.</summary>
    internal static StateFile OpenBinary(MappedFile file)
    {
        ReadOnlySpan<byte> start = file.Slice(0, (int)Math.Min(file.Length, 512));
        if (start.StartsWith("PK\x03\x04"u8))
            return TorchReader.ReadZip(file);

        if (start.Length > 8 && start[8] == '{')
            return SafetensorsReader.Read(file);

        if (TorchReader.IsOlder(start))
            return TorchReader.ReadOlder(file);

        if (start is [0x80, >= 1 and <= 5, ..] || (start.Length > 262 && start[257..262].SequenceEqual("ustar"u8)))
        {
            throw file.Error(
                "the file",
                0,
                "a bare pickle or a tar",
                "what torch.save writes: load it in PyTorch and save it again with torch.save(state_dict, path)");
        }

        // onnx.ModelProto begins with its ir_version: field 1, a varint.
        if (start is [0x08, ..])
            return OnnxReader.Read(file);

        string found = start.IsEmpty ? "an empty file" : $"\"{Printable(start[..Math.Min(start.Length, 24)])}\"";
        throw file.Error("the file", 0, found, "safetensors, a PyTorch file, ONNX, or a JSON index or manifest");
    }

    private static bool IsJson(MappedFile file)
    {
        ReadOnlySpan<byte> start = file.Slice(0, (int)Math.Min(file.Length, 512)).TrimStart(" \t\r\n"u8);

        // 0 follows '{' in a safetensors file whose header is 123 bytes long.
        return start is [(byte)'{' or (byte)'[', ..] && !start.Contains((byte)0);
    }

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (byte b in bytes)
            text.Append(b is >= 0x20 and < 0x7f ? ((char)b).ToString() : $"\\x{b:x2}");

        return text.ToString();
    }
}
