using Affekt.Models.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>WordPiece, as <see cref="WordPieceTokenizer"/> has it.</summary>
internal sealed class WordPieces(WordPieceTokenizer tokenizer) : ITokenPieces
{
    public void Append(ReadOnlySpan<char> text, bool first, List<long> ids, int room) => tokenizer.AppendPlain(text, ids, room - ids.Count);
}
