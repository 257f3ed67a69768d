using Affekt.AspNetCore.Security;

namespace Affekt.Tests;

public sealed class ApiKeysTests
{
    [Theory]
    [InlineData("first-key-of-the-server", true)]
    [InlineData("second-key-of-the-server", true)]
    [InlineData("first-key-of-the-serve", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_a_key_of_the_servers_own_is_allowed(string? key, bool allowed) =>
        Assert.Equal(allowed, new ApiKeys(["first-key-of-the-server", "second-key-of-the-server"]).Allows(key));

    [Fact]
    public void Without_keys_everybody_is_allowed() => Assert.True(new ApiKeys([]).Allows(null));
}
