using Affekt.Models.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>Cuts text that holds no special token into pieces of a vocabulary.</summary>
internal interface ITokenPieces
{
    /// <summary>Appends the ids of a stretch of text.</summary>
    /// <param name="text">The stretch, as it came.</param>
    /// <param name="first">Whether the whole text begins with it.</param>
    /// <param name="ids">Where to.</param>
    /// <param name="room">How many ids are wanted; what is beyond may be left out.</param>
    void Append(ReadOnlySpan<char> text, bool first, List<long> ids, int room);
}

/// <summary>WordPiece, as <see cref="WordPieceTokenizer"/> has it.</summary>
internal sealed class WordPieces(WordPieceTokenizer tokenizer) : ITokenPieces
{
    public void Append(ReadOnlySpan<char> text, bool first, List<long> ids, int room) => tokenizer.AppendPlain(text, ids, room - ids.Count);
}
