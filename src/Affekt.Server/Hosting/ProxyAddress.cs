using System.Net;

namespace Affekt.Server.Hosting;

/// <summary>A proxy's address, or a network of proxies.</summary>
internal static class ProxyAddress
{
    /// <summary>Reads 127.0.0.1, ::1, 10.0.0.0/8 and their like.</summary>
    /// <exception cref="ServerOptionsException">It is no address.</exception>
    public static IPNetwork Read(string text)
    {
        if (IPNetwork.TryParse(text, out IPNetwork network))
            return network;
        return IPAddress.TryParse(text, out IPAddress? address)
            ? new IPNetwork(address, 8 * address.GetAddressBytes().Length)
            : throw new ServerOptionsException($"--proxy: found {text}, expected an address such as 127.0.0.1 or a network such as 10.0.0.0/8");
    }
}
