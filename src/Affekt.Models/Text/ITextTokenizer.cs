namespace Affekt.Models.Text;

/// <summary>Turns text into the ids that a text network reads. Any number of threads may call it at once.</summary>
public interface ITextTokenizer
{
    /// <summary>What its ids depend on beside its files, for keys of stored features.</summary>
    string Settings { get; }

    /// <summary>A text's ids between the special tokens; what does not fit is cut off. Any string gets a result.</summary>
    TokenSequence Encode(string text);
}
