using System.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>
/// SentencePiece's unigram model (Kudo, 2018): words, each cut into the pieces whose scores sum highest. What no piece spells is unknown,
/// neighbors together.
/// </summary>
internal sealed class UnigramPieces : ITokenPieces
{
    // An unknown character's score lies so far below the lowest piece's.
    private const double UnknownPenalty = 10;

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly double[] _scores;
    private readonly int _unknown;
    private readonly int _longest;
    private readonly double _lowest;
    private readonly bool _byteFallback;
    private readonly Func<string, string> _normalize;
    private readonly Func<string, bool, IEnumerable<string>> _split;

    /// <summary>Takes pieces in the order of their ids.</summary>
    /// <param name="pieces">Each with its score.</param>
    /// <param name="unknown">The id of what no piece spells.</param>
    /// <param name="normalize">What a stretch becomes first.</param>
    /// <param name="split">Cuts what that gave into words; told whether the whole text begins with it.</param>
    /// <param name="byteFallback">Whether what no piece spells is written as pieces such as &lt;0xE2&gt;, where all of them are there.</param>
    public UnigramPieces(
        IReadOnlyList<(string Piece, double Score)> pieces, int unknown, Func<string, string> normalize,
        Func<string, bool, IEnumerable<string>> split, bool byteFallback = false)
    {
        _scores = new double[pieces.Count];
        for (int id = 0; id < _scores.Length; id++)
        {
            _ids[pieces[id].Piece] = id;
            _scores[id] = pieces[id].Score;
            _longest = Math.Max(_longest, pieces[id].Piece.Length);
        }

        _bySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _unknown = unknown;
        _lowest = _scores.Min() - UnknownPenalty;
        _normalize = normalize;
        _split = split;
        _byteFallback = byteFallback;
    }

    public void Append(ReadOnlySpan<char> text, bool first, List<long> ids, int room)
    {
        foreach (string word in _split(_normalize(text.ToString()), first))
        {
            if (ids.Count >= room)
                return;
            AppendWord(word, ids);
        }
    }

    private void AppendWord(string word, List<long> ids)
    {
        if (word.Length == 0)
            return;
        // The best way to each place: its score, where its last piece starts, and whether that is unknown.
        (double Score, int Start, bool Unknown)[] best = new (double, int, bool)[word.Length + 1];
        Array.Fill(best, (0, -1, false));
        int characters;
        for (int start = 0; start < word.Length; start += characters)
        {
            double before = best[start].Score;
            bool spelled = false;
            characters = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            for (int length = 1; length <= Math.Min(_longest, word.Length - start); length++)
            {
                if (!_bySpan.TryGetValue(word.AsSpan(start, length), out int id))
                    continue;
                Offer(start, length, before + _scores[id], false);
                spelled |= length == characters;
            }

            if (!spelled)
                Offer(start, characters, before + _lowest, true);
        }

        List<(int Start, int End)> pieces = [];
        for (int end = word.Length; end > 0;)
        {
            int start = best[end].Start;
            bool unknown = best[end].Unknown;
            int whole = end;
            while (unknown && start > 0 && best[start].Unknown)
                start = best[start].Start;
            pieces.Add((start, whole));
            end = start;
        }

        pieces.Reverse();
        foreach ((int start, int end) in pieces)
            AppendPiece(word.AsSpan(start, end - start), ids);

        void Offer(int start, int length, double score, bool unknown)
        {
            ref (double Score, int Start, bool Unknown) target = ref best[start + length];
            if (target.Start < 0 || score > target.Score)
                target = (score, start, unknown);
        }
    }

    private void AppendPiece(ReadOnlySpan<char> piece, List<long> ids)
    {
        if (_bySpan.TryGetValue(piece, out int id))
        {
            ids.Add(id);
            return;
        }

        if (_byteFallback)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(piece.ToString());
            int[] found = [.. bytes.Select(value => _ids.GetValueOrDefault($"<0x{value:X2}>", -1))];
            if (!found.Contains(-1))
            {
                ids.AddRange(found.Select(value => (long)value));
                return;
            }
        }

        ids.Add(_unknown);
    }
}
