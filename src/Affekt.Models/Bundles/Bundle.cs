using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Fusion;
using Affekt.Models.Packages;
using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Bundles;

/// <summary>A folder with all that recognition needs but the encoders that are fetched, opened for use.</summary>
public sealed class Bundle : IDisposable
{
    private readonly TextEncoder? _textEncoder;
    private readonly AudioTextNetwork? _audioText;

    private Bundle(
        string folder, BundleConfig config, TextEncoder? textEncoder, IAudioEncoder? audioEncoder, AudioTextNetwork? audioText,
        SoundNetwork? sound, IFrameEncoder? videoEncoder, VideoNetwork? video, PublishedWords? words = null)
    {
        Folder = folder;
        Config = config;
        _textEncoder = textEncoder;
        AudioEncoder = audioEncoder;
        _audioText = audioText;
        Words = words;
        Sound = sound;
        VideoEncoder = videoEncoder;
        Video = video;
        Fusion = new BranchFusion(config.Fusion ?? FusionConfig.Late);
        Metadata = new MetadataVocabulary(config.Speakers);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What is in it.</summary>
    public BundleConfig Config { get; }

    /// <summary>Words to features.</summary>
    /// <exception cref="InvalidOperationException">The bundle is made of published classifiers.</exception>
    public TextEncoder TextEncoder => _textEncoder ?? throw Classifiers();

    /// <summary>The published classifier of words; null where the bundle has none.</summary>
    public PublishedWords? Words { get; }

    /// <summary>Sound to features; null where it was not asked for.</summary>
    public IAudioEncoder? AudioEncoder { get; }

    /// <summary>Features to emotions.</summary>
    /// <exception cref="InvalidOperationException">The bundle is made of published classifiers.</exception>
    public AudioTextNetwork AudioText => _audioText ?? throw Classifiers();

    /// <summary>Sound alone to emotions; null where the audio-text branch hears.</summary>
    public SoundNetwork? Sound { get; }

    /// <summary>Pictures to features; null where they were not asked for, or the bundle has no video branch.</summary>
    public IFrameEncoder? VideoEncoder { get; }

    /// <summary>Frames' features to emotions; null where the bundle has no video branch.</summary>
    public VideoNetwork? Video { get; }

    /// <summary>What joins the branches' answers; for a bundle of experts their plain average, to be compared with.</summary>
    public BranchFusion Fusion { get; }

    /// <summary>Speakers and the other categories.</summary>
    public MetadataVocabulary Metadata { get; }

    /// <summary>
    /// SHA-256 over the names and contents of config.json and the files that it names in the bundle's folder, in
    /// hexadecimal: the same for the same bundle, on every machine. Encoders that lie elsewhere are known by their names
    /// only; a repository's revision pins them.
    /// </summary>
    public string Hash => field ??= FilesHash.Of(Folder, FileNames);

    /// <summary>The files that make up the bundle, relative to its folder, sorted.</summary>
    public IReadOnlyList<string> FileNames =>
    [
        .. ((IEnumerable<string>)
        [
            BundleConfig.FileName, .. Config.Published is null ? [Config.AudioText.Weights] : (string[])[],
            .. Config.Sound is { } sound ? [sound.Weights] : (string[])[],
            .. Config.Video is { } video ? [video.Weights] : (string[])[],
            .. BundleEncoders.FileNames(Folder, Config),
        ]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The folder of a bundle that a package put beside the program, such as Affekt.Starter's "starter"; null where it is absent.</summary>
    /// <param name="name">The bundle's folder name.</param>
    public static string? FindPackaged(string name) => ProgramFolder.Find("bundles", name);

    /// <summary>Opens a bundle.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="encoders">
    /// Where the encoders lie that are not in the folder. A text encoder on the hub is looked for in the cache.
    /// </param>
    /// <param name="options">How BERT, wav2vec 2.0 and MC3-18 are computed; null for the defaults.</param>
    /// <exception cref="ModelException">The folder is not a bundle, or a file in it is not what it should be.</exception>
    public static Bundle Open(string folder, EncoderLocations encoders, EncoderOptions? options = null)
    {
        BundleConfig config = BundleConfig.Load(Path.Combine(folder, BundleConfig.FileName));
        if (config.Published is { } published)
            return OpenPublished(folder, config, published, encoders, options);
        TextEncoder? text = null;
        IAudioEncoder? audio = null;
        AudioTextNetwork? branch = null;
        SoundNetwork? sound = null;
        IFrameEncoder? videoEncoder = null;
        VideoNetwork? video = null;
        try
        {
            text = BundleEncoders.OpenText(folder, config.TextEncoder, options);
            CheckWidth("audio_text.network.text_width", text.Width, config.AudioText.Network.TextWidth);
            if (encoders.Audio is not null)
            {
                audio = BundleEncoders.OpenAudio(config.AudioEncoder, encoders.Audio, options);
                CheckWidth("audio_text.network.audio_width", audio.Width, config.AudioText.Network.AudioWidth);
            }

            branch = AudioTextNetwork.Load(config.AudioText.Network, Path.Combine(folder, config.AudioText.Weights));
            if (config.Sound is { } heard)
                sound = SoundNetwork.Load(heard.Network, Path.Combine(folder, heard.Weights));
            if (config.Video is { } part)
            {
                video = VideoNetwork.Load(part.Network, Path.Combine(folder, part.Weights));
                if (encoders.Video is not null)
                {
                    videoEncoder = BundleEncoders.OpenVideo(folder, config.VideoEncoder!, encoders.Video, options);
                    CheckWidth("video.network.frame_width", videoEncoder.Width, part.Network.FrameWidth);
                }
            }

            return new Bundle(folder, config, text, audio, branch, sound, videoEncoder, video);
        }
        catch (Exception e)
        {
            text?.Dispose();
            audio?.Dispose();
            branch?.Dispose();
            sound?.Dispose();
            videoEncoder?.Dispose();
            video?.Dispose();
            if (e is StateFileException or WeightsMismatchException or TokenizerException)
                throw new ModelException(folder, null, e.Message, "a bundle", e);
            throw;
        }

        void CheckWidth(string field, int found, int expected)
        {
            if (found != expected)
            {
                throw new ModelException(
                    Path.Combine(folder, BundleConfig.FileName), field, $"{expected}", $"{found}, the encoder's width");
            }
        }
    }

    /// <summary>How experts' answers are joined under a prior, or under the bundle's own; null for a bundle that fuses branches.</summary>
    /// <param name="prior">How often each label is expected; null for what the bundle says.</param>
    /// <exception cref="ModelException">
    /// A prior is given, and it is one of other labels, or the bundle fuses branches: its answers hold a prior that nothing takes out.
    /// </exception>
    public ExpertFusion? ExpertsUnder(EmotionPrior? prior)
    {
        if (Config.Fusion?.Experts is { } experts)
        {
            try
            {
                return new ExpertFusion(experts, prior, Config.LabelSet);
            }
            catch (ArgumentException e)
            {
                throw new ModelException(Path.Combine(Folder, BundleConfig.FileName), "labels", $"{Config.LabelSet}", $"{prior!.Labels}, for the prior {prior.Name}", e);
            }
        }

        return prior is null
            ? null
            : throw new ModelException(
                Path.Combine(Folder, BundleConfig.FileName), "fusion.kind", Config.Fusion?.Name ?? FusionConfig.Late.Name,
                $"experts, for a prior to be chosen ({prior.Name})");
    }

    /// <summary>What is read of a text: features, and states of its tokens where the video branch reads them; null for one without a word.</summary>
    /// <param name="text">The text.</param>
    public (float[] Features, float[]? Tokens)? ReadText(string text)
    {
        if (Config.Published is not null)
            return Words?.Read(text) is { } said ? (said, null) : null;
        const int TokensOfNothing = 2; // [CLS] and [SEP]
        long[] tokens = TextEncoder.Tokenize(text);
        if (tokens.Length <= TokensOfNothing)
            return null;
        float[] states = TextEncoder.TokenStates([tokens]).Values, features = new float[TextEncoder.Width];
        TextEncoder.Pool(states, features);
        return (features, Video is { Config.TextWidth: > 0 } ? states : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _textEncoder?.Dispose();
        Words?.Dispose();
        AudioEncoder?.Dispose();
        _audioText?.Dispose();
        Sound?.Dispose();
        VideoEncoder?.Dispose();
        Video?.Dispose();
    }

    private static Bundle OpenPublished(
        string folder, BundleConfig config, PublishedClassifiers parts, EncoderLocations encoders, EncoderOptions? options)
    {
        PublishedWords? words = null;
        IAudioEncoder? audio = null;
        try
        {
            bool int8 = options?.Precision == Precision.Int8;
            if (parts.Text is { } text && encoders.Text is { } place)
                words = PublishedWords.Load(place, text.TargetsByLabel, config.LabelSet, options?.Engine, int8);
            if (encoders.Audio is { } heard)
                audio = parts.Audio is { } sound ? PublishedVoice.Load(heard, sound.TargetsByLabel, config.LabelSet, options?.Engine, int8) : new NoAudioEncoder();
            if (encoders.Dimensions is { } measured)
                audio = PublishedMeasures.Load(parts.Audio is null ? null : (PublishedVoice?)audio, measured, config.DimensionNames, options?.Engine, int8);
            IFrameEncoder? faces = parts.Face is { } face && encoders is { Face: { } seen, Video: { } detector }
                ? PublishedFaces.Load(seen, face.TargetsByLabel, detector, config.LabelSet, options?.Engine, int8)
                : null;
            return new Bundle(folder, config, null, audio, null, null, faces, null, words);
        }
        catch (Exception e)
        {
            words?.Dispose();
            audio?.Dispose();
            if (e is StateFileException or WeightsMismatchException)
                throw new ModelException(folder, null, e.Message, "a bundle of published classifiers", e);
            throw;
        }
    }

    private InvalidOperationException Classifiers() => new($"{Config.Name} is made of published classifiers, which have no encoders and branches");
}
