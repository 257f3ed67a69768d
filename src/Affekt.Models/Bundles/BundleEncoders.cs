using Affekt.Models.Audio;
using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Bundles;

/// <summary>Opens the encoders that a bundle's configuration names, frozen.</summary>
public static class BundleEncoders
{
    private const string TokenizerFile = "tokenizer_config.json";

    /// <summary>Opens a text encoder.</summary>
    /// <param name="folder">What a relative folder is relative to: the bundle's folder.</param>
    /// <param name="part">Which encoder.</param>
    /// <param name="options">How it is computed; null for the defaults.</param>
    /// <exception cref="ModelException">A file is missing or is not what it should be, or a repository is not in the cache.</exception>
    /// <exception cref="TokenizerException">The vocabulary cannot be used.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">The weights do not fit the configuration.</exception>
    public static TextEncoder OpenText(string folder, TextEncoderPart part, EncoderOptions? options = null)
    {
        string place = TextFolder(folder, part);
        return TextEncoder.Load(place, Tokenizer(place, part.MaxTokens), part.Pooling, options, part.LayerWeights);
    }

    /// <summary>Where a text encoder lies.</summary>
    /// <param name="folder">What a relative folder is relative to: the bundle's folder.</param>
    /// <param name="part">Which encoder.</param>
    /// <exception cref="ModelException">A repository is not in the cache.</exception>
    public static string TextFolder(string folder, TextEncoderPart part) => part.OnHub is { } repository
        ? EncoderHub.Find(Path.Combine(folder, BundleConfig.FileName), "text_encoder.repository", repository)
        : Path.Combine(folder, part.Folder!);

    /// <summary>Opens an audio encoder.</summary>
    /// <param name="part">Which encoder.</param>
    /// <param name="place">Its place, from <see cref="EncoderLocations"/>.</param>
    /// <param name="options">How it is computed, if it is wav2vec 2.0 or HuBERT; null for the defaults.</param>
    /// <exception cref="ModelException">A file is missing or is not what it should be.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">The weights do not fit the configuration.</exception>
    public static IAudioEncoder OpenAudio(AudioEncoderPart part, string place, EncoderOptions? options = null) => part.Kind switch
    {
        AudioEncoderPart.MoonshineTiny => MoonshineEncoder.Load(place, options?.Engine),
        _ when part.LayerWeights is { } mix => PublishedSoundEncoder.Load(place, part.Kind, options, mix),
        AudioEncoderPart.Wav2Vec2 when Wav2Vec2Config.FitsAccelerator(place) => Wav2Vec2Encoder.Load(place, options),
        Wav2Vec2Config.Hubert when options?.Accelerator is not null && Wav2Vec2Config.FitsAccelerator(place) => Wav2Vec2Encoder.Load(place, options, part.Kind),
        _ => PublishedSoundEncoder.Load(place, part.Kind, options),
    };

    /// <summary>Opens a frame encoder.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="part">Which encoder.</param>
    /// <param name="place">Its place, from <see cref="EncoderLocations"/>.</param>
    /// <param name="options">How it is computed, if it is MC3-18; null for the defaults.</param>
    /// <exception cref="ModelException">A file is missing or is not what it should be.</exception>
    /// <exception cref="StateFileException">The weights cannot be read.</exception>
    public static IFrameEncoder OpenVideo(string folder, VideoEncoderPart part, string place, EncoderOptions? options = null) =>
        part.Kind switch
        {
            VideoEncoderPart.Mc3 => (options ?? EncoderOptions.Default).OpenPictures(place, part.Side ?? Mc3Encoder.PaperSide),
            VideoEncoderPart.Vit => PublishedFaces.LoadFrozen(Path.Combine(folder, part.Weights), place, options),
            _ => FaceEncoder.Load(Path.Combine(folder, part.Weights), place, part.Scales, part.Shift),
        };

