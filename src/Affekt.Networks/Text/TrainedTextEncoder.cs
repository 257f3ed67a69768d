using Affekt.Models;
using Affekt.Models.Text;
using Affekt.Torch;

namespace Affekt.Networks;

/// <summary>Text to one vector while a BERT, RoBERTa or XLM-RoBERTa is trained: as <see cref="TextEncoder"/>, with gradients.</summary>
public sealed class TrainedTextEncoder : IDisposable
{
    private TrainedTextEncoder(BertModel network, ITextTokenizer tokenizer)
    {
        Network = network;
        Tokenizer = tokenizer;
    }

    /// <summary>The network.</summary>
    public BertModel Network { get; }

    /// <summary>What cuts texts into tokens.</summary>
    public ITextTokenizer Tokenizer { get; }

    /// <summary>Features of a text.</summary>
    public int Width => Network.Config.HiddenSize;

    /// <summary>Loads a folder in Hugging Face's layout. A pooler is left out.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizer">What cuts texts into tokens.</param>
    /// <exception cref="ModelException">
    /// It is another family's, or the tokenizer gives ids or lengths that the network cannot take.
    /// </exception>
    /// <inheritdoc cref="BertModel.Load"/>
    public static TrainedTextEncoder Load(string folder, ITextTokenizer tokenizer)
    {
        TextNetworkConfig config = TextNetworkConfig.Load(Path.Combine(folder, "config.json"));
        if (!config.IsBertInside)
        {
            throw new ModelException(
                Path.Combine(folder, "config.json"), "model_type and hidden_act", $"\"{config.ModelType}\" with \"{config.HiddenAct}\"",
                "bert, roberta or xlm-roberta with \"gelu\" or \"relu\", which can be trained");
        }

        if (tokenizer is WordPieceTokenizer words)
            TextEncoder.Check(folder, words, config);
        return new TrainedTextEncoder(
            config.CountsFromPadding ? BertModel.LoadRelative(folder, config, out _) : BertModel.Load(folder, pooler: false, out _), tokenizer);
    }

    /// <summary>A text's token ids, with [CLS] at the front and [SEP] at the end.</summary>
    public long[] Tokenize(string text) => Tokenizer.Encode(text).Ids.ToArray();

    /// <summary>The mean over each text's token states, [N, D], in the order given; gradients flow where autograd is on.</summary>
    /// <param name="texts">Token ids of each text, none empty.</param>
    public Tensor Encode(IReadOnlyList<long[]> texts)
    {
        IReadOnlyList<IReadOnlyList<int>> groups = TextBatch.Group(texts);
        Tensor[] parts = [.. groups.Select(group => EncodeTogether([.. group.Select(i => texts[i])]))];
        long[] back = new long[texts.Count];
        foreach ((int place, int text) in groups.SelectMany(group => group).Index())
            back[text] = place;
        return Tensor.Concat(parts, 0).IndexSelect(0, Tensor.From<long>(back, back.Length));
    }

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();

    private Tensor EncodeTogether(IReadOnlyList<long[]> texts)
    {
        TextBatch batch = TextBatch.Of(texts);
        Tensor mask_BT = Tensor.From<float>(Array.ConvertAll(batch.Mask, there => (float)there), texts.Count, batch.Longest);
        Tensor states_BTD = Network.LastStates(
            Tensor.From<long>(batch.Ids, texts.Count, batch.Longest).To(Network.Device), mask_BT.To(Network.Device));
        return BertModel.MeanOverTokens(states_BTD.To(Device.Cpu), mask_BT);
    }
}
