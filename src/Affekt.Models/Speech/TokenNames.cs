using System.Text;

namespace Affekt.Models.Speech;

/// <summary>
/// What the decoder's tokens stand for: a SentencePiece list (Kudo and Richardson, 2018) in which 0 to 2 are marks, 3 to
/// 258 single bytes, and U+2581 a space.
/// </summary>
internal sealed class TokenNames
{
    private const int Count = 32_000;
    private const int FirstByte = 3;
    private const int FirstPiece = FirstByte + 256;

    private readonly string[] _names;

    private TokenNames(string[] names) => _names = names;

    /// <summary>Reads the list out of llama-tokenizer.js, which holds it as one string in base 64; nothing in it is run.</summary>
    /// <exception cref="ModelException">The file cannot be read, or holds no such list.</exception>
    public static TokenNames Load(string file)
    {
        const string Before = "llama_vocab_base64 = \"";
        const string Expected = "a string llama_vocab_base64 of 32000 tokens";
        string script;
        try
        {
            script = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(file, null, e.Message, Expected, e);
        }

        int start = script.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        int end = start < Before.Length ? -1 : script.IndexOf('"', start);
        if (end < 0)
            throw new ModelException(file, null, "no such string", Expected);
        byte[] bytes = new byte[end - start];
        if (!Convert.TryFromBase64Chars(script.AsSpan(start, end - start), bytes, out int length))
            throw new ModelException(file, "llama_vocab_base64", "no base 64", Expected);
        string[] names = Encoding.UTF8.GetString(bytes, 0, length).Split('\n');
        return names.Length == Count
            ? new TokenNames(names)
            : throw new ModelException(file, "llama_vocab_base64", $"{names.Length} tokens", Expected);
    }

    /// <summary>The text of tokens; marks, and tokens beyond the list, say nothing.</summary>
    public string Decode(IEnumerable<long> tokens)
    {
        List<byte> text = [];
        foreach (long token in tokens)
        {
            if (token is >= FirstByte and < FirstPiece)
                text.Add((byte)(token - FirstByte));
            else if (token is >= FirstPiece and < Count)
                text.AddRange(Encoding.UTF8.GetBytes(_names[token].Replace('\u2581', ' ')));
        }

        return Encoding.UTF8.GetString([.. text]).Trim();
    }
}
