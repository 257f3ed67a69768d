namespace Affekt.Models.Tokenizers;

/// <summary>Finds out what a folder's tokenizer is, as transformers does: tokenizer.json first, then the files of before.</summary>
internal static class TokenizerFolder
{
    private static readonly string[] _specials = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public static TokenizerDefinition Read(string folder, int longest)
    {
        TokenizerSettings settings = TokenizerSettings.Read(folder);
        string? Existing(string name) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : null;
        if (Existing("tokenizer.json") is { } whole)
            return TokenizerJson.Read(whole, settings, longest);
        if (Existing("vocab.txt") is { } words)
            return OlderTokenizers.WordPiece(words, settings, longest);
        if (Existing("vocab.json") is { } tokens && Existing("merges.txt") is { } merges)
            return OlderTokenizers.ByteLevel(tokens, merges, settings, longest);
        if (Existing("sentencepiece.bpe.model") is { } pieces)
            return OlderTokenizers.SentencePiece(pieces, settings, longest);
        throw new ModelException(
            folder, null, "no tokenizer", "tokenizer.json, vocab.txt, vocab.json with merges.txt, or sentencepiece.bpe.model");
    }

    /// <summary>
    /// Added tokens by their text: those that the vocabulary's file lists, then those of the settings, whose rules count where both have one.
    /// </summary>
    /// <param name="listed">What the vocabulary's file lists.</param>
    /// <param name="settings">What the settings say.</param>
    /// <param name="find">A token's id in the vocabulary, or null.</param>
    public static IReadOnlyList<AddedToken> Added(IEnumerable<AddedToken> listed, TokenizerSettings settings, Func<string, int?> find)
    {
        Dictionary<string, AddedToken> tokens = new(StringComparer.Ordinal);
        foreach (AddedToken token in listed)
            tokens[token.Content] = token;
        if (settings.AddedFile is { } file)
        {
            foreach ((string content, JsonField id) in file.Members())
                tokens.TryAdd(content, new AddedToken(content, id.Count()));
        }

        if (settings.AddedDecoder is { } decoder)
        {
            foreach ((string id, JsonField rules) in decoder.Members())
            {
                AddedToken token = AddedToken.Read(
                    rules, int.TryParse(id, null, out int number) && number >= 0 ? number : throw rules.Wrong($"the id \"{id}\"", "a whole number"));
                tokens[token.Content] = token;
            }
        }

        foreach (string name in _specials)
        {
            if (settings.Special(name) is not { } part)
                continue;
            AddedToken token = AddedToken.Read(part, 0);
            int? id = tokens.TryGetValue(token.Content, out AddedToken? known) ? known.Id : find(token.Content);
            if (id is { } number && (known is null || part.IsObject))
                tokens[token.Content] = token with { Id = number };
        }

        return [.. tokens.Values];
    }
}
