using Affekt.Models;
using Affekt.Models.Text;
using Affekt.Onnx.Graphs;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>
/// BERT (Devlin et al., 2019) with the tensor names of Hugging Face's checkpoints. B texts, T tokens, D features,
/// H heads.
/// </summary>
public sealed class BertModel : Module
{
    private const string PoolerWeight = "pooler.dense.weight";

    private readonly BertEmbeddings _embeddings;
    private readonly EncoderLayer[] _layers;
    private readonly Linear? _pooler;
    private PackedTransformer? _packed;

    /// <summary>A network with random weights.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="pooler">Whether it has the dense layer over [CLS] that some checkpoints carry.</param>
    /// <param name="firstPosition">The first token's row in the table of positions: RoBERTa's begin after the padding's number.</param>
    public BertModel(BertConfig config, bool pooler, int firstPosition = 0)
    {
        Config = config;
        _embeddings = Child("embeddings", new BertEmbeddings(config, firstPosition));
        TransformerLayers sizes = TextGraph.Layers(TextNetworkConfig.Of(config));
        _layers =
        [
            .. Enumerable.Range(0, config.NumHiddenLayers)
                .Select(i => Child($"encoder.layer.{i}", new EncoderLayer(sizes, config.HiddenDropoutProb, config.AttentionProbsDropoutProb))),
        ];
        if (pooler)
            _pooler = Child("pooler.dense", new Linear(config.HiddenSize, config.HiddenSize));
    }

    /// <summary>The sizes.</summary>
    public BertConfig Config { get; }

    /// <summary>
    /// Loads a folder in Hugging Face's layout: config.json, and the first that is there of model.safetensors,
    /// model.safetensors.index.json with its shards, and pytorch_model.bin. Names may begin with "bert.", and norms may have gamma and beta.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="pooler">Whether to take the dense layer over [CLS], where the file has one.</param>
    /// <param name="unused">Stored tensors that the network has no place for, in its names, sorted.</param>
    /// <exception cref="ModelException">A file is missing, or the configuration is not a BERT's.</exception>
    /// <exception cref="Onnx.StateFiles.StateFileException">The weights cannot be read.</exception>
    /// <exception cref="StateMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    public static BertModel Load(string folder, bool pooler, out IReadOnlyList<string> unused)
    {
        BertConfig config = BertConfig.Load(Path.Combine(folder, "config.json"));
        return PublishedNetwork.Load(
            folder, file => new BertModel(config, pooler && file.Tensors.Keys.Any(name => Rename(name) == PoolerWeight)), Rename, out unused);

        static string? Rename(string stored) => TextGraph.Rename("bert", stored);
    }

    /// <summary>As <see cref="Load"/>, of a RoBERTa or XLM-RoBERTa, for texts with padding after them.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="family">What its config.json says.</param>
    /// <param name="unused">As there.</param>
    internal static BertModel LoadRelative(string folder, TextNetworkConfig family, out IReadOnlyList<string> unused) => PublishedNetwork.Load(
        folder, _ => new BertModel(family.ToBert(), pooler: false, family.FirstPosition), name => TextGraph.Rename(family.ModelType, name), out unused);

    /// <summary>Whether training multiplies in bfloat16; see <see cref="Linear.UseMixedPrecision"/>.</summary>
    public void UseMixedPrecision(bool on)
    {
        foreach (Linear layer in Modules().OfType<Linear>())
            layer.UseMixedPrecision(on);
        foreach (EncoderLayer layer in _layers)
            layer.MixedPrecision = on;
    }

    /// <summary>
    /// Lays the layers' weights out for use in a precision, without dropout and without gradients; may be called again for
    /// another one.
    /// </summary>
    /// <param name="precision">The arithmetic of the large products.</param>
    /// <param name="keepWeights">
    /// Whether the layers' own weights stay beside, for another precision. Without them this is for good.
    /// </param>
    public void Prepare(Precision precision, bool keepWeights = true)
    {
        _packed?.Dispose();
        _packed = null;
        if (PackedKernels.PrepareWithoutKernels(this, precision.ToTorch()))
            return;

        _packed = new PackedTransformer(
            new TransformerWeights
            {
                Heads = Config.NumAttentionHeads,
                Epsilon = Config.LayerNormEps,
                Activation = EncoderLayer.ActivationOf(Config.HiddenAct),
                Layers = [.. _layers.Select(layer => layer.Weights)],
                Norm = _embeddings.Norm,
            },
            precision.ToTorch());
        if (keepWeights)
            return;
        foreach (EncoderLayer layer in _layers)
            layer.ReleaseParameters();
        if (precision == Precision.BFloat16 && PackedKernels.HasBFloat16)
            _embeddings.UseBFloat16();
        TorchRuntime.GiveBackMemory();
    }

