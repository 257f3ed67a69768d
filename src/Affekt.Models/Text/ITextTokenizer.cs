namespace Affekt.Models.Text;

/// <summary>Turns text into the ids that a text network reads. Any number of threads may call it at once.</summary>
public interface ITextTokenizer
{
    /// <summary>What its ids depend on beside its files, for keys of stored features.</summary>
    string Settings { get; }

    /// <summary>A text's ids between the special tokens; what does not fit is cut off. Any string gets a result.</summary>
    TokenSequence Encode(string text);
}

/// <summary>What a BERT reads for one text or one pair of texts: special tokens included, no padding.</summary>
/// <param name="Ids">Rows of the vocabulary, [T], T from 2 to <see cref="WordPieceOptions.MaxLength"/>.</param>
/// <param name="TypeIds">
/// [T]: 0 for [CLS], the first text and its [SEP]; 1 for the second text and its [SEP].
/// </param>
public sealed record TokenSequence(ReadOnlyMemory<long> Ids, ReadOnlyMemory<long> TypeIds);
