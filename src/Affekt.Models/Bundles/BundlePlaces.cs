using Affekt.Models.Weights;

namespace Affekt.Models.Bundles;

/// <summary>Where bundles lie that a package put beside the program.</summary>
public static class BundlePlaces
{
    /// <summary>A bundle that a package put beside the program, such as Affekt.Starter's "starter"; null where it is absent.</summary>
    /// <param name="name">The bundle's folder name.</param>
    public static string? Packaged(string name) => ProgramFolder.Find("bundles", name);
}
