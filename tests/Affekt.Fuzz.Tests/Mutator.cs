using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Affekt.Tests;

/// <summary>
/// Makes wrong inputs of right ones: bytes changed, cut, doubled and joined, and, since most formats are text or hold some, numbers and
/// words replaced where they stand. The same seed gives the same input on every machine.
/// </summary>
internal sealed partial class Mutator(int seed)
{
    private const int MostSteps = 4;
    private const int MostBytes = 1 << 20;

    // Where programs break: nothing, one less, signs, the ends of the integers, no number, paths, and what text is not.
    private static readonly string[] _numbers =
    [
        "0", "-1", "1", "2", "255", "256", "65536", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807",
        "-9223372036854775808", "1e309", "1e-320", "-0", "0.5", "NaN", "Infinity", "99999999999999999999999", "null", "true", "\"0\"", "[]", "{}",
    ];

    private static readonly string[] _words =
    [
        "", " ", "\0", "\r", "\n", "\r\r\n", "\u2028", "\u0085", "\ufeff", "\ud83d\ude00", "..", "../../../etc/passwd", "/", "\\", "%00", "a:", "<", "-->",
        "\"", "'", ",", ";", "{", "}", "[", "]", ":", "null", "0:00:00,000 --> 99:99:99,999", "NOTE", "STYLE", "WEBVTT", "<v ", "&lt;", "\\N",
    ];

    private readonly Random _random = new(seed);

    /// <summary>A wrong input made of one of the right ones.</summary>
    public byte[] Next(IReadOnlyList<byte[]> right)
    {
        byte[] bytes = right[_random.Next(right.Count)];
        for (int steps = _random.Next(1, MostSteps + 1); steps > 0; steps--)
            bytes = Step(bytes, right);
        return bytes.Length > MostBytes ? bytes[..MostBytes] : bytes;
    }

    private byte[] Step(byte[] bytes, IReadOnlyList<byte[]> right)
    {
        int at = _random.Next(bytes.Length + 1);

        // Heads hold the lengths and offsets; a byte amid sound or weights means nothing.
        if (_random.Next(2) == 0)
            at = Math.Min(at, _random.Next(512));
        int length = Math.Min(bytes.Length - at, 1 << _random.Next(12));
        switch (_random.Next(11))
        {
            case 0 when bytes.Length > 0:
                bytes = [.. bytes];
                bytes[Math.Min(at, bytes.Length - 1)] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1 when bytes.Length > 0:
                bytes = [.. bytes];
                bytes[Math.Min(at, bytes.Length - 1)] = (byte)(_random.Next(3) switch { 0 => 0, 1 => 255, _ => _random.Next(256) });
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 4:
                return [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]];
            case 5:
                byte[] other = right[_random.Next(right.Count)];
                int from = _random.Next(other.Length + 1);
                return [.. bytes[..at], .. other[from..]];
            case 6 when bytes.Length >= 8:
                bytes = [.. bytes];
                int place = Math.Min(at, bytes.Length - 8);
                long number = _random.Next(4) switch { 0 => long.MaxValue, 1 => -1, 2 => int.MaxValue, _ => 1L << _random.Next(63) };
                if (_random.Next(2) == 0)
                    BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(place), number);
                else
                    BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(place), (int)number);
                return bytes;
            case 7:
                return [.. bytes[..at], .. Encoding.UTF8.GetBytes(Pick(_words)), .. bytes[at..]];
            default:
                return Replace(bytes);
        }
    }

    // Latin-1 keeps each byte as it is.
    private byte[] Replace(byte[] bytes)
    {
        string text = Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, 64 << 10));
        bool isNumber = _random.Next(3) > 0;
        MatchCollection found = isNumber ? Numbers().Matches(text) : Words().Matches(text);
        if (found.Count == 0)
            return bytes;
        Match match = found[_random.Next(found.Count)];
        string other = isNumber ? Pick(_numbers)
            : _random.Next(2) == 0 ? found[_random.Next(found.Count)].Value
            : _random.Next(8) == 0 ? new string('x', 1 << _random.Next(16)) : Pick(_words);
        return [.. bytes[..match.Index], .. Encoding.UTF8.GetBytes(other), .. bytes[(match.Index + match.Length)..]];
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];

    /// <summary>A seed of a target's own: each target has other inputs.</summary>
    public static int Seed(string target, int number) =>
        target.Aggregate(number, (seed, character) => unchecked((seed * 31) + character));

    /// <summary>How many inputs there are altogether: AFFEKT_FUZZ, or a few in the gate.</summary>
    public static int Inputs(int inTheGate, double share) =>
        int.TryParse(Environment.GetEnvironmentVariable("AFFEKT_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out int all)
            ? Math.Max(1, (int)(all * share))
            : inTheGate;

    [GeneratedRegex(@"-?\d+(\.\d+)?([eE][-+]?\d+)?")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"""[^""\n]{0,80}""|[A-Za-z_]+")]
    private static partial Regex Words();
}
