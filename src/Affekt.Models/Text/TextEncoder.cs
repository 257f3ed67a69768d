using System.Text.Json.Serialization;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Text;

/// <summary>Text to one vector: tokens, BERT, and one vector of the last layer's token states.</summary>
public sealed class TextEncoder : IDisposable
{
    // Texts share a batch while at most about a third of it is padding: larger products, less work for nothing.
    private const int TextsAtOnce = 64;
    private const double LongestToShortest = 1.5;

    // Left out knowingly.
    private const string Pooler = "pooler.";

    private TextEncoder(BertModel network, WordPieceTokenizer tokenizer, TextPooling pooling, IReadOnlyList<string> unused)
    {
        Network = network;
        Tokenizer = tokenizer;
        Pooling = pooling;
        Unused = unused;
    }

    /// <summary>The network.</summary>
    public BertModel Network { get; }

    /// <summary>What cuts texts into tokens.</summary>
    public WordPieceTokenizer Tokenizer { get; }

    /// <summary>What becomes of the token states.</summary>
    public TextPooling Pooling { get; }

    /// <summary>Tensors of the weights' file that the network has no place for, in its names, sorted; no pooler's.</summary>
    public IReadOnlyList<string> Unused { get; }

    /// <summary>Features of a text.</summary>
    public int Width => Network.Config.HiddenSize;

    /// <summary>
    /// Loads a folder in Hugging Face's layout: vocab.txt, where it has one tokenizer_config.json, and what
    /// <see cref="BertWeights"/> reads. A pooler is left out.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizer">What cuts texts into tokens; null for what the folder says.</param>
    /// <param name="pooling">What becomes of the token states.</param>
    /// <exception cref="TokenizerException">The vocabulary cannot be used.</exception>
    /// <exception cref="ModelException">
    /// A file is missing or is not what it should be, or the tokenizer gives ids or lengths that the network cannot take.
    /// </exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">The weights do not fit the configuration.</exception>
    public static TextEncoder Load(
        string folder, WordPieceTokenizer? tokenizer = null, TextPooling pooling = TextPooling.Mean)
    {
        tokenizer ??= WordPieceTokenizer.Load(folder);
        BertModel network = BertWeights.Load(folder, pooler: false, out IReadOnlyList<string> unused);
        BertConfig config = network.Config;
        if (tokenizer.Vocabulary.Count <= config.VocabSize && tokenizer.Options.MaxLength <= config.MaxPositionEmbeddings)
        {
            return new TextEncoder(
                network, tokenizer, pooling, [.. unused.Where(name => !name.StartsWith(Pooler, StringComparison.Ordinal))]);
        }

        network.Dispose();
        throw new ModelException(
            folder, "tokenizer", $"{tokenizer.Vocabulary.Count} entries and texts of {tokenizer.Options.MaxLength} tokens",
            $"at most {config.VocabSize} and {config.MaxPositionEmbeddings}");
    }

    /// <summary>Freezes the network on a device and lays its weights out for use, for good.</summary>
    /// <param name="precision">The arithmetic of the large products.</param>
    /// <param name="device">Where it computes; the processor where null.</param>
    public void Freeze(Precision precision, Device? device = null)
    {
        Network.RequireGrad(false);
        Network.To(device ?? Device.Cpu);
        Network.Prepare(precision, keepWeights: false);
    }

    /// <summary>A text's token ids, with [CLS] in front and [SEP] behind.</summary>
    public long[] Tokenize(string text) => Tokenizer.Encode(text).Ids.ToArray();

    /// <summary>One vector for each text, [N, D], in the order given; gradients flow where autograd is on.</summary>
    /// <param name="texts">Token ids of each text, none empty.</param>
    public Tensor Encode(IReadOnlyList<long[]> texts)
    {
        int[] byLength = [.. Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length)];
        Tensor[] parts = [.. Groups([.. byLength.Select(i => texts[i])]).Select(EncodeTogether)];
        long[] back = new long[texts.Count];
        for (int place = 0; place < byLength.Length; place++)
            back[byLength[place]] = place;
        return Tensor.Concat(parts, 0).IndexSelect(0, Tensor.From<long>(back, back.Length));
    }

    /// <summary>
    /// The last layer's state of every token of N texts, in the order given, as the video branch reads them; gradients flow
    /// where autograd is on.
    /// </summary>
    /// <param name="texts">Token ids of each text, at least one text; empty for a text that is missing.</param>
    /// <returns>States [N, L, D], L the tokens of the longest, and 1 for a token, 0 for padding [N, L, 1].</returns>
    public (Tensor States, Tensor HasToken) TokenStates(IReadOnlyList<long[]> texts)
    {
        (Tensor states_BTD, Tensor mask_BT) = States(texts);
        return (states_BTD, mask_BT.Unsqueeze(2));
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private static List<List<long[]>> Groups(IReadOnlyList<long[]> sorted)
    {
        List<List<long[]>> groups = [];
        foreach (long[] text in sorted)
        {
            if (groups.Count == 0 || groups[^1].Count == TextsAtOnce || text.Length > LongestToShortest * groups[^1][0].Length)
                groups.Add([]);
            groups[^1].Add(text);
        }

        return groups;
    }

    private Tensor EncodeTogether(IReadOnlyList<long[]> texts)
    {
        (Tensor states_BTD, Tensor mask_BT) = States(texts);
        return Pooling == TextPooling.Cls ? states_BTD.Select(1, 0) : BertModel.MeanOverTokens(states_BTD, mask_BT);
    }

    private (Tensor States, Tensor Mask) States(IReadOnlyList<long[]> texts)
    {
        int longest = Math.Max(1, texts.Max(text => text.Length));
        long[] ids = new long[texts.Count * longest];
        float[] mask = new float[ids.Length];
        for (int row = 0; row < texts.Count; row++)
        {
            for (int t = 0; t < texts[row].Length; t++)
            {
                ids[(row * longest) + t] = texts[row][t];
                mask[(row * longest) + t] = 1;
            }
        }

        Device device = Network.Device;
        Tensor mask_BT = Tensor.From<float>(mask, texts.Count, longest);
        Tensor states_BTD = Network.LastStates(Tensor.From<long>(ids, texts.Count, longest).To(device), mask_BT.To(device));
        return (states_BTD.To(Device.Cpu), mask_BT);
    }
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