    /// <summary>The names of the files that a text encoder's folder is read from.</summary>
    /// <exception cref="ModelException">A list of shards cannot be read.</exception>
    public static IReadOnlyList<string> TextFiles(string folder) =>
        File.Exists(Path.Combine(folder, "vocab.txt")) && !File.Exists(Path.Combine(folder, "tokenizer.json"))
            ? Files(folder, ["config.json", "vocab.txt"], TokenizerFile)
            : [.. PublishedHub.FilesOf(folder).Where(name => name != "README.md")];

    /// <summary>The names of the files that a wav2vec 2.0's folder is read from.</summary>
    /// <inheritdoc cref="TextFiles"/>
    public static IReadOnlyList<string> AudioFiles(string folder) => Files(folder, ["config.json"], "preprocessor_config.json");

    /// <summary>The names of the files that a frame encoder is read from, as its part names them.</summary>
    /// <param name="folder">What a relative name is relative to.</param>
    /// <param name="part">Which encoder.</param>
    /// <exception cref="ModelException">A ViT's folder has no weights.</exception>
    public static IReadOnlyList<string> VideoFiles(string folder, VideoEncoderPart part) => part.Kind == VideoEncoderPart.Vit
        ? [.. PublishedHub.FilesOf(Path.Combine(folder, part.Weights)).Where(name => name != "README.md").Select(name => Path.Combine(part.Weights, name))]
        : [part.Weights];

    /// <summary>
    /// SHA-256 over the names and bytes of a text encoder's files, in hexadecimal: other words, or other weights, are another. Behind it the
    /// weights of its layers, where these are mixed.
    /// </summary>
    /// <param name="folder">The encoder's folder.</param>
    /// <param name="layerWeights">As <see cref="TextEncoderPart.LayerWeights"/>.</param>
    /// <exception cref="ModelException">A file cannot be read.</exception>
    public static string TextIdentity(string folder, IReadOnlyList<double>? layerWeights = null)
    {
        try
        {
            return FilesHash.Of(folder, TextFiles(folder)) + (layerWeights is null ? "" : $" {LayerMix.Text(layerWeights)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(folder, null, e.Message, "a text encoder's files", e);
        }
    }

    /// <summary>The encoders' files in a bundle's folder, relative to it.</summary>
    internal static IEnumerable<string> FileNames(string folder, BundleConfig config)
    {
        IEnumerable<string> names = [];
        if (config.Published is { } published)
        {
            return published.All.Where(part => part.Part.Folder is { } own && !Path.IsPathRooted(own))
                .SelectMany(part => PublishedHub.FilesOf(Path.Combine(folder, part.Part.Folder!)).Select(name => $"{part.Part.Folder}/{name}"));
        }

        if (config.TextEncoder.Folder is { } text && !Path.IsPathRooted(text))
            names = names.Concat(TextFiles(Path.Combine(folder, text)).Select(name => $"{text}/{name}"));
        if (config.VideoEncoder is { } video && !Path.IsPathRooted(video.Weights))
            names = names.Concat(VideoFiles(folder, video));
        if (config.AudioEncoder.Folder is { } audio && !Path.IsPathRooted(audio))
            names = names.Concat(AudioFiles(Path.Combine(folder, audio)).Select(name => $"{audio}/{name}"));
        return names;
    }

    // A text is cut to what the branch was trained with; a network that cannot read so much is refused when it is loaded.
    private static ITextTokenizer Tokenizer(string place, int maxTokens)
    {
        if (!File.Exists(Path.Combine(place, "vocab.txt")) || File.Exists(Path.Combine(place, "tokenizer.json")))
            return TextEncoder.OpenTokenizer(place, maxTokens);
        string file = Path.Combine(place, TokenizerFile);
        WordPieceOptions words = File.Exists(file) ? WordPieceOptions.Read(file) : new();
        return new WordPieceTokenizer(WordPieceVocabulary.Load(Path.Combine(place, "vocab.txt")), words with { MaxLength = maxTokens });
    }

    private static IReadOnlyList<string> Files(string folder, IReadOnlyList<string> needed, string optional) =>
    [
        .. needed, .. PublishedFolder.WeightFiles(folder), .. File.Exists(Path.Combine(folder, optional)) ? (string[])[optional] : [],
    ];
}
