using System.Text;

namespace Affekt.Models.Text;

/// <summary>WordPiece's tokens; a token's index is its id, and its row of the embedding.</summary>
public sealed class WordPieceVocabulary
{
    private const string ContinuationPrefix = "##";

    private readonly string[] _tokens;

    /// <summary>Takes the tokens in the order of their ids. Of a token that comes twice the later id counts.</summary>
    public WordPieceVocabulary(IEnumerable<string> tokens)
    {
        _tokens = [.. tokens];
        Initial = new Pieces(_tokens.Length);
        Continuing = new Pieces(_tokens.Length);
        for (int id = 0; id < _tokens.Length; id++)
        {
            string token = _tokens[id];
            Initial.Add(token, id);
            if (token.StartsWith(ContinuationPrefix, StringComparison.Ordinal))
                Continuing.Add(token[ContinuationPrefix.Length..], id);
        }
    }

    /// <summary>How many tokens there are.</summary>
    public int Count => _tokens.Length;

    /// <summary>Tokens as they are written: what a word may begin with.</summary>
    internal Pieces Initial { get; }

    /// <summary>Tokens that carry on within a word, without their prefix.</summary>
    internal Pieces Continuing { get; }

    /// <summary>The token with this id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not between 0 and <see cref="Count"/> - 1.</exception>
    public string TokenOf(long id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, _tokens.Length);
        return _tokens[id];
    }

    /// <summary>Reads <c>vocab.txt</c>: UTF-8, one token per line.</summary>
    /// <exception cref="TokenizerException">The file cannot be read, is empty or is not UTF-8.</exception>
    public static WordPieceVocabulary Load(string path)
    {
        try
        {
            string[] lines = File.ReadAllLines(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return lines.Length > 0
                ? new WordPieceVocabulary(lines)
                : throw new TokenizerException($"{path}: expected one token per line, found an empty file");
        }
        catch (DecoderFallbackException error)
        {
            throw new TokenizerException($"{path}: expected UTF-8 text, found other bytes: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"{path}: no readable vocabulary: {error.Message}", error);
        }
    }

    /// <summary>Pieces looked up by parts of a text, without a string for each.</summary>
    internal sealed class Pieces
    {
        private readonly Dictionary<string, int> _ids;
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

        public Pieces(int capacity)
        {
            _ids = new Dictionary<string, int>(capacity, StringComparer.Ordinal);
            _bySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        /// <summary>Characters of the longest piece.</summary>
        public int Longest { get; private set; }

        // An empty line takes an id but is found in no text, or it would be found everywhere.
        public void Add(string piece, int id)
        {
            if (piece.Length == 0)
                return;

            _ids[piece] = id;
            Longest = Math.Max(Longest, piece.Length);
        }

        public bool TryFind(ReadOnlySpan<char> piece, out int id) => _bySpan.TryGetValue(piece, out id);
    }
}

/// <summary>A vocabulary or a tokenizer's configuration cannot be used; the message says what, where and why.</summary>
public sealed class TokenizerException : Exception
{
    /// <summary>Creates the exception with its message.</summary>
    public TokenizerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its message and what led to it.</summary>
    public TokenizerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
