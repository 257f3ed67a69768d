namespace Affekt.Models.Tokenizers;

/// <summary>A token that is found in a text as it came, before the text is cut.</summary>
/// <param name="Content">How it is written.</param>
/// <param name="Id">Its row of the embedding.</param>
internal sealed record AddedToken(string Content, int Id)
{
    /// <summary>Whether white space before it belongs to it.</summary>
    public bool TakesLeft { get; init; }

    /// <summary>Whether white space behind it belongs to it.</summary>
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
