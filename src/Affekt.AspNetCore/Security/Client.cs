using System.Net;

namespace Affekt.AspNetCore.Security;

/// <summary>Who calls, as far as limits tell callers apart: an address, or the network that one household or host owns.</summary>
internal static class Client
{
    // An IPv6 client owns a /64 at the least: its addresses are one client.
    private const int CountedBytes = 8;

    /// <summary>The client of a request; behind a proxy whose word the host takes, the one that the proxy tells of.</summary>
    public static string Of(HttpContext context) => Of(context.Connection.RemoteIpAddress);

    /// <summary>The client at an address; "" for callers over a UNIX socket, which have none.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        byte[] bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, Math.Min(bytes.Length, CountedBytes)));
    }
}
