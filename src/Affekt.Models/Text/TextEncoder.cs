using System.Text.Json.Serialization;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Text;

/// <summary>Text to one vector: tokens, a frozen BERT, and one vector of the last layer's token states.</summary>
public sealed class TextEncoder : IDisposable
{
    // Left out knowingly.
    private const string Pooler = "pooler.";

    private TextEncoder(ITextNetwork network, ITextTokenizer tokenizer, TextPooling pooling, int layers)
    {
        Network = network;
        Layers = layers;
        Tokenizer = tokenizer;
        Pooling = pooling;
    }

    /// <summary>The network.</summary>
    public ITextNetwork Network { get; }

    /// <summary>What cuts texts into tokens.</summary>
    public ITextTokenizer Tokenizer { get; }

    /// <summary>What becomes of the token states.</summary>
    public TextPooling Pooling { get; }

    /// <summary>Tensors of the weights' file that the network has no place for, in its names, sorted; no pooler's.</summary>
    public IReadOnlyList<string> Unused => [.. Network.Unused.Where(name => !name.StartsWith(Pooler, StringComparison.Ordinal))];

    /// <summary>How many layers' states stand side by side in a vector: 1, or all and what enters the first where <see cref="TextOutputs.Mix"/> has no weights.</summary>
    public int Layers { get; }

    /// <summary>Features of a text, of all <see cref="Layers"/> together.</summary>
    public int Width => Network.Config.HiddenSize * Layers;

    /// <summary>
    /// Loads a folder in Hugging Face's layout: a tokenizer, and a BERT or one of its relatives. A pooler is left out.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizer">What cuts texts into tokens; null for what the folder says.</param>
    /// <param name="pooling">What becomes of the token states.</param>
    /// <param name="options">How it is computed; null for the defaults.</param>
    /// <param name="mix">As <see cref="TextOutputs.Mix"/>; then ONNX Runtime computes.</param>
    /// <exception cref="TokenizerException">The vocabulary cannot be used.</exception>
    /// <exception cref="ModelException">
    /// A file is missing or is not what it should be, or the tokenizer gives ids or lengths that the network cannot take.
    /// </exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">The weights do not fit the configuration.</exception>
    public static TextEncoder Load(
        string folder, ITextTokenizer? tokenizer = null, TextPooling pooling = TextPooling.Mean, EncoderOptions? options = null,
        IReadOnlyList<double>? mix = null)
    {
        tokenizer ??= OpenTokenizer(folder, null);
        if (tokenizer is WordPieceTokenizer words)
            Check(folder, words, TextNetworkConfig.Load(Path.Combine(folder, "config.json")));
        ITextNetwork network = (options ?? EncoderOptions.Default).OpenText(folder, mix);
        return new TextEncoder(network, tokenizer, pooling, LayerMix.SideBySide(mix, network.Config.NumHiddenLayers));
    }

    /// <summary>A folder's tokenizer: of a BERT with vocab.txt alone WordPiece, else what the folder has.</summary>
    /// <param name="folder">A folder in Hugging Face's layout.</param>
    /// <param name="maxTokens">The most ids of a text; null for what the folder says. The network's positions are a limit in any case.</param>
    /// <exception cref="TokenizerException">The vocabulary cannot be used.</exception>
    /// <exception cref="ModelException">A file is missing or is not what it should be.</exception>
    public static ITextTokenizer OpenTokenizer(string folder, int? maxTokens)
    {
        TextNetworkConfig config = TextNetworkConfig.Load(Path.Combine(folder, "config.json"));
        if (config.ModelType != "bert" || !File.Exists(Path.Combine(folder, "vocab.txt")))
            return Tokenizers.TextTokenizer.Load(folder, Math.Min(maxTokens ?? int.MaxValue, config.MaxTokens));
        WordPieceTokenizer words = WordPieceTokenizer.Load(folder);
        int most = Math.Min(maxTokens ?? words.Options.MaxLength, Math.Max(config.MaxTokens, WordPieceOptions.LeastMaxLength));
        return most == words.Options.MaxLength ? words : new WordPieceTokenizer(words.Vocabulary, words.Options with { MaxLength = most });
    }

    /// <summary>A text's token ids, with [CLS] at the front and [SEP] at the end.</summary>
    public long[] Tokenize(string text) => Tokenizer.Encode(text).Ids.ToArray();

    /// <summary>One vector for each text, [N, D] row by row, in the order given.</summary>
    /// <param name="texts">Token ids of each text, none empty.</param>
    public float[] Encode(IReadOnlyList<long[]> texts)
    {
        float[] features = new float[texts.Count * Width];
        foreach (IReadOnlyList<int> group in TextBatch.Group(texts))
        {
            TokenStates states = TokenStates([.. group.Select(i => texts[i])]);
            for (int row = 0; row < group.Count; row++)
                Pool(states.Of(row, texts[group[row]].Length), features.AsSpan(group[row] * Width, Width));
        }

        return features;
    }

    /// <summary>The last layer's state of every token of N texts, in the order given, as the video branch reads them.</summary>
    /// <param name="texts">Token ids of each text, at least one text; empty for a text that is missing.</param>
    public TokenStates TokenStates(IReadOnlyList<long[]> texts)
    {
        TextBatch batch = TextBatch.Of(texts);
        return new TokenStates(Network.LastStates(texts.Count, batch.Ids, batch.Mask), batch.Longest, Width);
    }

    /// <summary>One vector of a text's token states, as <see cref="Pooling"/> says.</summary>
    /// <param name="states">[tokens, D], at least one token.</param>
    /// <param name="vector">Gets it, [D].</param>
    public void Pool(ReadOnlySpan<float> states, Span<float> vector)
    {
        states[..Width].CopyTo(vector);
        if (Pooling == TextPooling.Cls)
            return;
        for (int start = Width; start < states.Length; start += Width)
        {
            for (int i = 0; i < Width; i++)
                vector[i] += states[start + i];
        }

        int tokens = states.Length / Width;
        for (int i = 0; i < Width; i++)
            vector[i] /= tokens;
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    internal static void Check(string folder, WordPieceTokenizer tokenizer, TextNetworkConfig config)
    {
        if (tokenizer.Vocabulary.Count > config.VocabSize || tokenizer.Options.MaxLength > config.MaxPositionEmbeddings)
        {
            throw new ModelException(
                folder, "tokenizer", $"{tokenizer.Vocabulary.Count} entries and texts of {tokenizer.Options.MaxLength} tokens",
                $"at most {config.VocabSize} and {config.MaxPositionEmbeddings}");
        }
    }
}

/// <summary>States of the tokens of N texts, L tokens in the longest.</summary>
/// <param name="Values">[N, L, D], row by row; after a text's own tokens nothing of use.</param>
/// <param name="Longest">L.</param>
/// <param name="Width">D.</param>
public sealed record TokenStates(float[] Values, int Longest, int Width)
{
    /// <summary>The states of one text's tokens [tokens, D].</summary>
    /// <param name="text">The text's number.</param>
    /// <param name="tokens">How many tokens it has.</param>
    public ReadOnlySpan<float> Of(int text, int tokens) => Values.AsSpan(text * Longest * Width, tokens * Width);
}

/// <summary>What becomes of a text's token states.</summary>
[JsonConverter(typeof(KebabCaseEnumConverter<TextPooling>))]
public enum TextPooling
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The first one, of [CLS].</summary>
    Cls,
}
