using System.Buffers;
using System.Runtime.InteropServices;

namespace Affekt.Models.Text;

/// <summary>
/// Turns text into the ids that BERT reads, the same ids as Hugging Face's BertTokenizer. Any string gets a result:
/// half a surrogate pair is dropped as U+FFFD is, and a word of more than 100 characters is one unknown token.
/// </summary>
public sealed class WordPieceTokenizer : ITextTokenizer
{
    private const string VocabularyFile = "vocab.txt";
    private const string ConfigurationFile = "tokenizer_config.json";

    // [CLS] text [SEP], and [CLS] text [SEP] text [SEP].
    private const int SpecialsOfOne = 2;
    private const int SpecialsOfPair = 3;

    private readonly KeyValuePair<string, int>[] _specials;
    private readonly SearchValues<string> _specialStarts;
    private readonly int _class;
    private readonly int _separator;

    /// <summary>Joins a vocabulary with the way to cut text.</summary>
    /// <exception cref="TokenizerException">The vocabulary lacks the unknown, class, separator or padding token.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="WordPieceOptions.MaxLength"/> is too small.</exception>
    public WordPieceTokenizer(WordPieceVocabulary vocabulary, WordPieceOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxLength, WordPieceOptions.LeastMaxLength);
        Vocabulary = vocabulary;
        Options = options;
        UnknownId = Special(options.UnknownToken);
        PaddingId = Special(options.PaddingToken);
        _class = Special(options.ClassToken);
        _separator = Special(options.SeparatorToken);

        Dictionary<string, int> specials = new()
        {
            [options.UnknownToken] = UnknownId,
            [options.PaddingToken] = PaddingId,
            [options.ClassToken] = _class,
            [options.SeparatorToken] = _separator,
        };
        if (vocabulary.Initial.TryFind(options.MaskToken, out int mask))
            specials[options.MaskToken] = mask;

        // Longest first: where two start at the same place, the longer one is meant.
        _specials = [.. specials.OrderByDescending(special => special.Key.Length)];
        _specialStarts = SearchValues.Create([.. specials.Keys], StringComparison.Ordinal);
    }

    /// <summary>The tokens and their ids.</summary>
    public WordPieceVocabulary Vocabulary { get; }

    /// <summary>How text is cleaned and cut.</summary>
    public WordPieceOptions Options { get; }

    string ITextTokenizer.Settings => $"{Options}";

    /// <summary>The id that fills up the shorter sequences of a batch.</summary>
    public int PaddingId { get; }

    internal int UnknownId { get; }

    /// <summary>
    /// Reads an encoder's folder in Hugging Face's layout: vocab.txt, and tokenizer_config.json where there is one.
    /// </summary>
    /// <exception cref="TokenizerException">A file cannot be used, or the vocabulary lacks a special token.</exception>
    public static WordPieceTokenizer Load(string folder)
    {
        string configuration = Path.Combine(folder, ConfigurationFile);
        WordPieceOptions options = File.Exists(configuration) ? WordPieceOptions.Read(configuration) : new();
        return new WordPieceTokenizer(WordPieceVocabulary.Load(Path.Combine(folder, VocabularyFile)), options);
    }

    /// <summary>[CLS] text [SEP]; what does not fit is cut off the text's end.</summary>
    public TokenSequence Encode(string text)
    {
        List<long> ids = [_class];
        Append(text, ids, Options.MaxLength - SpecialsOfOne);
        ids.Add(_separator);
        return new TokenSequence(ids.ToArray(), new long[ids.Count]);
    }

    /// <summary>
    /// [CLS] text [SEP] pair [SEP]; tokens that do not fit are cut off the end of the longer text until both are equally
    /// long, then off both.
    /// </summary>
    public TokenSequence Encode(string text, string pair)
    {
        List<long> first = [];
        List<long> second = [];
        Append(text, first, int.MaxValue);
        Append(pair, second, int.MaxValue);
        (int firstLength, int secondLength) = Fit(first.Count, second.Count, Options.MaxLength - SpecialsOfPair);

        List<long> ids = [_class, .. CollectionsMarshal.AsSpan(first)[..firstLength], _separator];
        int secondStart = ids.Count;
        ids.AddRange(CollectionsMarshal.AsSpan(second)[..secondLength]);
        ids.Add(_separator);

        long[] types = new long[ids.Count];
        types.AsSpan(secondStart).Fill(1);
        return new TokenSequence(ids.ToArray(), types);
    }

    /// <summary>Appends the ids of a text in which special tokens are text like any other.</summary>
    internal void AppendPlain(ReadOnlySpan<char> text, List<long> ids, int room)
    {
        WordPieceWriter writer = new(this, ids, room, stackalloc char[WordPieceWriter.BufferLength]);
        writer.Write(text);
    }

    // An odd place goes to the text that was longer, and to the second where they were equal.
    private static (int First, int Second) Fit(int first, int second, int room)
    {
        if (first + second <= room)
            return (first, second);

        int less = room / 2;
        int more = room - less;
        return first > second
            ? second <= less ? (room - second, second) : (more, less)
            : first <= less ? (first, room - first) : (less, more);
    }

    // Special tokens are found in the text as it came, before any clean-up, and are kept whole.
    private void Append(ReadOnlySpan<char> text, List<long> ids, int room)
    {
        WordPieceWriter writer = new(this, ids, room, stackalloc char[WordPieceWriter.BufferLength]);
        while (!text.IsEmpty && !writer.IsFull)
        {
            int start = text.IndexOfAny(_specialStarts);
            if (start < 0)
            {
                writer.Write(text);
                break;
            }

            writer.Write(text[..start]);
            text = text[start..];
            foreach ((string special, int id) in _specials)
            {
                if (text.StartsWith(special, StringComparison.Ordinal))
                {
                    writer.WriteId(id);
                    text = text[special.Length..];
                    break;
                }
            }
        }

        writer.Trim();
    }

    private int Special(string token) => Vocabulary.Initial.TryFind(token, out int id)
        ? id
        : throw new TokenizerException($"the vocabulary of {Vocabulary.Count} tokens lacks the special token {token}");
}
