using System.Text.Json;

namespace Affekt.Models.Text;

/// <summary>How text is cleaned and cut before its pieces are looked up. The defaults are bert-base-uncased's.</summary>
public sealed record WordPieceOptions
{
    /// <summary>The default of <see cref="MaxLength"/>: the positions that BERT was trained with.</summary>
    public const int DefaultMaxLength = 512;

    /// <summary>The least <see cref="MaxLength"/>: a pair's three special tokens.</summary>
    public const int LeastMaxLength = 3;

    // Files without a limit of their own hold 1e30 here.
    private const double NoLimit = 1e9;

    /// <summary>Lower-case the text; literal special tokens are left alone. Default true.</summary>
    public bool LowerCase { get; init; } = true;

    /// <summary>Drop accents, so that "é" reads as "e". Default null: as <see cref="LowerCase"/> says.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Make every CJK ideograph a word of its own. Default true.</summary>
    public bool SeparateIdeographs { get; init; } = true;

    /// <summary>
    /// The most tokens that a sequence may have, special tokens included; what is beyond is cut off. At least
    /// <see cref="LeastMaxLength"/>, default <see cref="DefaultMaxLength"/>.
    /// </summary>
    public int MaxLength { get; init; } = DefaultMaxLength;

    /// <summary>Stands for a word that the vocabulary cannot spell. Default [UNK].</summary>
    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>Opens every sequence. Default [CLS].</summary>
    public string ClassToken { get; init; } = "[CLS]";

    /// <summary>Closes every text. Default [SEP].</summary>
    public string SeparatorToken { get; init; } = "[SEP]";

    /// <summary>Fills up the shorter sequences of a batch. Default [PAD].</summary>
    public string PaddingToken { get; init; } = "[PAD]";

    /// <summary>Hides a token; a vocabulary may lack it. Default [MASK].</summary>
    public string MaskToken { get; init; } = "[MASK]";

    /// <summary>
    /// Reads <c>tokenizer_config.json</c> as Hugging Face writes it. A field that is absent or null keeps its default.
    /// </summary>
    /// <exception cref="TokenizerException">The file cannot be read, is no JSON object, or a field has a wrong type or
    /// value.</exception>
    public static WordPieceOptions Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            Fields fields = new(path, document.RootElement);
            WordPieceOptions defaults = new();
            return new WordPieceOptions
            {
                LowerCase = fields.Flag("do_lower_case") ?? defaults.LowerCase,
                StripAccents = fields.Flag("strip_accents"),
                SeparateIdeographs = fields.Flag("tokenize_chinese_chars") ?? defaults.SeparateIdeographs,
                MaxLength = fields.Length("model_max_length") ?? defaults.MaxLength,
                UnknownToken = fields.Token("unk_token") ?? defaults.UnknownToken,
                ClassToken = fields.Token("cls_token") ?? defaults.ClassToken,
                SeparatorToken = fields.Token("sep_token") ?? defaults.SeparatorToken,
                PaddingToken = fields.Token("pad_token") ?? defaults.PaddingToken,
                MaskToken = fields.Token("mask_token") ?? defaults.MaskToken,
            };
        }
        // InvalidOperationException: a JSON string that holds half a surrogate pair.
        catch (Exception error) when (error
            is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new TokenizerException($"{path}: no readable tokenizer configuration: {error.Message}", error);
        }
    }

    private readonly struct Fields
    {
        private readonly string _path;
        private readonly JsonElement _root;

        public Fields(string path, JsonElement root)
        {
            _path = path;
            _root = root.ValueKind == JsonValueKind.Object
                ? root
                : throw new TokenizerException($"{path}: expected a JSON object, found {root.ValueKind}");
        }

        public bool? Flag(string name) => Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            JsonElement other => throw Unexpected(name, "true or false", other),
        };

        public int? Length(string name)
        {
            if (Find(name) is not JsonElement field)
                return null;

            if (field.ValueKind != JsonValueKind.Number || !field.TryGetDouble(out double length) || length < LeastMaxLength)
                throw Unexpected(name, $"a number of tokens, {LeastMaxLength} or more", field);

            return length < NoLimit ? (int)length : null;
        }

        // A token is written as a string, or as an object that holds it beside its matching rules.
        public string? Token(string name)
        {
            if (Find(name) is not JsonElement field)
                return null;

            JsonElement content = field;
            if (field.ValueKind == JsonValueKind.Object && !field.TryGetProperty("content", out content))
                throw Unexpected(name, "an object with \"content\"", field);

            return content.ValueKind == JsonValueKind.String
                ? content.GetString()
                : throw Unexpected(name, "a token", content);
        }

        private JsonElement? Find(string name) =>
            _root.TryGetProperty(name, out JsonElement field) && field.ValueKind != JsonValueKind.Null ? field : null;

        private TokenizerException Unexpected(string name, string expected, JsonElement found) =>
            new($"{_path}: \"{name}\": expected {expected}, found {found.GetRawText()}");
    }
}
