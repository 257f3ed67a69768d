using System.Buffers.Binary;

namespace Affekt.Media;

/// <summary>
/// Reads sound with its times from ffmpeg: one track of 32-bit floats in Matroska, whose clock ticks once a sample (see
/// <see cref="ToolArguments.Sound"/>). Bare samples would not tell where a stream begins late, or is taken up again.
/// </summary>
/// <param name="stream">What ffmpeg writes; read ahead of what is asked for.</param>
internal sealed class MatroskaSound(Stream stream)
{
    private const int RoomForHeaders = 16;
    private const int LargestBlock = 1 << 24;

    private const uint Segment = 0x18538067;
    private const uint Cluster = 0x1F43B675;
    private const uint ClusterTime = 0xE7;
    private const uint BlockGroup = 0xA0;
    private const uint Block = 0xA1;
    private const uint SimpleBlock = 0xA3;

    // Track, time and flags.
    private const int BlockHeader = 4;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private long _clusterTime;

    /// <summary>The next samples, valid until the next call; null at the end, also where it comes amid a block.</summary>
    /// <returns>The place of the first sample, and the samples as bytes.</returns>
    public async ValueTask<(long At, ReadOnlyMemory<byte> Samples)?> ReadAsync()
    {
        while (await HeaderAsync().ConfigureAwait(false) is (uint id, long size))
        {
            switch (id)
            {
                case Segment or Cluster or BlockGroup:
                    // Their parts follow as if they stood alone.
                    break;
                case ClusterTime when await FillAsync((int)Math.Min(size, RoomForHeaders)).ConfigureAwait(false):
                    _clusterTime = 0;
                    foreach (byte part in Take((int)size).Span)
                        _clusterTime = (_clusterTime << 8) | part;
                    break;
                case SimpleBlock or Block when size is > BlockHeader and <= LargestBlock && await FillAsync((int)size).ConfigureAwait(false):
                    ReadOnlyMemory<byte> block = Take((int)size);
                    return (_clusterTime + BinaryPrimitives.ReadInt16BigEndian(block.Span[1..]), block[BlockHeader..]);
                case SimpleBlock or Block or ClusterTime:
                    return null;
                default:
                    if (!await SkipAsync(size).ConfigureAwait(false))
                        return null;
                    break;
            }
        }

        return null;
    }

    // Both are numbers whose first byte tells by its leading zeros how many follow; an id keeps that bit.
    private async ValueTask<(uint Id, long Size)?> HeaderAsync()
    {
        if (!await FillAsync(2).ConfigureAwait(false))
            return null;
        int idLength = Length(_buffer[_start]);
        if (idLength > sizeof(uint) || !await FillAsync(idLength + 1).ConfigureAwait(false))
            return null;
        int sizeLength = Length(_buffer[_start + idLength]);
        if (sizeLength > sizeof(long) || !await FillAsync(idLength + sizeLength).ConfigureAwait(false))
            return null;
        uint id = 0;
        foreach (byte part in Take(idLength).Span)
            id = (id << 8) | part;
        ReadOnlySpan<byte> bytes = Take(sizeLength).Span;
        long size = bytes[0] & ((1 << (8 - sizeLength)) - 1);
        foreach (byte part in bytes[1..])
            size = (size << 8) | part;
        return (id, size);
    }

    private static int Length(byte first) => System.Numerics.BitOperations.LeadingZeroCount((uint)first) - 23;

    private ReadOnlyMemory<byte> Take(int count)
    {
        ReadOnlyMemory<byte> taken = _buffer.AsMemory(_start, count);
        _start += count;
        return taken;
    }

    private async ValueTask<bool> SkipAsync(long count)
    {
        while (count > 0)
        {
            if (!await FillAsync(1).ConfigureAwait(false))
                return false;
            int now = (int)Math.Min(count, _end - _start);
            _start += now;
            count -= now;
        }

        return true;
    }

    // False where the stream ends before so many bytes are there.
    private async ValueTask<bool> FillAsync(int count)
    {
        if (_end - _start >= count)
            return true;
        byte[] target = count <= _buffer.Length ? _buffer : new byte[Math.Max(count, 2 * _buffer.Length)];
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, _end - _start);
        while (_end < count)
        {
            int read = await stream.ReadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }
}
