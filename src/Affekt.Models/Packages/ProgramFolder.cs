namespace Affekt.Models.Packages;

/// <summary>What packages put beside the program, in the folder "affekt": bundles and published weights.</summary>
internal static class ProgramFolder
{
    private const string Name = "affekt";

    /// <summary>A folder or file of it; null where it is absent.</summary>
    public static string? Find(params ReadOnlySpan<string> parts)
    {
        string path = Path.Combine([AppContext.BaseDirectory, Name, .. parts]);
        return Path.Exists(path) ? path : null;
    }
}
