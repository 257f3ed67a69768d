using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>
/// Byte-level byte pair encoding, as GPT-2 and RoBERTa have it (Sennrich et al., 2016; Radford et al., 2019): words with the space before
/// them, each as UTF-8 bytes, neighbors joined in the order in which training joined them.
/// </summary>
internal sealed class ByteLevelPieces : ITokenPieces
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Joined)> _merges = [];
    private readonly int[] _bytes = new int[256];
    private readonly Dictionary<string, int> _words;
    private readonly bool _wholeWords;
    private readonly bool _prefixSpace;
    private readonly bool _splits;

    /// <summary>Takes a vocabulary and its merges, the first joined first.</summary>
    /// <param name="vocabulary">Tokens, whose bytes stand as <see cref="Letter"/> writes them, to their ids.</param>
    /// <param name="merges">Pairs of tokens.</param>
    /// <param name="unknown">The id of a byte that the vocabulary lacks; null to leave such out.</param>
    /// <param name="prefixSpace">Whether a stretch that begins with no space reads as if it did.</param>
    /// <param name="splits">Whether words are told apart.</param>
    /// <param name="wholeWords">Whether a word that is a token is taken without joining its bytes.</param>
    /// <exception cref="FormatException">A merge's parts, or what they make, are no tokens.</exception>
    public ByteLevelPieces(
        Dictionary<string, int> vocabulary, IEnumerable<(string Left, string Right)> merges, int? unknown, bool prefixSpace, bool splits = true,
        bool wholeWords = false)
    {
        for (int value = 0; value < _bytes.Length; value++)
            _bytes[value] = vocabulary.TryGetValue(Letter((byte)value).ToString(), out int id) ? id : unknown ?? -1;
        int rank = 0;
        foreach ((string left, string right) in merges)
        {
            if (!vocabulary.TryGetValue(left, out int first) || !vocabulary.TryGetValue(right, out int second)
                || !vocabulary.TryGetValue(left + right, out int joined))
            {
                throw new FormatException($"the merge of \"{left}\" and \"{right}\", which are not all tokens");
            }

            _merges.TryAdd((first, second), (rank++, joined));
        }

        _words = vocabulary;
        _prefixSpace = prefixSpace;
        _splits = splits;
        _wholeWords = wholeWords;
    }

    /// <summary>How a byte is written in vocabularies: as itself where that shows, else as a character from U+0100 on.</summary>
    public static char Letter(byte value)
    {
        if (Shows(value))
            return (char)value;
        int before = 0;
        for (int other = 0; other < value; other++)
            before += Shows(other) ? 0 : 1;
        return (char)(0x100 + before);

        static bool Shows(int other) => other is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
    }

    public void Append(ReadOnlySpan<char> text, bool first, List<long> ids, int room)
    {
        if (_prefixSpace && text[0] != ' ')
            text = string.Concat(" ", text);
        while (!text.IsEmpty && ids.Count < room)
        {
            int length = _splits ? Word(text) : text.Length;
            AppendWord(text[..length], ids);
            text = text[length..];
        }
    }

    // The next of: an English ending after an apostrophe; letters, digits or other signs, with one space before them or none; white
    // space but for the last of it, where something else follows; white space.
    private static int Word(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'')
        {
            foreach (string ending in (ReadOnlySpan<string>)["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"])
            {
                if (text.StartsWith(ending, StringComparison.Ordinal))
                    return ending.Length;
            }
        }

        int start = text[0] == ' ' && text.Length > 1 && KindAt(text[1..], out _) != Kind.Space ? 1 : 0;
        Kind kind = KindAt(text[start..], out int length);
        int end = start + length, last = start;
        while (end < text.Length && KindAt(text[end..], out length) == kind)
            (last, end) = (end, end + length);
        return kind == Kind.Space && end < text.Length && last > start ? last : end;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out length);
        if (Rune.IsWhiteSpace(rune))
            return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }

    private void AppendWord(ReadOnlySpan<char> word, List<long> ids)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(word.Length)];
        int count = Encoding.UTF8.GetBytes(word, bytes);
        if (_wholeWords && _words.TryGetValue(string.Concat(bytes[..count].Select(value => Letter(value).ToString())), out int whole))
        {
            ids.Add(whole);
            return;
        }

        List<Part> parts = new(count);
        foreach (byte value in bytes.AsSpan(0, count))
        {
            if (_bytes[value] >= 0)
                parts.Add(new Part { Id = _bytes[value], Before = parts.Count - 1, Next = parts.Count + 1 });
        }

        Join(CollectionsMarshal.AsSpan(parts));
        for (int i = 0; i < parts.Count; i = parts[i].Next)
            ids.Add(parts[i].Id);
    }

    // The pair that training joined first goes first; of equal ones the one on the left.
    private void Join(Span<Part> parts)
    {
        PriorityQueue<(int At, int Left, int Right), (int Rank, int At)> open = new();
        for (int i = 0; i + 1 < parts.Length; i++)
            Offer(parts, i);
        while (open.TryDequeue(out (int At, int Left, int Right) pair, out _))
        {
            ref Part left = ref parts[pair.At];
            if (left.Id != pair.Left || left.Next >= parts.Length || parts[left.Next].Id != pair.Right)
                continue;
            ref Part right = ref parts[left.Next];
            left.Id = _merges[(pair.Left, pair.Right)].Joined;
            left.Next = right.Next;
            right.Id = -1;
            if (left.Next < parts.Length)
            {
                parts[left.Next].Before = pair.At;
                Offer(parts, pair.At);
            }

            if (left.Before >= 0)
                Offer(parts, left.Before);
        }

        void Offer(Span<Part> all, int at)
        {
            (int left, int right) = (all[at].Id, all[all[at].Next].Id);
            if (_merges.TryGetValue((left, right), out (int Rank, int Joined) merge))
                open.Enqueue((at, left, right), (merge.Rank, at));
        }
    }

    private enum Kind
    {
        Letter,
        Number,
        Other,
        Space,
    }

    // A token in a chain; -1 once it has been joined to the one before it.
    private struct Part
    {
        public int Id;
        public int Before;
        public int Next;
    }
}
