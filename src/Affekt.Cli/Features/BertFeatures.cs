using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;

namespace Affekt.Cli.Features;

/// <summary>BERT: texts to token ids, to the last layer's states, or to the state of [CLS].</summary>
internal sealed class BertFeatures : IFeatureEncoder
{
    private readonly TextEncoder _encoder;

    private BertFeatures(TextEncoder encoder) => _encoder = encoder;

    public string Reads => "texts (--texts)";

    public IReadOnlyList<string> Levels => [FeatureLevel.Ids, FeatureLevel.Token, FeatureLevel.Utterance];

    /// <summary>Loads the folder; texts are cut to what the tokenizer's configuration and the network allow.</summary>
    /// <inheritdoc cref="TextEncoder.Load"/>
    public static BertFeatures Load(string folder, Precision precision, Device device)
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(folder);
        int positions = BertConfig.Load(Path.Combine(folder, "config.json")).MaxPositionEmbeddings;
        if (positions >= WordPieceOptions.LeastMaxLength && positions < tokenizer.Options.MaxLength)
            tokenizer = new WordPieceTokenizer(tokenizer.Vocabulary, tokenizer.Options with { MaxLength = positions });
        return new BertFeatures(TextEncoder.Load(folder, tokenizer, options: TorchEncoders.Options(precision, device)));
    }

    public IReadOnlyList<string> Unused => _encoder.Unused;

    public bool CanRead(FeatureInput input) => input is TextInput;

    public Task<TensorToWrite> EncodeAsync(FeatureInput input, string level, CancellationToken cancellation)
    {
        TokenSequence tokens = _encoder.Tokenizer.Encode(((TextInput)input).Text);
        if (level == FeatureLevel.Ids)
        {
            byte[] ids = MemoryMarshal.AsBytes(tokens.Ids.Span).ToArray();
            return Task.FromResult(new TensorToWrite(input.Name, ElementType.Int64, [tokens.Ids.Length], (ReadOnlyMemory<byte>)ids));
        }

        ImmutableArray<long> shape = level == FeatureLevel.Token ? [tokens.Ids.Length, _encoder.Width] : [_encoder.Width];
        return Task.FromResult(new TensorToWrite(input.Name, ElementType.Float32, shape, () =>
        {
            cancellation.ThrowIfCancellationRequested();
            return MemoryMarshal.AsBytes<float>(States(tokens, level));
        }));
    }

    public void Dispose() => _encoder.Dispose();

    /// <summary>The last layer's states row by row, or of the first token only.</summary>
    internal float[] States(TokenSequence tokens, string level)
    {
        float[] states_TD = _encoder.TokenStates([tokens.Ids.ToArray()]).Values;
        return level == FeatureLevel.Token ? states_TD : states_TD[.._encoder.Width];
    }
}
