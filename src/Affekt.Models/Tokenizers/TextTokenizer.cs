using Affekt.Models.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>
/// Turns text into the ids that a published text network reads, the same ids as Hugging Face's tokenizers: WordPiece, byte-level byte pair
/// encoding, or SentencePiece's unigram model. Any string gets a result.
/// </summary>
public sealed class TextTokenizer : ITextTokenizer
{
    private readonly AddedTokens _added;
    private readonly ITokenPieces _pieces;
    private readonly long[] _before;
    private readonly long[] _behind;
    private readonly bool _cutsLeft;

    internal TextTokenizer(TokenizerDefinition parts)
    {
        _added = new AddedTokens(parts.Added);
        _pieces = parts.Pieces;
        _before = [.. parts.Before];
        _behind = [.. parts.Behind];
        _cutsLeft = parts.CutsLeft;
        MaxLength = parts.MaxLength;
        PaddingId = parts.PaddingId;
        LastId = parts.LastId;
    }

    /// <summary>The most ids of a text, special tokens included; what is beyond is cut off.</summary>
    public int MaxLength { get; }

    string ITextTokenizer.Settings => $"max_length {MaxLength}";

    /// <summary>The id that fills up the shorter sequences of a batch.</summary>
    public int PaddingId { get; }

    /// <summary>The highest id.</summary>
    public int LastId { get; }

    /// <summary>
    /// Reads a folder in Hugging Face's layout: tokenizer.json, or what came before it: vocab.txt, vocab.json with merges.txt, or
    /// sentencepiece.bpe.model; with tokenizer_config.json, special_tokens_map.json and added_tokens.json where they are.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="longest">The most ids that the network reads.</param>
    /// <exception cref="ModelException">A file is missing, or is not what it should be; or a step is not known here.</exception>
    public static TextTokenizer Load(string folder, int longest) => new(TokenizerFolder.Read(folder, longest));

    /// <summary>A text's ids between the special tokens; segments are all 0.</summary>
    public TokenSequence Encode(string text)
    {
        int room = Math.Max(0, MaxLength - _before.Length - _behind.Length);
        List<long> ids = [];
        _added.Append(text, _pieces, ids, _cutsLeft ? int.MaxValue : room);
        if (ids.Count > room)
            ids.RemoveRange(_cutsLeft ? 0 : room, ids.Count - room);
        long[] all = [.. _before, .. ids, .. _behind];
        return new TokenSequence(all, new long[all.Length]);
    }
}

/// <summary>What a tokenizer is made of.</summary>
internal sealed record TokenizerDefinition
{
    public required ITokenPieces Pieces { get; init; }

    public required IReadOnlyList<AddedToken> Added { get; init; }

    /// <summary>Ids before each text.</summary>
    public required IReadOnlyList<long> Before { get; init; }

    /// <summary>Ids after each text.</summary>
    public required IReadOnlyList<long> Behind { get; init; }

    public required int MaxLength { get; init; }

    public required int PaddingId { get; init; }

    public required int LastId { get; init; }

    /// <summary>Whether what is too long loses its beginning, not its end.</summary>
    public bool CutsLeft { get; init; }
}
