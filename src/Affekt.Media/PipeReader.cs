using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Affekt.Media;

/// <summary>Reads what a tool writes, never more than was asked for.</summary>
internal static class PipeReader
{
    private const int BlockSize = 1 << 16;

    /// <summary>Reads until the end or until the buffer is full; returns the number of bytes.</summary>
    public static async Task<int> FillAsync(Stream stream, Memory<byte> buffer) =>
        await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);

    /// <summary>Reads 32-bit floats until the end, at most so many. Values that are not finite become 0.</summary>
    public static async Task<float[]> ReadFloatsAsync(Stream stream, int likely, int atMost)
    {
        float[] samples = new float[Math.Clamp(likely, 1, atMost)];
        byte[] block = new byte[BlockSize];
        int count = 0;
        int bytes;
        while (count < atMost && (bytes = await FillAsync(stream, block)) > 0)
        {
            ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(block.AsSpan(0, bytes));
            floats = floats[..Math.Min(floats.Length, atMost - count)];
            if (count + floats.Length > samples.Length)
            {
                Array.Resize(ref samples, (int)Math.Min(atMost, Math.Max(count + floats.Length, 2L * samples.Length)));
            }

            CopyFinite(floats, samples.AsSpan(count));
            count += floats.Length;
        }

        Array.Resize(ref samples, count);
        return samples;
    }

    /// <summary>Reads so many 32-bit floats, fewer before the end and none at it. Values that are not finite become 0.</summary>
    public static async Task<float[]> ReadBlockAsync(Stream stream, int count)
    {
        byte[] block = new byte[count * sizeof(float)];
        float[] samples = new float[await FillAsync(stream, block) / sizeof(float)];
        CopyFinite(MemoryMarshal.Cast<byte, float>(block)[..samples.Length], samples);
        return samples;
    }

    /// <summary>The end of the last packet minus the start of the first, from lines "start,length" in seconds.</summary>
    public static async Task<TimeSpan> ReadPacketSpanAsync(Stream stream)
    {
        double first = double.PositiveInfinity;
        double last = double.NegativeInfinity;
        using StreamReader reader = new(stream, Encoding.ASCII);
        while (await reader.ReadLineAsync() is string line)
        {
            string[] fields = line.Split(',');
            if (Seconds(fields[0]) is double start)
            {
                first = Math.Min(first, start);
                last = Math.Max(last, start + (fields.Length > 1 ? Seconds(fields[1]) ?? 0 : 0));
            }
        }

        return last > first ? TimeSpan.FromSeconds(last - first) : TimeSpan.Zero;
    }

    private static void CopyFinite(ReadOnlySpan<float> from, Span<float> to)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = float.IsFinite(from[i]) ? from[i] : 0;
    }

    private static double? Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
