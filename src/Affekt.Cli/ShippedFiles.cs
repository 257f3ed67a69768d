using Affekt.Models.Bundles;

namespace Affekt.Cli;

/// <summary>Finds what comes with the program: beside it, or in the repository that it was built in.</summary>
internal static class ShippedFiles
{
    private const string Bundles = "bundles";
    private const string DefaultBundle = "starter";
    private const string Sample = "samples/sample.mp4";

    /// <summary>The folder of the bundle that was asked for, or of the default one.</summary>
    /// <exception cref="CommandException">There is no default bundle.</exception>
    public static string Bundle(string? given) =>
        given ?? Find(Path.Combine(Bundles, DefaultBundle))
            ?? throw new CommandException(
                $"no bundle: there is no {Bundles}/{DefaultBundle} beside the program or above it; name a folder with --bundle");

    /// <summary>The clip that was asked for, or the sample.</summary>
    /// <exception cref="CommandException">There is no sample.</exception>
    public static string Clip(string? given) =>
        given ?? Find(Sample) ?? throw new CommandException($"{Sample} is not there: name a file with --input");

    /// <summary>A file or folder that comes with the program, by its path in the repository; null where it is absent.</summary>
    public static string? Find(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, path);
            if (Path.Exists(candidate))
                return candidate;
        }

        return null;
    }

    /// <summary>The folders of all bundles that come with the program.</summary>
    public static IReadOnlyList<string> AllBundles() => Find(Bundles) is not { } folder
        ? []
        : [.. Directory.GetDirectories(folder).Where(IsBundle).Order(StringComparer.Ordinal)];

    private static bool IsBundle(string folder) => File.Exists(Path.Combine(folder, BundleConfig.FileName));
}
