using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Models.Audio;

/// <summary>
/// The characters that a network for transcripts scores, and how its best ones become text (connectionist temporal
/// classification, Graves et al., 2006): as transformers' Wav2Vec2CTCTokenizer decodes, without its clean-up of spaces
/// before punctuation, which these vocabularies lack.
/// </summary>
public sealed class CtcVocabulary
{
    private const string VocabularyFile = "vocab.json";
    private const string ConfigurationFile = "tokenizer_config.json";

    private readonly Dictionary<long, string> _tokens;
    private readonly CtcTokens _named;
    private readonly HashSet<string> _specials;

    private CtcVocabulary(Dictionary<long, string> tokens, CtcTokens named)
    {
        _tokens = tokens;
        _named = named;
        string?[] specials = [named.BosToken, named.EosToken, named.UnkToken];
        _specials = [.. specials.OfType<string>()];
    }

    /// <summary>The highest id.</summary>
    public long LastId => _tokens.Keys.Max();

    /// <summary>Reads vocab.json, and tokenizer_config.json where there is one.</summary>
    /// <exception cref="ModelException">
    /// A file cannot be read or is not what it should be, two characters have one id, or there is no padding token, which
    /// is the blank.
    /// </exception>
    public static CtcVocabulary Load(string folder)
    {
        string file = Path.Combine(folder, VocabularyFile), configuration = Path.Combine(folder, ConfigurationFile);
        Dictionary<string, int> ids = ModelJson.Read<Dictionary<string, int>>(file, "an object of tokens and their ids");
        CtcTokens named = File.Exists(configuration)
            ? ModelJson.Read<CtcTokens>(configuration, "the configuration of a tokenizer")
            : new CtcTokens();
        Dictionary<long, string> tokens = [];
        foreach ((string token, int id) in ids)
        {
            if (!tokens.TryAdd(id, token))
                throw new ModelException(file, $"\"{token}\"", $"id {id}, which \"{tokens[id]}\" has", "an id of its own");
        }

        if (named.PadToken is null || !ids.ContainsKey(named.PadToken))
            throw new ModelException(file, "pad_token", "none", $"\"{named.PadToken ?? CtcTokens.DefaultPadToken}\", the blank");
        return new CtcVocabulary(tokens, named);
    }

    /// <summary>
    /// The text of the best ids, frame by frame: runs become one, blanks go, the word delimiter becomes a space, and
    /// spaces at both ends go.
    /// </summary>
    /// <param name="ids">Ids; one that the vocabulary lacks is the unknown token.</param>
    /// <param name="skipSpecialTokens">
    /// Whether to leave out start, end and unknown, as if their frames were not there: runs on both sides of one join.
    /// </param>
    public string Decode(ReadOnlySpan<long> ids, bool skipSpecialTokens = false)
    {
        StringBuilder text = new();
        string? last = null;
        foreach (long id in ids)
        {
            string token = _tokens.GetValueOrDefault(id, _named.UnkToken ?? "");
            if (skipSpecialTokens && _specials.Contains(token))
                continue;
            if (token != last && token != _named.PadToken)
                text.Append(token == _named.WordDelimiterToken ? _named.ReplaceWordDelimiterChar : token);
            last = token;
        }

        string trimmed = text.ToString().Trim();
        return _named.DoLowerCase ? trimmed.ToLowerInvariant() : trimmed;
    }
}

/// <summary>The fields of tokenizer_config.json that decoding reads, with the defaults that transformers gives them.</summary>
internal sealed record CtcTokens
{
    public const string DefaultPadToken = "<pad>";

    [JsonConverter(typeof(TokenJsonConverter))]
    public string? PadToken { get; init; } = DefaultPadToken;

    [JsonConverter(typeof(TokenJsonConverter))]
    public string? BosToken { get; init; } = "<s>";

    [JsonConverter(typeof(TokenJsonConverter))]
    public string? EosToken { get; init; } = "</s>";

    [JsonConverter(typeof(TokenJsonConverter))]
    public string? UnkToken { get; init; } = "<unk>";

    [JsonConverter(typeof(TokenJsonConverter))]
    public string? WordDelimiterToken { get; init; } = "|";

    public string ReplaceWordDelimiterChar { get; init; } = " ";

    public bool DoLowerCase { get; init; }
}

/// <summary>A token is written as a string, or as an object that holds it beside its matching rules.</summary>
internal sealed class TokenJsonConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement token = document.RootElement;
        if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content))
            token = content;
        return token.ValueKind == JsonValueKind.String
            ? token.GetString()
            : throw new JsonException($"{token.GetRawText()} is no token");
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
