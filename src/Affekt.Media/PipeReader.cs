using System.Globalization;
using System.Text;

namespace Affekt.Media;

/// <summary>Reads what a tool writes, never more than was asked for.</summary>
internal static class PipeReader
{
    /// <summary>Reads until the end or until the buffer is full; returns the number of bytes.</summary>
    public static async Task<int> FillAsync(Stream stream, Memory<byte> buffer) =>
        await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false).ConfigureAwait(false);

    /// <summary>Reads sound until the end or until the stretch is full. Values that are not finite become 0.</summary>
    /// <param name="stream">What <see cref="ToolArguments.Sound"/> makes ffmpeg write.</param>
    /// <param name="track">The stretch.</param>
    /// <param name="likely">For how many samples there is room to begin with.</param>
    public static async Task<float[]> ReadSoundAsync(Stream stream, SoundTrack track, int likely)
    {
        MatroskaSound sound = new(stream);
        float[] samples = new float[Math.Max(1, likely)];
        int count = 0;
        while (!track.IsFull && await sound.ReadAsync().ConfigureAwait(false) is (long at, ReadOnlyMemory<byte> bytes))
            track.Take(at, bytes.Span, Add);
        Array.Resize(ref samples, count);
        return samples;

        void Add(ReadOnlySpan<float> more)
        {
            if (count + more.Length > samples.Length)
                Array.Resize(ref samples, (int)Math.Min(Array.MaxLength, Math.Max(count + more.Length, 2L * samples.Length)));
            CopyFinite(more, samples.AsSpan(count));
            count += more.Length;
        }
    }

    /// <summary>Reads on to the end, so that a tool that has written all ends as it should.</summary>
    public static async Task DrainAsync(Stream stream)
    {
        byte[] rest = new byte[1 << 12];
        while (await stream.ReadAsync(rest).ConfigureAwait(false) > 0)
        {
        }
    }

    /// <summary>The same in pieces as they come; each belongs to who gets it.</summary>
    public static async IAsyncEnumerable<float[]> StreamSoundAsync(Stream stream, SoundTrack track)
    {
        MatroskaSound sound = new(stream);
        List<float[]> pieces = [];
        while (!track.IsFull && await sound.ReadAsync().ConfigureAwait(false) is (long at, ReadOnlyMemory<byte> bytes))
        {
            track.Take(at, bytes.Span, more =>
            {
                float[] piece = new float[more.Length];
                CopyFinite(more, piece);
                pieces.Add(piece);
            });
            foreach (float[] piece in pieces)
                yield return piece;
            pieces.Clear();
        }
    }

    /// <summary>Where each stream's packets end, from the lines of ffmpeg's framecrc, by the number of its output stream.</summary>
    public static async Task<IReadOnlyDictionary<int, TimeSpan>> ReadEndsAsync(Stream stream)
    {
        const string TimeBase = "#tb ";
        Dictionary<int, double> ticks = [], ends = [], last = [];
        using StreamReader reader = new(stream, Encoding.ASCII);
        while (await reader.ReadLineAsync().ConfigureAwait(false) is string line)
        {
            if (line.StartsWith(TimeBase, StringComparison.Ordinal))
            {
                // #tb 0: 1/90000
                string[] parts = line[TimeBase.Length..].Split([':', '/'], StringSplitOptions.TrimEntries);
                if (parts is [string index, string above, string below] && int.TryParse(index, CultureInfo.InvariantCulture, out int of)
                    && Seconds(above) is double units && Seconds(below) is double and > 0)
                {
                    ticks[of] = units / Seconds(below)!.Value;
                }
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                // stream, dts, pts, duration, ...
                string[] fields = line.Split(',', 5, StringSplitOptions.TrimEntries);
                if (fields.Length < 4 || !int.TryParse(fields[0], CultureInfo.InvariantCulture, out int of) || !ticks.TryGetValue(of, out double tick))
                    continue;
                double? time = Time(fields[2]) ?? Time(fields[1]), length = Time(fields[3]);
                if (time is not { } at)
                    continue;

                // Some containers do not tell how long a picture stays: as long as the one before it.
                double stays = length is > 0 ? length.Value : last.TryGetValue(of, out double before) ? Math.Max(0, at - before) : 0;
                last[of] = Math.Max(at, last.GetValueOrDefault(of, double.NegativeInfinity));
                ends[of] = Math.Max(ends.GetValueOrDefault(of), (at + stays) * tick);
            }
        }

        return ends.ToDictionary(end => end.Key, end => TimeSpan.FromSeconds(Math.Clamp(end.Value, 0, 1e9)));
    }

    private static void CopyFinite(ReadOnlySpan<float> from, Span<float> to)
    {
        for (int i = 0; i < from.Length; i++)
            to[i] = float.IsFinite(from[i]) ? from[i] : 0;
    }

    // Where a packet has no time, the smallest number stands for it.
    private static double? Time(string text) => Seconds(text) is double value and > -9e18 ? value : null;

    private static double? Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
