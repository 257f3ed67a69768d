using System.IO.MemoryMappedFiles;

namespace Affekt.Onnx.StateFiles;

/// <summary>A whole file, mapped read-only, so that tensors are read from the page cache without a copy.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private bool _disposed;

    public MappedFile(string path)
    {
        Path = path;
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (!stream.CanSeek)
                throw Error("the file", null, "a pipe or a device", "a regular file");

            Length = stream.Length;
            if (Length == 0)
            {
                return; // nothing can be mapped, and every format refuses an empty file by its own rules
            }

            _file = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _view?.Dispose();
            _file?.Dispose();
            string found = e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message;
            throw new StateFileException(path, "the file", null, found, "a readable file", e);
        }
    }

    /// <summary>Bytes that are in memory anyway, as a resource of an assembly is.</summary>
    /// <param name="name">What messages call them.</param>
    /// <param name="bytes">The bytes, which stay where they are.</param>
    public MappedFile(string name, UnmanagedMemoryStream bytes)
    {
        (Path, Length, IsFile) = (name, bytes.Length, false);
        bytes.Position = 0;
        _start = bytes.PositionPointer;
    }

    public string Path { get; }

    /// <summary>Whether <see cref="Path"/> is one.</summary>
    public bool IsFile { get; } = true;

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <summary>Bytes of the map; the caller has checked the range and keeps this object alive meanwhile.</summary>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return length == 0 ? [] : new ReadOnlySpan<byte>(_start + offset, length);
    }

    public StateFileException Error(
        string where, long? offset, string found, string expected, Exception? inner = null) =>
        new(Path, where, offset, found, expected, inner);

    public void Dispose()
    {
        if (_disposed)
            return;

        _disposed = true;
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }
}
