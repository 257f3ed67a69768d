using System.Collections.Concurrent;

namespace Affekt.Tests;

/// <summary>An empty folder that goes with the test; no test makes one in another way.</summary>
/// <param name="prefix">What its name begins with.</param>
internal sealed class TemporaryFolder(string prefix = "affekt-test-") : IDisposable
{
    // A test that its constructor ends (by skipping it, say) is not disposed of: its folder goes with the program.
    private static readonly ConcurrentDictionary<string, bool> s_left = new();

    static TemporaryFolder() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (string folder in s_left.Keys)
            Directory.Delete(folder, recursive: true);
    };

    /// <summary>Where it is.</summary>
    public string Path { get; } = Make(prefix);

    public static implicit operator string(TemporaryFolder folder) => folder.Path;

    /// <summary>The path of something in it.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file, and the folders above it.</summary>
    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <inheritdoc cref="Write(string, string)"/>
    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(name))!);
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }

    public override string ToString() => Path;

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        s_left.TryRemove(Path, out _);
    }

    private static string Make(string prefix)
    {
        string folder = Directory.CreateTempSubdirectory(prefix).FullName;
        s_left[folder] = true;
        return folder;
    }
}
