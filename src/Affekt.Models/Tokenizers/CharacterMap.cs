using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>
/// SentencePiece's table of what characters become before they are cut (Kudo and Richardson, 2018): a trie over UTF-8 bytes in two arrays
/// (Aoe, 1989), and the texts that its leaves point to.
/// </summary>
internal sealed class CharacterMap
{
    // What is longer is looked up character by character, as Hugging Face's tokenizers do.
    private const int LongestCluster = 5;

    private readonly uint[] _units;
    private readonly byte[] _texts;

    /// <summary>Reads the table: the trie's length in bytes, the trie, texts that each end with a zero.</summary>
    /// <exception cref="FormatException">The bytes are no such table.</exception>
    public CharacterMap(ReadOnlySpan<byte> table)
    {
        const int UnitSize = sizeof(uint);
        uint length = table.Length >= UnitSize ? BinaryPrimitives.ReadUInt32LittleEndian(table) : 0;
        if (length == 0 || length % UnitSize != 0 || length > table.Length - UnitSize)
            throw new FormatException($"a trie of {length} bytes in {table.Length}");
        _units = new uint[length / UnitSize];
        for (int i = 0; i < _units.Length; i++)
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(table[(UnitSize * (i + 1))..]);
        _texts = table[(UnitSize + (int)length)..].ToArray();
    }

    /// <summary>A text with its characters replaced.</summary>
    public string Apply(ReadOnlySpan<char> text)
    {
        StringBuilder mapped = new(text.Length);
        Span<byte> bytes = stackalloc byte[LongestCluster + 1];
        while (!text.IsEmpty)
        {
            int length = StringInfo.GetNextTextElementLength(text);
            ReadOnlySpan<char> cluster = text[..length];
            text = text[length..];
            if (Encoding.UTF8.TryGetBytes(cluster, bytes, out int count) && count <= LongestCluster && Find(bytes[..count]) is { } whole)
            {
                mapped.Append(whole);
                continue;
            }

            foreach (Rune rune in cluster.EnumerateRunes())
            {
                if (Find(bytes[..rune.EncodeToUtf8(bytes)]) is { } part)
                    mapped.Append(part);
                else
                    mapped.Append(rune.ToString());
            }
        }

        return mapped.ToString();
    }

    // What the shortest known beginning becomes: so the reference has it, and vocabularies are trained with that.
    private string? Find(ReadOnlySpan<byte> key)
    {
        long node = Offset(_units[0]);
        foreach (byte value in key)
        {
            if (value == 0)
                return null;
            node ^= value;
            if (node >= _units.Length)
                return null;
            uint unit = _units[node];
            if ((unit & 0x8000_00FF) != value)
                return null;
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 1)
                return node < _units.Length ? TextAt((int)(_units[node] & 0x7FFF_FFFF)) : null;
        }

        return null;
    }

    private static long Offset(uint unit) => (long)(unit >> 10) << (int)((unit & 0x200) >> 6);

    private string? TextAt(int start)
    {
        if (start > _texts.Length)
            return null;
        ReadOnlySpan<byte> rest = _texts.AsSpan(start);
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }
}
