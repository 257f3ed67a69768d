using Affekt.Models.Text;

namespace Affekt.Models.Tokenizers;

/// <summary>Reads tokenizer.json, in which Hugging Face's tokenizers keep all of their steps.</summary>
internal static class TokenizerJson
{
    public static TokenizerDefinition Read(string file, TokenizerSettings settings, int longest)
    {
        JsonField root = JsonField.Read(file);
        JsonField model = root.Get("model");
        AddedToken[] listed = [.. root.Find("added_tokens")?.Elements().Select(token => AddedToken.Read(token, token.Get("id").Count())) ?? []];
        string type = model.Find("type")?.Text() ?? (model.Find("merges") is null ? "WordPiece" : "BPE");
        return type switch
        {
            "WordPiece" => WordPiece(root, model, listed, settings, longest),
            "BPE" => ByteLevel(root, model, listed, settings, longest),
            "Unigram" => Unigram(root, model, listed, settings, longest),
            _ => throw model.Get("type").Wrong($"\"{type}\"", "WordPiece, BPE or Unigram"),
        };
    }

    private static TokenizerDefinition WordPiece(JsonField root, JsonField model, AddedToken[] listed, TokenizerSettings settings, int longest)
    {
        const string Cleaner = "BertNormalizer", Cutter = "BertPreTokenizer";
        Require(root.Get("normalizer").Get("type"), Cleaner);
        Require(root.Get("pre_tokenizer").Get("type"), Cutter);
        if (model.Find("continuing_subword_prefix") is { } prefix)
            Require(prefix, "##");
        if (model.Find("max_input_chars_per_word") is { } most && most.Count() != WordPieceWriter.LongestWord)
            throw most.Wrong(most.Short, $"{WordPieceWriter.LongestWord}");
        Dictionary<string, int> vocabulary = Vocabulary(model, listed);
        string[] tokens = new string[vocabulary.Values.Max() + 1];
        Array.Fill(tokens, "");
        foreach ((string token, int id) in vocabulary)
            tokens[id] = token;
        WordPieceOptions options = OlderTokenizers.Options(settings);
        if (settings.IsGeneric)
        {
            JsonField clean = root.Get("normalizer");
            options = options with
            {
                LowerCase = clean.Get("lowercase").Flag(),
                StripAccents = clean.Find("strip_accents")?.Flag(),
                SeparateIdeographs = clean.Find("handle_chinese_chars")?.Flag() ?? true,
            };
        }

        TokenizerDefinition parts = OlderTokenizers.WordPiece(new WordPieceVocabulary(tokens), options, listed, settings, root.File, longest);
        return WithTemplate(parts, root, vocabulary);
    }

    private static TokenizerDefinition ByteLevel(JsonField root, JsonField model, AddedToken[] listed, TokenizerSettings settings, int longest)
    {
        JsonField cutter = root.Get("pre_tokenizer");
        Require(cutter.Get("type"), "ByteLevel");
        if (root.Find("normalizer") is { } normalizer)
            throw normalizer.Wrong(normalizer.Short, "none before byte-level pieces");
        foreach (string name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Find(name) is { } affix && affix.Text().Length > 0)
                throw affix.Wrong(affix.Short, "none");
        }

