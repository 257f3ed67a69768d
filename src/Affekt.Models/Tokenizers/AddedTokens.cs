using System.Buffers;
using System.Globalization;
using System.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>Finds added tokens in a text, from the left and always the longest, and has what is between them cut into pieces.</summary>
internal sealed class AddedTokens
{
    private readonly AddedToken[] _tokens;
    private readonly SearchValues<string> _starts;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _tokens = [.. tokens.Where(token => token.Content.Length > 0).OrderByDescending(token => token.Content.Length)];
        _starts = SearchValues.Create([.. _tokens.Select(token => token.Content)], StringComparison.Ordinal);
    }

    /// <summary>Appends a text's ids, at least as many as are wanted or all.</summary>
    public void Append(ReadOnlySpan<char> text, ITokenPieces pieces, List<long> ids, int room)
    {
        int done = 0, search = 0;
        while (_tokens.Length > 0 && search < text.Length && ids.Count < room)
        {
            int at = text[search..].IndexOfAny(_starts);
            if (at < 0)
                break;
            int start = search + at;
            AddedToken? token = Longest(text, start);
            int end = start + token!.Content.Length;
            search = end;
            if (token.IsWord && (EndsWithWord(text[..start]) || BeginsWithWord(text[end..])))
                continue;
            if (token.TakesLeft)
                start = Math.Max(done, Trimmed(text[..start]));
            if (token.TakesRight)
            {
                while (end < text.Length && char.IsWhiteSpace(text[end]))
                    end++;
            }

            if (start > done)
                pieces.Append(text[done..start], done == 0, ids, room);
            ids.Add(token.Id);
            done = end;
            search = Math.Max(search, end);
        }

        if (done < text.Length && ids.Count < room)
            pieces.Append(text[done..], done == 0, ids, room);
    }

    private AddedToken? Longest(ReadOnlySpan<char> text, int start)
    {
        foreach (AddedToken token in _tokens)
        {
            if (text[start..].StartsWith(token.Content, StringComparison.Ordinal))
                return token;
        }

        return null;
    }

    private static int Trimmed(ReadOnlySpan<char> text)
    {
        int end = text.Length;
        while (end > 0 && char.IsWhiteSpace(text[end - 1]))
            end--;
        return end;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out Rune last, out _) == OperationStatus.Done && IsWord(last);

    private static bool BeginsWithWord(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out Rune next, out _) == OperationStatus.Done && IsWord(next);

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.LetterNumber;
}

/// <summary>A token that is found in a text as it came, before the text is cut.</summary>
/// <param name="Content">How it is written.</param>
/// <param name="Id">Its row of the embedding.</param>
internal sealed record AddedToken(string Content, int Id)
{
    /// <summary>Whether white space before it belongs to it.</summary>
    public bool TakesLeft { get; init; }

    /// <summary>Whether white space after it belongs to it.</summary>
    public bool TakesRight { get; init; }

    /// <summary>Whether it is found only where no letter, digit or underscore touches it.</summary>
    public bool IsWord { get; init; }

    /// <summary>Reads the rules that a file states about a token: an object, or only its text.</summary>
    public static AddedToken Read(JsonField part, int id)
    {
        if (!part.IsObject)
            return new AddedToken(part.Text(), id);
        return new AddedToken(part.Get("content").Text(), id)
        {
            TakesLeft = part.Find("lstrip")?.Flag() ?? false,
            TakesRight = part.Find("rstrip")?.Flag() ?? false,
            IsWord = part.Find("single_word")?.Flag() ?? false,
        };
    }
}
