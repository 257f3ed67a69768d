using Affekt.Models.Packages;

namespace Affekt.Tests.Packages;

public sealed class PackageCacheOptionsTests
{
    [Theory]
    [InlineData("AFFEKT_CACHE=/a XDG_CACHE_HOME=/x HOME=/h", "/a")]
    [InlineData("AFFEKT_CACHE= XDG_CACHE_HOME=/x HOME=/h", "/x/affekt")]
    [InlineData("XDG_CACHE_HOME=relative HOME=/h", "/h/.cache/affekt")]
    [InlineData("HOME=/h", "/h/.cache/affekt")]
    public void The_cache_is_the_first_of_its_own_variable_the_desktops_and_the_home_folders(
        string environment, string expected) =>
        Assert.Equal(expected, From(environment).Root);

    [Theory]
    [InlineData("AFFEKT_PACKAGES=/p HOME=/h", "/p")]
    [InlineData("AFFEKT_CACHE=/a", "/a/packages")]
    public void Tarballs_are_looked_for_in_their_own_folder_or_in_the_cache(string environment, string expected) =>
        Assert.Equal(expected, From(environment).PackagesFolder);

    [Fact]
    public void Without_any_folder_the_message_names_the_variable_to_set()
    {
        WeightsException e = Assert.Throws<WeightsException>(() => From(""));

        Assert.Contains("AFFEKT_CACHE", e.Message);
    }

    private static PackageCacheOptions From(string environment)
    {
        Dictionary<string, string> variables = environment
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return PackageCacheOptions.FromEnvironment(name => variables.GetValueOrDefault(name));
    }
}
