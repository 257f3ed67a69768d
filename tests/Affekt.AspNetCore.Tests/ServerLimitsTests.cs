using Affekt.AspNetCore;

namespace Affekt.Tests;

/// <summary>A limit that nothing could be served under is told where a host sets it.</summary>
public sealed class ServerLimitsTests
{
    public static TheoryData<string, Action> Impossible => new()
    {
        { "MaxUploadBytes", () => _ = new ServerLimits { MaxUploadBytes = 0 } },
        { "MaxDuration", () => _ = new ServerLimits { MaxDuration = TimeSpan.Zero } },
        { "MaxSyncDuration", () => _ = new ServerLimits { MaxSyncDuration = TimeSpan.FromTicks(-1) } },
        { "MaxPixels", () => _ = new ServerLimits { MaxPixels = 0 } },
        { "MaxLiveSessions", () => _ = new ServerLimits { MaxLiveSessions = -1 } },
        { "MaxQueue", () => _ = new ServerLimits { MaxQueue = -1 } },
        { "Workers", () => _ = new ServerLimits { Workers = 0 } },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void An_impossible_limit_is_refused_by_its_name(string name, Action set) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(set).ParamName);
}
