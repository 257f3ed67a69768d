using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

/// <summary>A folder of its own for a test's files.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("affekt-test-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        string path = PathOf(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public StateFileException OpenFails(ReadOnlySpan<byte> bytes)
    {
        string path = Write("broken", bytes);
        StateFileException error = Assert.Throws<StateFileException>(() => StateFile.Open(path));
        Assert.Equal(path, error.File);
        return error;
    }

    public IEnumerable<string> Names => _folder.EnumerateFiles().Select(file => file.Name);

    public void Dispose() => _folder.Delete(recursive: true);
}
