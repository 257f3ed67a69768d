using Affekt.Corpora;
using Affekt.Models;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Training.Features;

/// <summary>Words to features: one vector, and where asked for the states of the tokens.</summary>
public sealed class TextFeatureEncoder : FeatureEncoder
{
    // Raise it when the code computes something else.
    private const int Revision = 2;

    private const int TextsAtOnce = 64;

    private readonly TextEncoder _encoder;

    private TextFeatureEncoder(
        TextEncoder encoder, string folder, EncoderOptions options, TextPooling pooling, bool tokens, IReadOnlyList<double>? mix)
    {
        _encoder = encoder;

        // ONNX Runtime quantizes a whole batch with one scale, so that a text would depend on what shares it; alone it is what
        // recognition computes. The kernels, which do not know every family, have a scale for each token.
        bool byOnnxRuntime = encoder.Network is TextNetwork;
        BatchSize = byOnnxRuntime && options.Precision == Precision.Int8 ? 1 : Math.Max(1, TextsAtOnce / encoder.Layers);
        string states = States(mix);
        Outputs = tokens ? [Pooled(states), new FeatureOutput(FeatureKind.Tokens, states)] : [Pooled(states)];
        Layers = mix is null ? null : Pooled(States([]));
        Mix = mix;

        string States(IReadOnlyList<double>? layers) => EncoderHash.Of(
            EncoderHash.FilesOf(folder),
            [("revision", Revision), EncoderHash.Arithmetic(options.Precision, byOnnxRuntime), ("tokenizer", encoder.Tokenizer.Settings), .. EncoderHash.Mixture(layers)]);

        FeatureOutput Pooled(string of) => new(FeatureKind.Text, EncoderHash.Of([], ("states", of), ("pooling", pooling == TextPooling.Cls ? "ClassToken" : "Mean")));
    }

    /// <inheritdoc/>
    public override string Modality => "text";

    /// <summary>The vector, and where asked for the states of the tokens.</summary>
    public override IReadOnlyList<FeatureOutput> Outputs { get; }

    /// <inheritdoc/>
    public override int BatchSize { get; }

    /// <summary>Features of a text.</summary>
    public int Width => _encoder.Width;

    /// <inheritdoc cref="TextEncoder.Layers"/>
    internal int LayerCount => _encoder.Layers;

    /// <summary>Loads a folder in Hugging Face's layout.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="precision">The arithmetic of the large products.</param>
    /// <param name="pooling">How tokens become one vector.</param>
    /// <param name="tokens">Whether the states of the tokens are features too.</param>
    /// <param name="maxTokens">Tokens that are read of a text; null for what the folder says.</param>
    /// <param name="device">Where it computes; the processor where null.</param>
    /// <param name="mix">As <see cref="TextOutputs.Mix"/>.</param>
    /// <inheritdoc cref="TextEncoder.Load"/>
    public static TextFeatureEncoder Load(
        string folder, Precision precision = Precision.Float32, TextPooling pooling = TextPooling.Mean, bool tokens = false,
        int? maxTokens = null, Device? device = null, IReadOnlyList<double>? mix = null)
    {
        ITextTokenizer tokenizer = TextEncoder.OpenTokenizer(folder, maxTokens);
        EncoderOptions options = TorchEncoders.Options(precision, device);
        return new TextFeatureEncoder(TextEncoder.Load(folder, tokenizer, pooling, options, mix), folder, options, pooling, tokens, mix);
    }

    /// <summary>Whether an utterance has words that may tell an emotion: not those that are the same for every one.</summary>
    public static bool HasWords(Utterance utterance) => utterance is { Text: not null, TextIsFixed: false };

    /// <inheritdoc/>
    public override bool Reads(Utterance utterance) => HasWords(utterance);

    /// <summary>Each text once, by rising number of tokens.</summary>
    public override IReadOnlyList<Utterance> Arrange(IEnumerable<Utterance> utterances) =>
    [
        .. utterances.DistinctBy(utterance => utterance.Text)
            .OrderBy(utterance => _encoder.Tokenize(utterance.Text!).Length)
            .ThenBy(utterance => utterance.Text, StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public override Task<string> IdentifyAsync(Utterance utterance, CancellationToken cancellation) =>
        Task.FromResult(ContentHash.OfText(utterance.Text!));

    internal override Task<PreparedInput> DecodeAsync(Utterance utterance, CancellationToken cancellation) =>
        Task.FromResult<PreparedInput>(new PreparedInput.Tokens(_encoder.Tokenize(utterance.Text!)));

    internal override IReadOnlyList<StoredFeature[]> Encode(IReadOnlyList<PreparedInput> inputs, CancellationToken cancellation)
    {
        long[][] texts = [.. inputs.Cast<PreparedInput.Tokens>().Select(input => input.Ids)];
        TokenStates states = _encoder.TokenStates(texts);
        return [.. texts.Select((text, row) => Features(row, text.Length))];

        StoredFeature[] Features(int row, int length)
        {
            ReadOnlySpan<float> own = states.Of(row, length);
            float[] pooled = new float[Width];
            _encoder.Pool(own, pooled);
            StoredFeature vector = StoredFeature.Vector(pooled);
            return Outputs.Count == 1 ? [vector] : [vector, new StoredFeature { Values = own.ToArray(), Shape = [length, Width] }];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _encoder.Dispose();
}
