using Affekt.Models.Audio;
using Affekt.Models.Text;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>One call of an encoder: token ids [B, T], or sound [B, samples].</summary>
/// <param name="Rows">B.</param>
/// <param name="Ids">Row by row; null for sound.</param>
/// <param name="Sound">Row by row; null for text.</param>
internal sealed record EncoderInput(int Rows, long[]? Ids, float[]? Sound)
{
    /// <summary>T, or samples.</summary>
    public int Length => (Ids?.Length ?? Sound!.Length) / Rows;
}

/// <summary>What an encoder is given while the clock runs.</summary>
/// <param name="Name">As reports name it, such as "bert-base 32x64".</param>
/// <param name="Encoder">The encoder's folder.</param>
/// <param name="Inputs">One, or the utterances of a stream.</param>
/// <param name="Texts">The words behind a stream's token ids; null where there are none.</param>
/// <param name="Operations">Floating-point operations in matrix products and convolutions, two for a multiply and add.</param>
/// <param name="Parts">
/// A stream's utterances in parts, each of them one turn: a machine's speed changes within the minutes that a stream takes.
/// Null where the work is a turn as it is.
/// </param>
internal sealed record EncoderWork(
    string Name, string Encoder, IReadOnlyList<EncoderInput> Inputs, IReadOnlyList<string>? Texts, double Operations,
    IReadOnlyList<EncoderWork>? Parts = null)
{
    /// <summary>Whether utterances follow each other: Affekt may batch them, the others get one at a time.</summary>
    public bool IsStream => Inputs.Count > 1;
}

/// <summary>The works that are measured, made from a fixed seed.</summary>
internal sealed class EncoderWorks
{
    public const string Bert = "bert-base";
    public const string Wav2Vec2 = "wav2vec2-base";
    public const string Roberta = "roberta-base";
    public const string Hubert = "hubert-base";
    public const string TextStream = "meld-like text stream";
    public const string SoundStream = "meld-like sound stream";
    private const int Seed = 20261124;
    private const int StreamParts = 10;
    private const int SamplesPerSecond = Media.Sound.SampleRate;

    private static readonly (int Rows, int Tokens)[] _texts = [(1, 16), (1, 64), (32, 16), (32, 64)];
    private static readonly (int Rows, int Seconds)[] _sounds = [(1, 3), (8, 3)];

    private static readonly (int Rows, int Tokens) _robertaText = (32, 64);
    private static readonly (int Rows, int Seconds) _hubertSound = (8, 3);

    private readonly Random _random = new(Seed);

    /// <summary>The sizes of bert-base-uncased.</summary>
    public static BertConfig BertSizes { get; } = new()
    {
        VocabSize = 30522,
        HiddenSize = 768,
        NumHiddenLayers = 12,
        NumAttentionHeads = 12,
        IntermediateSize = 3072,
    };

    /// <summary>The sizes of wav2vec2-base.</summary>
    public static Wav2Vec2Config Wav2Vec2Sizes { get; } = new()
    {
        HiddenSize = 768,
        NumHiddenLayers = 12,
        NumAttentionHeads = 12,
        IntermediateSize = 3072,
    };

    /// <summary>The sizes of roberta-base, whose positions begin at <see cref="RobertaFirstPosition"/>.</summary>
    public static BertConfig RobertaSizes { get; } = BertSizes with
    {
        VocabSize = 50265,
        MaxPositionEmbeddings = 514,
        TypeVocabSize = 1,
        LayerNormEps = 1e-5,
    };

    /// <summary>Behind the padding's number.</summary>
    public const int RobertaFirstPosition = 2;

    /// <summary>The sizes of hubert-base.</summary>
    public static Wav2Vec2Config HubertSizes { get; } = Wav2Vec2Sizes with { ModelType = Wav2Vec2Config.Hubert };