    /// <summary>The states of all tokens after each layer; the last entry is the network's output.</summary>
    /// <param name="ids">Token ids [B, T], Int64.</param>
    /// <param name="mask">1 for a token, 0 for padding after it, [B, T], Float32.</param>
    /// <param name="types">Segments [B, T], Int64; null where there is one only.</param>
    /// <returns>As many [B, T, D] as there are layers; states of padding hold nothing of use.</returns>
    public Tensor[] Forward(Tensor ids, Tensor mask, Tensor? types = null)
    {
        if (_packed is not null)
        {
            (long[] starts, long[] lengths) = PackedTransformer.Sequences(ids.Shape[0], ids.Shape[1], mask);
            Tensor[] rows = _packed.ForwardEvery(Rows(ids, types), starts, lengths);
            return [.. rows.Select(state => state.Reshape(ids.Shape[0], ids.Shape[1], Config.HiddenSize))];
        }

        // Padding gets a score so low that its weight is 0 in single precision.
        Tensor scoreMask = ((mask + -1) * 1e30).Reshape(ids.Shape[0], 1, 1, ids.Shape[1]);
        Tensor x_BTD = _embeddings.Forward(ids, types);
        var states = new Tensor[_layers.Length];
        for (int i = 0; i < _layers.Length; i++)
            states[i] = x_BTD = _layers[i].Forward(x_BTD, scoreMask);
        return states;
    }

    /// <summary>The last entry of <see cref="Forward"/>.</summary>
    public Tensor LastStates(Tensor ids, Tensor mask, Tensor? types = null)
    {
        if (_packed is null)
            return Forward(ids, mask, types)[^1];
        (long[] starts, long[] lengths) = PackedTransformer.Sequences(ids.Shape[0], ids.Shape[1], mask);
        return _packed.Forward(Rows(ids, types), starts, lengths).Reshape(ids.Shape[0], ids.Shape[1], Config.HiddenSize);
    }

    /// <summary>tanh of a dense layer over the first token's state: [B, T, D] to [B, D].</summary>
    /// <exception cref="InvalidOperationException">The network was made without a pooler.</exception>
    public Tensor Pool(Tensor states) => _pooler is null
        ? throw new InvalidOperationException("this BERT has no pooler")
        : _pooler.Forward(states.Select(1, 0)).Tanh();

    /// <summary>The mean over each text's own tokens: states [B, T, D], mask [B, T] to [B, D].</summary>
    public static Tensor MeanOverTokens(Tensor states, Tensor mask) =>
        (states * mask.Unsqueeze(2)).Sum(1) / mask.Sum(1, keep: true);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _packed?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Rows(Tensor ids, Tensor? types) =>
        _embeddings.Sum(ids, types).Reshape(ids.Shape[0] * ids.Shape[1], Config.HiddenSize);
}

internal sealed class BertEmbeddings : Module
{
    private readonly Embedding _words;
    private readonly Embedding _positions;
    private readonly Embedding _types;
    private readonly Dropout _dropout;
    private readonly int _firstPosition;

    public BertEmbeddings(BertConfig config, int firstPosition)
    {
        _firstPosition = firstPosition;
        _words = Child("word_embeddings", new Embedding(config.VocabSize, config.HiddenSize));
        _positions = Child("position_embeddings", new Embedding(config.MaxPositionEmbeddings, config.HiddenSize));
        _types = Child("token_type_embeddings", new Embedding(config.TypeVocabSize, config.HiddenSize));
        Norm = Child("LayerNorm", new LayerNorm(config.HiddenSize, config.LayerNormEps));
        _dropout = Child("dropout", new Dropout(config.HiddenDropoutProb));
    }

    public LayerNorm Norm { get; }

    public Tensor Forward(Tensor ids, Tensor? types) => _dropout.Forward(Norm.Forward(Sum(ids, types)));

    /// <summary>Keeps the words' vectors in bfloat16, for good: a fifth of BERT-base's weights.</summary>
    public void UseBFloat16()
    {
        using Tensor half = _words.Weight.To(Dtype.BFloat16);
        _words.Weight.SetData(half);
    }

    public Tensor Sum(Tensor ids, Tensor? types)
    {
        Tensor x_BTD = _words.Forward(ids).To(Dtype.Float32) + _positions.Weight.Narrow(0, _firstPosition, ids.Shape[1]);
        // With one segment every token has type 0: one row, added to all.
        return x_BTD + (types is null ? _types.Weight.Narrow(0, 0, 1) : _types.Forward(types));
    }
}
