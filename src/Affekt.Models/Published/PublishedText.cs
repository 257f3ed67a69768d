using System.Runtime.InteropServices;
using Affekt.Models.Text;
using Affekt.Models.Tokenizers;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Published;

/// <summary>A published network that reads: BERT, DistilBERT, RoBERTa, XLM-RoBERTa or ELECTRA.</summary>
public sealed class PublishedText : PublishedModel
{
    private readonly Network _network;
    private readonly TextNetworkConfig _sizes;

    private PublishedText(
        PublishedNetworks networks, TextNetworkConfig sizes, TextTokenizer tokenizer, Network network, IReadOnlyList<string> unused)
        : base(networks, unused, network) => (_sizes, Tokenizer, _network) = (sizes, tokenizer, network);

    /// <summary>Turns text into ids; texts are cut to what the tokenizer's settings and the network allow.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>What the network makes of a text.</summary>
    /// <param name="tokens">As <see cref="Tokenizer"/> gives them.</param>
    /// <param name="output"><see cref="PublishedModel.LastStates"/>, <see cref="PublishedModel.Logits"/> or a <see cref="PublishedModel.State"/>.</param>
    /// <param name="cancellation">Stops within the network.</param>
    public PublishedFeatures Compute(TokenSequence tokens, string output, CancellationToken cancellation = default)
    {
        PublishedNetworks.Require(_network, output);
        foreach (long id in tokens.Ids.Span)
        {
            if (id < 0 || id >= _sizes.VocabSize)
                throw new ModelException(Config.File, "vocab_size", $"{_sizes.VocabSize}", $"more than {id}, which the tokenizer gives");
        }

        long length = tokens.Ids.Length;
        long[] mask = new long[length];
        mask.AsSpan().Fill(1);
        using NetworkTensor ids = NetworkTensor.Over(MemoryMarshal.AsMemory(tokens.Ids), 1, length), there = NetworkTensor.Over(mask, 1, length);
        using NetworkTensor types = NetworkTensor.Over(MemoryMarshal.AsMemory(tokens.TypeIds), 1, length);
        using NetworkOutputs outputs = _network.Run(
            [.. _network.Inputs.Select(input => (input, input == TextGraph.Ids ? ids : input == TextGraph.Mask ? there : types))],
            [output], cancellation);
        return Take(outputs, output);
    }

    internal static PublishedText Open(PublishedNetworks networks)
    {
        TextNetworkConfig sizes = TextNetworkConfig.Load(networks.Config.File);
        networks.RequireLayers(sizes.NumHiddenLayers);
        TextTokenizer tokenizer = TextTokenizer.Load(networks.Folder, sizes.MaxTokens);
        if (networks.OnnxFile is not null)
            return new PublishedText(networks, sizes, tokenizer, networks.LoadOnnx(TextGraph.Ids, TextGraph.Mask, TextGraph.Types), []);
        TextOutputs outputs = new() { States = networks.Outputs.States, Labels = networks.Labels, Mix = networks.Outputs.Mix };
        Network[] loaded = networks.Load(
            name => TextGraph.Rename(sizes.ModelType, name), out IReadOnlyList<string> unused, weights => TextGraph.Build(sizes, weights, outputs));
        return new PublishedText(networks, sizes, tokenizer, loaded[0], unused);
    }
}