        if (model.Find("byte_fallback")?.Flag() == true)
            throw model.Get("byte_fallback").Wrong("true", "false");
        Dictionary<string, int> vocabulary = Vocabulary(model, listed);
        bool prefix = (settings.IsGeneric ? null : settings.Flag("add_prefix_space")) ?? cutter.Find("add_prefix_space")?.Flag() ?? false;
        int? unknown = model.Find("unk_token") is { } token && vocabulary.TryGetValue(token.Text(), out int id) ? id : null;
        ByteLevelPieces pieces = OlderTokenizers.BytePieces(
            root.File, vocabulary, Merges(model.Get("merges")), unknown, prefix, cutter.Find("use_regex")?.Flag() ?? true,
            model.Find("ignore_merges")?.Flag() ?? false);
        TokenizerDefinition parts = OlderTokenizers.Fenced(root.File, pieces, listed, settings, longest, Finder(vocabulary), vocabulary.Values.Max());
        return WithTemplate(parts, root, vocabulary);
    }

    private static TokenizerDefinition Unigram(JsonField root, JsonField model, AddedToken[] listed, TokenizerSettings settings, int longest)
    {
        List<(string Piece, double Score)> pieces = [];
        foreach (JsonField entry in model.Get("vocab").Elements())
        {
            JsonField[] pair = [.. entry.Elements()];
            pieces.Add(pair.Length == 2 ? (pair[0].Text(), pair[1].Number()) : throw entry.Wrong(entry.Short, "a piece and its score"));
        }

        if (pieces.Count == 0)
            throw model.Get("vocab").Wrong("nothing", "pieces with their scores");
        UnigramPieces unigram = new(
            pieces, model.Get("unk_id").Count(0, pieces.Count - 1), TextSteps.Normalizer(root.Find("normalizer")), Splitter(root.Find("pre_tokenizer"), settings),
            model.Find("byte_fallback")?.Flag() ?? false);
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++)
            vocabulary[pieces[id].Piece] = id;
        foreach (AddedToken token in listed)
            vocabulary[token.Content] = token.Id;
        TokenizerDefinition parts = OlderTokenizers.Fenced(root.File, unigram, listed, settings, longest, Finder(vocabulary), vocabulary.Values.Max());
        return WithTemplate(parts, root, vocabulary);
    }

    private static Func<string, bool, IEnumerable<string>> Splitter(JsonField? part, TokenizerSettings settings)
    {
        if (part is not { } step)
            return (text, _) => [text];
        switch (step.Get("type").Text())
        {
            case "Sequence":
                Func<string, bool, IEnumerable<string>>[] steps = [.. step.Get("pretokenizers").Elements().Select(inner => Splitter(inner, settings))];
                return (text, first) => steps.Aggregate(
                    (IEnumerable<string>)[text], (stretches, next) => stretches.SelectMany((stretch, i) => next(stretch, first && i == 0)));
            case "WhitespaceSplit":
                return (text, _) => TextSteps.Words(text);
            case "Metaspace":
                string scheme = step.Find("prepend_scheme")?.Text() ?? (step.Find("add_prefix_space")?.Flag() ?? true ? "always" : "never");
                if (!settings.IsGeneric && settings.Flag("add_prefix_space") == false)
                    scheme = "never";
                string mark = step.Find("replacement")?.Text() ?? $"{TextSteps.Mark}";
                if (mark.Length != 1)
                    throw step.Get("replacement").Wrong(step.Get("replacement").Short, "one character");
                bool split = step.Find("split")?.Flag() ?? true;
                return (text, first) => TextSteps.Marked([text], scheme == "always" || (scheme == "first" && first), split, mark[0]);
            case var other:
                throw step.Get("type").Wrong($"\"{other}\"", "Sequence, WhitespaceSplit or Metaspace");
        }
    }

    // What stands around one text; where the file says nothing, what the class puts there.
    private static TokenizerDefinition WithTemplate(TokenizerDefinition parts, JsonField root, Dictionary<string, int> vocabulary)
    {
        if (root.Find("post_processor") is not { } template)
            return parts;
        switch (template.Get("type").Text())
        {
            case "RobertaProcessing" or "BertProcessing":
                return parts with { Before = [IdOf(template.Get("cls"))], Behind = [IdOf(template.Get("sep"))] };
            case "TemplateProcessing":
                List<long> before = [], behind = [];
                List<long> current = before;
                foreach (JsonField piece in template.Get("single").Elements())
                {
                    if (piece.Find("Sequence") is not null)
                        current = behind;
                    else
                        current.AddRange(Ids(piece.Get("SpecialToken").Get("id")));
                }

                return parts with { Before = before, Behind = behind };
            case "Sequence":
                return template.Get("processors").Elements().Where(inner => inner.Get("type").Text() != "ByteLevel").Aggregate(
                    parts, (result, _) => throw template.Wrong(template.Short, "one step, or ByteLevel ones"));
            case "ByteLevel":
                return parts;
            case var other:
                throw template.Get("type").Wrong($"\"{other}\"", "RobertaProcessing, BertProcessing, TemplateProcessing or ByteLevel");
        }

        IEnumerable<long> Ids(JsonField name) => template.Find("special_tokens")?.Find(name.Text()) is { } special
            ? special.Get("ids").Elements().Select(id => (long)id.Count())
            : [vocabulary.TryGetValue(name.Text(), out int id) ? id : throw name.Wrong(name.Short, "a token of the vocabulary")];

        long IdOf(JsonField pair)
        {
            JsonField[] both = [.. pair.Elements()];
            return both.Length == 2 ? both[1].Count() : throw pair.Wrong(pair.Short, "a token and its id");
        }
    }

    private static Dictionary<string, int> Vocabulary(JsonField model, AddedToken[] listed)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        foreach ((string token, JsonField id) in model.Get("vocab").Members())
            vocabulary[token] = id.Count(0, 1 << 24);
        foreach (AddedToken token in listed)
            vocabulary[token.Content] = token.Id;
        return vocabulary.Count > 0 ? vocabulary : throw model.Get("vocab").Wrong("nothing", "tokens and their ids");
    }

    private static IEnumerable<(string Left, string Right)> Merges(JsonField merges)
    {
        foreach (JsonField merge in merges.Elements())
        {
            string[] parts = merge.IsArray ? [.. merge.Elements().Select(part => part.Text())] : merge.Text().Split(' ');
            yield return parts.Length == 2 ? (parts[0], parts[1]) : throw merge.Wrong(merge.Short, "two tokens");
        }
    }

    private static Func<string, int?> Finder(Dictionary<string, int> vocabulary) => token => vocabulary.TryGetValue(token, out int id) ? id : null;

    private static void Require(JsonField part, string expected)
    {
        if (part.Text() != expected)
            throw part.Wrong(part.Short, $"\"{expected}\"");
    }
}
