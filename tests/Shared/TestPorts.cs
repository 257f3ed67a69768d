using System.Net;
using System.Net.Sockets;

namespace Affekt.Tests;

/// <summary>Ports for programs that must be told theirs.</summary>
internal static class TestPorts
{
    // The kernel gives those from 32768 on to whoever asks for any: one of them could be taken before its program has started.
    private const int First = 20000;
    private const int Last = 32767;

    /// <summary>A port of the loopback address that nobody uses.</summary>
    public static int Free()
    {
        while (true)
        {
            int port = Random.Shared.Next(First, Last + 1);
            using TcpListener listener = new(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another then.
            }
        }
    }
}
