using System.Text;

namespace Affekt.Models.Text;

/// <summary>
/// Reads text one character at a time, gathers words, and appends the ids of each word's pieces. Only the word at hand is
/// kept, so that the memory does not grow with the text.
/// </summary>
internal ref struct WordPieceWriter
{
    /// <summary>Room for the longest word that is looked up, all of it in surrogate pairs.</summary>
    public const int BufferLength = 2 * LongestWord;

    // In characters, not in UTF-16 units.
    public const int LongestWord = 100;

    private readonly WordPieceTokenizer _tokenizer;
    private readonly List<long> _ids;
    private readonly int _start;
    private readonly int _room;
    private readonly bool _lowerCase;
    private readonly bool _stripAccents;
    private readonly bool _separateIdeographs;
    private readonly Span<char> _word;
    private int _units;
    private int _characters;

    public WordPieceWriter(WordPieceTokenizer tokenizer, List<long> ids, int room, Span<char> buffer)
    {
        _tokenizer = tokenizer;
        _ids = ids;
        _start = ids.Count;
        _room = room;
        _lowerCase = tokenizer.Options.LowerCase;
        _stripAccents = tokenizer.Options.StripAccents ?? _lowerCase;
        _separateIdeographs = tokenizer.Options.SeparateIdeographs;
        _word = buffer;
    }

    /// <summary>Whether what follows would be cut off.</summary>
    public readonly bool IsFull => _ids.Count - _start >= _room;

    public readonly void WriteId(int id) => _ids.Add(id);

    /// <summary>Cuts off what does not fit: a word's pieces may end beyond the room.</summary>
    public readonly void Trim()
    {
        if (IsFull)
            _ids.RemoveRange(_start + _room, _ids.Count - _start - _room);
    }

    /// <summary>Appends the pieces of a stretch of text; its end ends a word.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (BertCharacters.IsSpace(rune))
            {
                EndWord();
            }
            else if (!BertCharacters.IsRemoved(rune))
            {
                WriteKept(rune);
            }

            if (IsFull)
                return;
        }

        EndWord();
    }

    private void WriteKept(Rune rune)
    {
        bool alone = _separateIdeographs && BertCharacters.IsIdeograph(rune);
        if (alone)
            EndWord();

        if (_stripAccents && !rune.IsAscii)
        {
            Span<Rune> parts = stackalloc Rune[CanonicalBases.Most];
            foreach (Rune part in parts[..CanonicalBases.Write(rune, parts)])
                WriteCased(part);
        }
        else
        {
            WriteCased(rune);
        }

        if (alone)
            EndWord();
    }

    private void WriteCased(Rune rune)
    {
        if (!_lowerCase)
        {
            WriteNormalized(rune);
            return;
        }

        WriteNormalized(BertCharacters.Lower(rune, out Rune? mark));
        if (mark is Rune dot)
            WriteNormalized(dot);
    }

    private void WriteNormalized(Rune rune)
    {
        if (BertCharacters.IsPunctuation(rune))
        {
            EndWord();
            AddToWord(rune);
            EndWord();
        }
        else
        {
            AddToWord(rune);
        }
    }

    private void AddToWord(Rune rune)
    {
        _characters++;
        if (_characters <= LongestWord)
            _units += rune.EncodeToUtf16(_word[_units..]);
    }

    private void EndWord()
    {
        if (_characters > LongestWord)
        {
            _ids.Add(_tokenizer.UnknownId);
        }
        else if (_characters > 0)
        {
            WritePieces(_word[.._units]);
        }

        _units = 0;
        _characters = 0;
    }

    // Greedy: from the left, always the longest piece. A word that cannot be spelled to its end is unknown as a whole.
    private readonly void WritePieces(ReadOnlySpan<char> word)
    {
        int before = _ids.Count;
        WordPieceVocabulary.Pieces pieces = _tokenizer.Vocabulary.Initial;
        while (!word.IsEmpty)
        {
            int length = Math.Min(word.Length, pieces.Longest);
            int id = 0;
            while (length > 0 && !pieces.TryFind(word[..length], out id))
                length--;

            if (length == 0)
            {
                _ids.RemoveRange(before, _ids.Count - before);
                _ids.Add(_tokenizer.UnknownId);
                return;
            }

            _ids.Add(id);
            word = word[length..];
            pieces = _tokenizer.Vocabulary.Continuing;
        }
    }
}
