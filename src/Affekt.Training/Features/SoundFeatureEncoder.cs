using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Bundles;
using Affekt.Models.Persons;
using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Training.Features;

/// <summary>Sound to one vector.</summary>
public sealed class SoundFeatureEncoder : FeatureEncoder
{
    // Raise it when an encoder, or how sound is decoded for it, computes something else.
    private const int Revision = 2;

    private readonly Func<float[], AudioFeatures> _encode;
    private readonly IDisposable _network;
    private readonly MediaTools _tools = MediaTools.Find();

    private SoundFeatureEncoder(Func<float[], AudioFeatures> encode, IDisposable network, int width, string hash)
    {
        _encode = encode;
        _network = network;
        Width = width;
        Output = new FeatureOutput(FeatureKind.Audio, hash);
    }

    /// <inheritdoc/>
    public override string Modality => "audio";

    /// <summary>The vector.</summary>
    public FeatureOutput Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureOutput> Outputs => [Output];

    /// <inheritdoc/>
    public override int BatchSize => 16;

    /// <summary>Features of a sound.</summary>
    public int Width { get; }

    /// <inheritdoc cref="PublishedSoundEncoder.Layers"/>
    internal int LayerCount { get; private init; } = 1;

    /// <summary>Moonshine's first layers, from encoder_model.onnx.</summary>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    /// <inheritdoc cref="MoonshineEncoder.Load"/>
    public static SoundFeatureEncoder Moonshine(string onnxFile, Precision precision)
    {
        MoonshineEncoder encoder = MoonshineEncoder.Load(onnxFile);
        return new SoundFeatureEncoder(
            sound => encoder.Encode(sound), encoder, MoonshineEncoder.Width,
            EncoderHash.Of([onnxFile], ("network", "moonshine"), ("revision", Revision), ("precision", precision)));
    }

    /// <summary>
    /// Voices as the published encoder of speakers hears them in what is spoken, before anything is fitted to them.
    /// </summary>
    /// <inheritdoc cref="SpeakerEncoder.Load"/>
    internal static SoundFeatureEncoder Voice(string file)
    {
        SpeakerEncoder encoder = SpeakerEncoder.Load(file);
        return new SoundFeatureEncoder(
            sound => encoder.EncodeRaw(sound) is { } voice ? new AudioFeatures(voice, null) : new AudioFeatures(null, "no voice was heard in it"),
            encoder, SpeakerEncoder.Width, EncoderHash.Of([file], ("network", "resemblyzer"), ("frames", "spoken"), ("revision", Revision)));
    }

    /// <summary>wav2vec 2.0, the mean over frames, from a folder in Hugging Face's layout.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="precision">The arithmetic of the large products.</param>
    /// <param name="device">Where it computes; the processor where null.</param>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    /// <inheritdoc cref="Wav2Vec2Encoder.Load"/>
    public static SoundFeatureEncoder Wav2Vec2(string folder, Precision precision, Device? device = null)
    {
        return OfWav2Vec2(folder, TorchEncoders.Options(precision, device), AudioEncoderPart.Wav2Vec2);
    }

    private static SoundFeatureEncoder OfWav2Vec2(string folder, EncoderOptions options, string family)
    {
        Wav2Vec2Encoder encoder = Wav2Vec2Encoder.Load(folder, options, family);
        return new SoundFeatureEncoder(
            sound => encoder.Encode([sound])[0], encoder, encoder.Width,
            EncoderHash.Of(EncoderHash.FilesOf(folder), ("network", family), ("revision", Revision), EncoderHash.Arithmetic(options.Precision, encoder.Network is Wav2Vec2Network)));
    }

    /// <summary>A network in Hugging Face's layout of any family that hears, the mean over frames.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="precision">The arithmetic of the large products.</param>
    /// <param name="device">Where wav2vec 2.0 and HuBERT compute; the processor where null.</param>
    /// <param name="family">The family that it must be of; null for what it is.</param>
    /// <param name="mix">As <see cref="TextOutputs.Mix"/>; then ONNX Runtime computes.</param>
    /// <exception cref="MediaException">ffmpeg or ffprobe is missing.</exception>
    /// <inheritdoc cref="PublishedSoundEncoder.Load"/>
    public static SoundFeatureEncoder Published(
        string folder, Precision precision, Device? device = null, string? family = null, IReadOnlyList<double>? mix = null)
    {
        string found = PublishedConfig.Load(folder).Family;
        if (mix is null && (family ?? found) == AudioEncoderPart.Wav2Vec2 && (found != AudioEncoderPart.Wav2Vec2 || Wav2Vec2Config.FitsAccelerator(folder)))
            return Wav2Vec2(folder, precision, device);
        EncoderOptions options = TorchEncoders.Options(precision, device);
        if (mix is null && options.Accelerator is not null && found == Wav2Vec2Config.Hubert && found == (family ?? found) && Wav2Vec2Config.FitsAccelerator(folder))
            return OfWav2Vec2(folder, options, found);
        PublishedSoundEncoder encoder = PublishedSoundEncoder.Load(folder, family, options with { Accelerator = null }, mix);
        return new SoundFeatureEncoder(sound => encoder.Encode(sound), encoder, encoder.Width, Hash(mix))
        {
            Layers = mix is null ? null : new FeatureOutput(FeatureKind.Audio, Hash([])),
            Mix = mix,
            LayerCount = encoder.Layers,
        };

        string Hash(IReadOnlyList<double>? layers) => EncoderHash.Of(
            EncoderHash.FilesOf(folder),
            [("network", found), ("revision", Revision), EncoderHash.Arithmetic(precision, byOnnxRuntime: true), .. EncoderHash.Mixture(layers)]);
    }

    /// <inheritdoc/>
    public override bool Reads(Utterance utterance) => utterance.Media is not null;

    /// <inheritdoc/>
    public override Task<string> IdentifyAsync(Utterance utterance, CancellationToken cancellation) =>
        UtteranceMedia.IdentifyAsync(utterance, cancellation);

    /// <summary>What the encoder makes of a sound.</summary>
    /// <param name="samples">As <see cref="MoonshineEncoder.Encode"/> takes them.</param>
    internal StoredFeature Encode(float[] samples)
    {
        AudioFeatures features = _encode(samples);
        StoredFeature feature = features.Values is { } values
            ? StoredFeature.Vector(values)
            : StoredFeature.Unusable(features.Reason ?? "nothing was heard in it");
        return feature with { DurationMs = Sound.Milliseconds(samples.Length) };
    }

    internal override async Task<PreparedInput> DecodeAsync(Utterance utterance, CancellationToken cancellation)
    {
        Sound sound = (await UtteranceMedia.ReadSoundAsync(_tools, utterance, cancellation).ConfigureAwait(false)).Sound;
        return sound.IsMissing
            ? new PreparedInput.Nothing(sound.Warnings[^1].Message)
            : new PreparedInput.Samples(sound.Samples);
    }

    internal override IReadOnlyList<StoredFeature[]> Encode(IReadOnlyList<PreparedInput> inputs, CancellationToken cancellation) =>
        Workers.Map(inputs, input => new[] { Encode(((PreparedInput.Samples)input).Values) }, cancellation);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _network.Dispose();
}
