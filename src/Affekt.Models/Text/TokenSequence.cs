namespace Affekt.Models.Text;

/// <summary>What a BERT reads for one text or one pair of texts: special tokens included, no padding.</summary>
/// <param name="Ids">Rows of the vocabulary, [T], T from 2 to <see cref="WordPieceOptions.MaxLength"/>.</param>
/// <param name="TypeIds">
/// [T]: 0 for [CLS], the first text and its [SEP]; 1 for the second text and its [SEP].
/// </param>
public sealed record TokenSequence(ReadOnlyMemory<long> Ids, ReadOnlyMemory<long> TypeIds);
