using System.Net.WebSockets;

namespace Affekt.AspNetCore.Live;

/// <summary>Reads whole messages, no longer than they may be.</summary>
internal sealed class LiveReader(WebSocket socket, LiveLimits limits)
{
    private const int Block = 64 << 10;

    private readonly int _most = Math.Max(limits.MaxPictureBytes, LiveMessage.BytesASecond) + LiveMessage.HeadBytes;
    private byte[] _buffer = new byte[Block];

    /// <summary>The next message; its bytes stay until the next call.</summary>
    /// <exception cref="LiveException">It is too large.</exception>
    /// <exception cref="WebSocketException">The client is gone.</exception>
    public async Task<(WebSocketMessageType Type, ReadOnlyMemory<byte> Message)> ReadAsync()
    {
        int length = 0;
        while (true)
        {
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, Math.Min(2 * _buffer.Length, _most + 1));
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            length += result.Count;
            if (length > (result.MessageType == WebSocketMessageType.Text ? limits.MaxTextBytes : _most))
                throw LiveMessage.TooLarge(length, limits);
            if (result.EndOfMessage || result.MessageType == WebSocketMessageType.Close)
                return (result.MessageType, _buffer.AsMemory(0, length));
        }
    }

    /// <summary>Reads something and throws it away.</summary>
    public async Task SkipAsync(CancellationToken cancellation) => await socket.ReceiveAsync(_buffer.AsMemory(), cancellation);
}
