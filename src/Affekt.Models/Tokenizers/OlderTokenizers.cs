using System.Text;
using Affekt.Models.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>Tokenizers from the files that repositories had before tokenizer.json.</summary>
internal static class OlderTokenizers
{
    public static TokenizerDefinition WordPiece(string file, TokenizerSettings settings, int longest)
    {
        WordPieceVocabulary vocabulary = Load(file);
        return WordPiece(vocabulary, Options(settings), [], settings, file, longest);
    }

    /// <summary>WordPiece from its vocabulary; special tokens are those of the settings.</summary>
    public static TokenizerDefinition WordPiece(
        WordPieceVocabulary vocabulary, WordPieceOptions options, IReadOnlyList<AddedToken> listed, TokenizerSettings settings, string file,
        int longest)
    {
        WordPieceTokenizer tokenizer;
        try
        {
            tokenizer = new WordPieceTokenizer(vocabulary, options);
        }
        catch (TokenizerException e)
        {
            throw new ModelException(file, null, e.Message, "a vocabulary with its special tokens", e);
        }

        string[] specials = [options.UnknownToken, options.SeparatorToken, options.PaddingToken, options.ClassToken, options.MaskToken];
        IEnumerable<AddedToken> own = specials.Where(token => Find(token) is not null).Select(token => new AddedToken(token, Find(token)!.Value));
        IReadOnlyList<AddedToken> added = TokenizerFolder.Added(listed.Count > 0 ? listed : own, settings, Find);
        return new TokenizerDefinition
        {
            Pieces = new WordPieces(tokenizer),
            Added = added,
            Before = [Find(options.ClassToken)!.Value],
            Behind = [Find(options.SeparatorToken)!.Value],
            MaxLength = settings.MaxLength(longest),
            PaddingId = tokenizer.PaddingId,
            LastId = added.Select(token => token.Id).Append(vocabulary.Count - 1).Max(),
            CutsLeft = settings.CutsLeft,
        };

        int? Find(string token) => vocabulary.Initial.TryFind(token, out int id) ? id : null;
    }

    /// <summary>How words are cleaned, as the settings say; a field that they lack has the published classes' default.</summary>
    public static WordPieceOptions Options(TokenizerSettings settings)
    {
        WordPieceOptions defaults = new();
        return new WordPieceOptions
        {
            LowerCase = settings.Flag("do_lower_case") ?? defaults.LowerCase,
            StripAccents = settings.Flag("strip_accents"),
            SeparateIdeographs = settings.Flag("tokenize_chinese_chars") ?? defaults.SeparateIdeographs,
            UnknownToken = settings.SpecialText("unk_token", defaults.UnknownToken),
            ClassToken = settings.SpecialText("cls_token", defaults.ClassToken),
            SeparatorToken = settings.SpecialText("sep_token", defaults.SeparatorToken),
            PaddingToken = settings.SpecialText("pad_token", defaults.PaddingToken),
            MaskToken = settings.SpecialText("mask_token", defaults.MaskToken),
        };
    }

    public static TokenizerDefinition ByteLevel(string vocabularyFile, string mergesFile, TokenizerSettings settings, int longest)
    {
        Dictionary<string, int> vocabulary = JsonField.Read(vocabularyFile).Members()
            .ToDictionary(entry => entry.Name, entry => entry.Value.Count(), StringComparer.Ordinal);
        ITokenPieces pieces = BytePieces(
            mergesFile, vocabulary, Merges(mergesFile), null, settings.Flag("add_prefix_space") ?? false);
        return Fenced(vocabularyFile, pieces, [], settings, longest, token => vocabulary.TryGetValue(token, out int id) ? id : null, vocabulary.Values.Max());
    }

    /// <summary>Byte-level pieces; merges that do not fit are told by file.</summary>
    public static ByteLevelPieces BytePieces(
        string file, Dictionary<string, int> vocabulary, IEnumerable<(string Left, string Right)> merges, int? unknown, bool prefixSpace,
        bool splits = true, bool wholeWords = false)
    {
        try
        {
            return new ByteLevelPieces(vocabulary, merges, unknown, prefixSpace, splits, wholeWords);
        }
        catch (FormatException e)
        {
            throw new ModelException(file, null, e.Message, "merges of tokens to tokens", e);
        }
    }

    public static TokenizerDefinition SentencePiece(string file, TokenizerSettings settings, int longest)
    {
        SentencePieceFile model = SentencePieceFile.Read(file);
        // fairseq, in which XLM-R was trained, begins with four special tokens where SentencePiece has three.
        List<(string Piece, double Score)> pieces =
            [("<s>", 0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0), .. model.Pieces.Skip(3), ("<mask>", 0)];
        CharacterMap? map = model.Map;
        UnigramPieces unigram = new(
            pieces, 3, text => map is null ? text : map.Apply(text), (text, _) => TextSteps.Marked(TextSteps.Words(text), settings.Flag("add_prefix_space") ?? true));
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++)
            ids[pieces[id].Piece] = id;
        return Fenced(file, unigram, [], settings, longest, token => ids.TryGetValue(token, out int id) ? id : null, pieces.Count - 1);
    }

    /// <summary>A tokenizer that puts RoBERTa's special tokens around a text: those that stand for class and separator.</summary>
    public static TokenizerDefinition Fenced(
        string file, ITokenPieces pieces, IReadOnlyList<AddedToken> listed, TokenizerSettings settings, int longest, Func<string, int?> find, int lastId)
    {
        (string Name, string Token)[] specials = [("cls_token", "<s>"), ("sep_token", "</s>"), ("pad_token", "<pad>"), ("unk_token", "<unk>"), ("mask_token", "<mask>")];
        string[] own = [.. specials.Select(special => settings.SpecialText(special.Name, special.Token))];
        IReadOnlyList<AddedToken> added = TokenizerFolder.Added(
            listed.Count > 0 ? listed : own.Where(token => find(token) is not null).Select(token => new AddedToken(token, find(token)!.Value)), settings, find);
        return new TokenizerDefinition
        {
            Pieces = pieces,
            Added = added,
            Before = [Need(own[0])],
            Behind = [Need(own[1])],
            PaddingId = Need(own[2]),
            MaxLength = settings.MaxLength(longest),
            LastId = added.Select(token => token.Id).Append(lastId).Max(),
            CutsLeft = settings.CutsLeft,
        };

        int Need(string token) => added.FirstOrDefault(other => other.Content == token)?.Id ?? find(token)
            ?? throw new ModelException(file, null, $"no token {token}", "the special tokens among the others");
    }

    private static WordPieceVocabulary Load(string file)
    {
        try
        {
            return WordPieceVocabulary.Load(file);
        }
        catch (TokenizerException e)
        {
            throw new ModelException(file, null, e.Message, "one token per line", e);
        }
    }

    // Lines of two tokens, after one that tells the version.
    private static IEnumerable<(string Left, string Right)> Merges(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllText(file, new UTF8Encoding(false, throwOnInvalidBytes: true)).Split('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new ModelException(file, null, e.Message, "merges, one per line", e);
        }

        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r');
            if (line.Length == 0 || (i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))
                continue;
            string[] parts = line.Split(' ');
            yield return parts.Length == 2
                ? (parts[0], parts[1])
                : throw new ModelException(file, $"line {i + 1}", $"\"{line}\"", "two tokens with a space between");
        }
    }
}
