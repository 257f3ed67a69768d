using System.Net;
using System.Text;
using Affekt.AspNetCore.Security;
using Affekt.Server.Hosting;
using Microsoft.AspNetCore.Connections;

namespace Affekt.Server.Security;

/// <summary>
/// How many connections one client may hold. Who opens all that a server has would otherwise shut it to everybody else. A proxy
/// that --proxy names holds those of many clients, and is not counted.
/// </summary>
internal sealed class ConnectionLimit(ServerOptions options)
{
    private static readonly TimeSpan _goodbye = TimeSpan.FromSeconds(1);

    // Kestrel has not read a request yet, so nothing of ours answers it.
    private static readonly byte[] _refusal = Encoding.ASCII.GetBytes(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    private readonly ClientSlots _slots = new(options.Limits.MaxConnections, options.Limits.MaxConnectionsPerClient);

    /// <summary>Counts a connection while it lasts, or refuses it.</summary>
    public ConnectionDelegate Around(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address } || options.IsProxy(address))
        {
            await next(connection);
            return;
        }

        using ClientSlots.Slot? place = _slots.TryEnter(Client.Of(address));
        if (place is null)
            await RefuseAsync(connection);
        else
            await next(connection);
    };

    private static async Task RefuseAsync(ConnectionContext connection)
    {
        using CancellationTokenSource limit = new(_goodbye);
        try
        {
            // To close with bytes unread would reset the connection, and the answer with it.
            await connection.Transport.Output.WriteAsync(_refusal, limit.Token);
            System.IO.Pipelines.ReadResult read = await connection.Transport.Input.ReadAsync(limit.Token);
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ConnectionResetException)
        {
            // It is gone, or says nothing.
        }
    }
}
