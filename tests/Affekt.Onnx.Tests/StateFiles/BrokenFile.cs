using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.StateFiles;

/// <summary>A state file that cannot be opened.</summary>
internal static class BrokenFile
{
    /// <summary>The error that opening these bytes gives.</summary>
    public static StateFileException OpenFails(this TemporaryFolder folder, ReadOnlySpan<byte> bytes)
    {
        string path = folder.Write("broken", bytes);
        StateFileException error = Assert.Throws<StateFileException>(() => StateFile.Open(path));
        Assert.Equal(path, error.File);
        return error;
    }
}
