namespace Affekt.Tests;

/// <summary>Where tests find the repository, and the corpora and fixtures that lie beside it.</summary>
internal static class TestPaths
{
    /// <summary>The repository's root: the folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder under the repository.</summary>
    public static string InRepository(string path) => Path.Combine(Root, path);

    /// <summary>
    /// A file or folder under ../shared. The calling test is skipped, and counted as skipped, where it is absent.
    /// </summary>
    public static string Shared(string path)
    {
        string full = Path.GetFullPath(Path.Combine(Root, "..", "shared", path));
        Assert.SkipUnless(Path.Exists(full), $"needs ../shared/{path}, which is absent here");
        return full;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Affekt.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new InvalidOperationException($"no Affekt.slnx in any folder above {AppContext.BaseDirectory}");
    }
}
