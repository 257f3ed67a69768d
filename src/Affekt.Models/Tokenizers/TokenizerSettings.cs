namespace Affekt.Models.Tokenizers;

/// <summary>
/// What tokenizer_config.json, special_tokens_map.json and added_tokens.json say. A field that no file has is null.
/// </summary>
internal sealed class TokenizerSettings
{
    // Files without a limit of their own hold 1e30 here.
    private const double NoLimit = 1e9;

    private readonly JsonField? _config;
    private readonly JsonField? _map;

    private TokenizerSettings(JsonField? config, JsonField? map, JsonField? added) => (_config, _map, AddedFile) = (config, map, added);

    /// <summary>added_tokens.json: tokens to ids.</summary>
    public JsonField? AddedFile { get; }

    /// <summary>Tokens by their ids, with the rules of each.</summary>
    public JsonField? AddedDecoder => _config?.Find("added_tokens_decoder");

    /// <summary>The tokenizer's class in transformers, without "Fast" at the end.</summary>
    public string? Class => _config?.Find("tokenizer_class")?.Text() is { } name && name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : _config?.Find("tokenizer_class")?.Text();

    /// <summary>Whether tokenizer.json is taken as it is, without a class that sets steps anew.</summary>
    public bool IsGeneric => Class is "PreTrainedTokenizer" or "TokenizersBackend";

    public bool CutsLeft => _config?.Find("truncation_side")?.Text() == "left";

    public static TokenizerSettings Read(string folder)
    {
        return new TokenizerSettings(File("tokenizer_config.json"), File("special_tokens_map.json"), File("added_tokens.json"));

        JsonField? File(string name) => System.IO.File.Exists(Path.Combine(folder, name)) ? JsonField.Read(Path.Combine(folder, name)) : null;
    }

    public bool? Flag(string name) => _config?.Find(name)?.Flag();

    /// <summary>The most ids of a text; as many as the network reads, where the files say no less.</summary>
    public int MaxLength(int longest) =>
        _config?.Find("model_max_length") is { } field && field.Number() < Math.Min(longest, NoLimit) ? field.Count(1) : longest;

    /// <summary>A special token's entry, such as cls_token: its text, or an object with rules.</summary>
    public JsonField? Special(string name) => _config?.Find(name) ?? _map?.Find(name);

    /// <summary>A special token's text.</summary>
    public string SpecialText(string name, string otherwise) =>
        Special(name) is not { } part ? otherwise : part.IsObject ? part.Get("content").Text() : part.Text();
}
