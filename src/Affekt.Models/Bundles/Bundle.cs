using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Fusion;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Bundles;

/// <summary>A folder with all that recognition needs but the encoders that are fetched, opened for use.</summary>
public sealed class Bundle : IDisposable
{
    private Bundle(
        string folder, BundleConfig config, TextEncoder textEncoder, IAudioEncoder? audioEncoder, AudioTextNetwork audioText,
        SoundNetwork? sound, IFrameEncoder? videoEncoder, VideoNetwork? video)
    {
        Folder = folder;
        Config = config;
        TextEncoder = textEncoder;
        AudioEncoder = audioEncoder;
        AudioText = audioText;
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
    public TextEncoder TextEncoder { get; }

    /// <summary>Sound to features; null where it was not asked for.</summary>
    public IAudioEncoder? AudioEncoder { get; }

    /// <summary>Features to emotions.</summary>
    public AudioTextNetwork AudioText { get; }

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
            BundleConfig.FileName, Config.AudioText.Weights, .. Config.Sound is { } sound ? [sound.Weights] : (string[])[],
            .. Config.Video is { } video ? [video.Weights] : (string[])[],
            .. BundleEncoders.FileNames(Folder, Config),
        ]).Order(StringComparer.Ordinal),
    ];

    /// <summary>Opens a bundle.</summary>
    /// <param name="folder">The bundle's folder.</param>
    /// <param name="encoders">
    /// Where the encoders lie that are not in the folder. A text encoder on the hub is looked for in the cache.
    /// </param>
    /// <param name="options">How BERT, wav2vec 2.0 and MC3-18 are computed; null for the defaults.</param>
    /// <exception cref="ModelException">The folder is not a bundle, or a file in it is not what it should be.</exception>
    public static Bundle Open(string folder, EncoderPlaces encoders, EncoderOptions? options = null)
    {
        BundleConfig config = BundleConfig.Load(Path.Combine(folder, BundleConfig.FileName));
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
    /// <param name="prior">How often each emotion is expected; null for what the bundle says.</param>
    /// <exception cref="ModelException">A prior is given, and the bundle fuses branches: its answers hold a prior that nothing takes out.</exception>
    public ExpertFusion? ExpertsUnder(EmotionPrior? prior)
    {
        if (Config.Fusion?.Experts is { } experts)
            return new ExpertFusion(experts, prior);
        return prior is null
            ? null
            : throw new ModelException(
                Path.Combine(Folder, BundleConfig.FileName), "fusion.kind", Config.Fusion?.Name ?? FusionConfig.Late.Name,
                $"experts, for a prior to be chosen ({prior.Name})");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TextEncoder.Dispose();
        AudioEncoder?.Dispose();
        AudioText.Dispose();
        Sound?.Dispose();
        VideoEncoder?.Dispose();
        Video?.Dispose();
    }
}
