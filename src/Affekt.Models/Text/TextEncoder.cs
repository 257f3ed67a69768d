using Affekt.Models.Weights;
using Affekt.Torch;
using Affekt.Torch.Layers;
using Affekt.Torch.StateFiles;

namespace Affekt.Models.Text;

/// <summary>Text to one vector: tokens, BERT, and the mean over the last layer's token states.</summary>
public sealed class TextEncoder : IDisposable
{
    // Texts share a batch while at most about a third of it is padding: larger products, less work for nothing.
    private const int TextsAtOnce = 64;
    private const double LongestToShortest = 1.5;

    private const string Prefix = "bert.";

    private TextEncoder(BertModel network, WordPieceTokenizer tokenizer)
    {
        Network = network;
        Tokenizer = tokenizer;
    }

    /// <summary>The network.</summary>
    public BertModel Network { get; }

    /// <summary>What cuts texts into tokens.</summary>
    public WordPieceTokenizer Tokenizer { get; }

    /// <summary>Features of a text.</summary>
    public int Width => Network.Config.HiddenSize;

    /// <summary>
    /// Loads a folder in Hugging Face's layout: config.json, vocab.txt, model.safetensors and, where it has one,
    /// tokenizer_config.json.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizer">What cuts texts into tokens; null for what the folder says.</param>
    /// <exception cref="TokenizerException">The vocabulary cannot be used.</exception>
    /// <exception cref="ModelException">A file is missing or is not what it should be.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">The weights do not fit the configuration.</exception>
    public static TextEncoder Load(string folder, WordPieceTokenizer? tokenizer = null)
    {
        BertConfig config = BertConfig.Load(Path.Combine(folder, "config.json"));
        tokenizer ??= WordPieceTokenizer.Load(folder);
        using StateFile file = StateFile.Open(Path.Combine(folder, "model.safetensors"));
        BertModel network;
        using (Initial.Skipped())
            network = new BertModel(config, pooler: false);
        try
        {
            NetworkState.Load(network, file, Rename);
        }
        catch
        {
            network.Dispose();
            throw;
        }

        return new TextEncoder(network, tokenizer);
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

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    // Position ids are counted, and an old-style checkpoint's prefix and its pooler are not needed.
    private static string? Rename(string stored)
    {
        string name = stored.StartsWith(Prefix, StringComparison.Ordinal) ? stored[Prefix.Length..] : stored;
        return name.EndsWith("position_ids", StringComparison.Ordinal)
            ? null
            : name.Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal)
                .Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal);
    }

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
        int longest = texts.Max(text => text.Length);
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

        Tensor mask_BT = Tensor.From<float>(mask, texts.Count, longest);
        Tensor[] states = Network.Forward(Tensor.From<long>(ids, texts.Count, longest), mask_BT);
        return BertModel.MeanOverTokens(states[^1], mask_BT);
    }
}