    /// <summary>The names of all works, in the order in which they run.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. _texts.Select(size => TextName(Bert, size)), TextStream, .. _sounds.Select(size => SoundName(Wav2Vec2, size)), SoundStream,
        TextName(Roberta, _robertaText), SoundName(Hubert, _hubertSound),
    ];

    /// <summary>The works that were asked for.</summary>
    /// <param name="names">Of <see cref="Names"/>.</param>
    /// <param name="lengths">How long the streams' utterances are.</param>
    /// <param name="vocabulary">Where the words of the text stream come from.</param>
    public static IReadOnlyList<EncoderWork> Make(
        IReadOnlyCollection<string> names, UtteranceLengths lengths, WordPieceVocabulary vocabulary)
    {
        // Every work is made, so that one gets the same numbers whatever runs beside it.
        EncoderWorks works = new();
        EncoderWork[] all =
        [
            .. _texts.Select(size => works.Text(Bert, BertSizes, size)), works.Words(lengths.Tokens, vocabulary),
            .. _sounds.Select(size => works.Sound(Wav2Vec2, Wav2Vec2Sizes, size)), works.Speech(lengths.Milliseconds),
            works.Text(Roberta, RobertaSizes, _robertaText), works.Sound(Hubert, HubertSizes, _hubertSound),
        ];
        return [.. all.Where(work => names.Contains(work.Name))];
    }

    private static string TextName(string encoder, (int Rows, int Tokens) size) => $"{encoder} {size.Rows}x{size.Tokens}";

    private static string SoundName(string encoder, (int Rows, int Seconds) size) => $"{encoder} {size.Rows}x{size.Seconds} s";

    private EncoderWork Text(string encoder, BertConfig sizes, (int Rows, int Tokens) size)
    {
        // Past the special and unused entries of the vocabulary.
        const int FirstWord = 1000;
        long[] ids = new long[size.Rows * size.Tokens];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = _random.Next(FirstWord, sizes.VocabSize);
        EncoderInput input = new(size.Rows, ids, null);
        return new EncoderWork(TextName(encoder, size), encoder, [input], null, EncoderOperations.Of(sizes, input));
    }

    private EncoderWork Sound(string encoder, Wav2Vec2Config sizes, (int Rows, int Seconds) size)
    {
        EncoderInput input = new(size.Rows, null, Noise(size.Rows * size.Seconds * SamplesPerSecond));
        return new EncoderWork(SoundName(encoder, size), encoder, [input], null, EncoderOperations.Of(sizes, input));
    }

    private EncoderWork Words(IReadOnlyList<int> lengths, WordPieceVocabulary vocabulary)
    {
        // Whole words of the vocabulary, so that a word is a token; [CLS] and [SEP] come on top.
        WordPieceTokenizer tokenizer = new(vocabulary, new WordPieceOptions());
        string[] words =
        [
            .. Enumerable.Range(0, vocabulary.Count).Select(id => vocabulary.TokenOf(id))
                .Where(word => word.Length > 1 && word.All(char.IsAsciiLetterLower)),
        ];
        string[] texts =
        [
            .. lengths.Select(tokens => string.Join(' ', Enumerable.Range(0, tokens - 2).Select(_ => words[_random.Next(words.Length)]))),
        ];
        EncoderInput[] inputs = [.. texts.Select(text => new EncoderInput(1, tokenizer.Encode(text).Ids.ToArray(), null))];
        return Stream(TextStream, Bert, inputs, texts, input => EncoderOperations.Of(BertSizes, input));
    }

    private EncoderWork Speech(IReadOnlyList<int> milliseconds)
    {
        EncoderInput[] inputs = [.. milliseconds.Select(ms => new EncoderInput(1, null, Noise(ms * (SamplesPerSecond / 1000))))];
        return Stream(SoundStream, Wav2Vec2, inputs, null, input => EncoderOperations.Of(Wav2Vec2Sizes, input));
    }

    private static EncoderWork Stream(
        string name, string encoder, EncoderInput[] inputs, string[]? texts, Func<EncoderInput, double> operations)
    {
        int size = (inputs.Length + StreamParts - 1) / StreamParts;
        EncoderWork[] parts =
        [
            .. inputs.Chunk(size).Select((some, i) => new EncoderWork(
                $"{name} {i}", encoder, some, texts?.Skip(i * size).Take(size).ToArray(), some.Sum(operations))),
        ];
        return new EncoderWork(name, encoder, inputs, texts, parts.Sum(part => part.Operations), parts);
    }

    // Uniform with variance 1/3 of 0.09: as loud as speech; only its length matters to the clock.
    private float[] Noise(int samples)
    {
        float[] noise = new float[samples];
        for (int i = 0; i < samples; i++)
            noise[i] = 0.3f * ((2 * _random.NextSingle()) - 1);
        return noise;
    }
}

/// <summary>Counts the floating-point operations of matrix products and convolutions, two for a multiply and add.</summary>
internal static class EncoderOperations
{
    public static double Of(BertConfig config, EncoderInput input) =>
        input.Rows * (double)input.Length * config.NumHiddenLayers * Layer(config.HiddenSize, config.IntermediateSize, input.Length);

    public static double Of(Wav2Vec2Config config, EncoderInput input)
    {
        double multiplications = 0, channels = 1;
        int frames = input.Length;
        for (int i = 0; i < config.ConvDim.Count; i++)
        {
            frames = ((frames - config.ConvKernel[i]) / config.ConvStride[i]) + 1;
            multiplications += frames * channels * config.ConvDim[i] * config.ConvKernel[i];
            channels = config.ConvDim[i];
        }

        double width = config.HiddenSize;
        multiplications += frames * width * (channels + (width / config.NumConvPosEmbeddingGroups * config.NumConvPosEmbeddings));
        return input.Rows * ((2 * multiplications)
            + (frames * config.NumHiddenLayers * Layer(config.HiddenSize, config.IntermediateSize, frames)));
    }

    // One token through a transformer layer: four products of its width, two of the feed-forward part, and attention's two.
    private static double Layer(double width, double inner, double length) =>
        2 * ((4 * width * width) + (2 * width * inner) + (2 * length * width));
}
