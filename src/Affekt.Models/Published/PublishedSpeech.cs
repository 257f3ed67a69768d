using Affekt.Models.Audio;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Published;

/// <summary>A published wav2vec 2.0, HuBERT or WavLM.</summary>
public sealed class PublishedSpeech : PublishedSound
{
    private readonly SoundProcessor _processor;
    private readonly Network[] _networks;
    private readonly Wav2Vec2Config _sizes;

    private PublishedSpeech(PublishedNetworks networks, Wav2Vec2Config sizes, SoundProcessor processor, Network[] loaded, IReadOnlyList<string> unused)
        : base(networks, unused, loaded) => (_sizes, _processor, _networks) = (sizes, processor, loaded);

    /// <inheritdoc/>
    public override int Width => _sizes.HiddenSize * Layers;

    /// <inheritdoc/>
    public override int ShortestSound => _sizes.ShortestSound;

    /// <inheritdoc/>
    public override PublishedFeatures Prepare(ReadOnlySpan<float> samples) => new(_processor.Prepare(samples), [samples.Length]);

    /// <inheritdoc/>
    public override PublishedFeatures Compute(PublishedFeatures prepared, string output, CancellationToken cancellation = default)
    {
        PublishedNetworks.Require(_networks[^1], output);
        using NetworkTensor samples = NetworkTensor.Over(prepared.Values, 1, prepared.Values.Length);
        if (_networks.Length == 1)
            return Alone(samples, prepared.Values.Length, output, cancellation);
        using NetworkOutputs convolved = _networks[0].Run([(Wav2Vec2Graph.Sound, samples)], null, cancellation);
        NetworkTensor features = convolved[Wav2Vec2Graph.Features];
        using NetworkTensor mask = Ones(features.Shape[1]);
        using NetworkOutputs outputs = _networks[1].Run([(Wav2Vec2Graph.Features, features), (Wav2Vec2Graph.Mask, mask)], [output], cancellation);
        return Take(outputs, output);
    }

    internal static PublishedSpeech Open(PublishedNetworks networks)
    {
        Wav2Vec2Config sizes = Wav2Vec2Config.LoadRelative(networks.Config.File);
        networks.RequireLayers(sizes.NumHiddenLayers);
        SoundProcessor processor = SoundProcessor.Load(networks.Folder);
        if (networks.OnnxFile is not null)
            return new PublishedSpeech(networks, sizes, processor, [networks.LoadOnnx(Wav2Vec2Graph.Sound, Wav2Vec2Graph.Mask)], []);
        SoundOutputs outputs = new() { States = networks.Outputs.States, Labels = networks.Labels, Mix = networks.Outputs.Mix };
        Network[] loaded = networks.Load(
            name => Wav2Vec2Weights.Rename(sizes.ModelType, name), out IReadOnlyList<string> unused,
            weights => Wav2Vec2Graph.Convolutions(sizes, weights), weights => Wav2Vec2Graph.Transformer(sizes, weights, outputs));
        return new PublishedSpeech(networks, sizes, processor, loaded, unused);
    }

    private PublishedFeatures Alone(NetworkTensor samples, long length, string output, CancellationToken cancellation)
    {
        using NetworkTensor mask = Ones(length);
        using NetworkOutputs outputs = _networks[0].Run(
            [.. _networks[0].Inputs.Select(input => (input, input == Wav2Vec2Graph.Mask ? mask : samples))], [output], cancellation);
        return Take(outputs, output);
    }

    private static NetworkTensor Ones(long count)
    {
        long[] ones = new long[count];
        ones.AsSpan().Fill(1);
        return NetworkTensor.Over(ones, 1, count);
    }
}

/// <summary>A published Whisper: its encoder.</summary>
public sealed class PublishedWhisper : PublishedSound
{
    private readonly MelProcessor _processor;
    private readonly Network _network;

    private PublishedWhisper(PublishedNetworks networks, int width, MelProcessor processor, Network network, IReadOnlyList<string> unused)
        : base(networks, unused, network) => (Width, _processor, _network) = (width * Layers, processor, network);

    /// <inheritdoc/>
    public override int Width { get; }

    /// <inheritdoc/>
    public override int ShortestSound => 1;

    /// <inheritdoc/>
    public override PublishedFeatures Prepare(ReadOnlySpan<float> samples) => new(_processor.Prepare(samples), [_processor.Bands, _processor.Frames]);

    /// <inheritdoc/>
    public override PublishedFeatures Compute(PublishedFeatures prepared, string output, CancellationToken cancellation = default) =>
        Run(_network, WhisperGraph.Features, prepared, output, cancellation);

    internal static PublishedWhisper Open(PublishedNetworks networks)
    {
        WhisperConfig sizes = WhisperConfig.Load(networks.Config.File);
        networks.RequireLayers(sizes.EncoderLayers);
        MelProcessor processor = MelProcessor.Load(networks.Folder);
        if (processor.Bands != sizes.NumMelBins || processor.Frames != 2 * sizes.MaxSourcePositions)
        {
            throw new ModelException(
                networks.Folder, "preprocessor_config.json", $"{processor.Bands} bands of {processor.Frames} frames",
                $"{sizes.NumMelBins} of {2 * sizes.MaxSourcePositions}, as config.json says");
        }

        if (networks.OnnxFile is not null)
            return new PublishedWhisper(networks, sizes.DModel, processor, networks.LoadOnnx(WhisperGraph.Features), []);
        SoundOutputs outputs = new() { States = networks.Outputs.States, Labels = networks.Labels, Mix = networks.Outputs.Mix };
        Network[] loaded = networks.Load(WhisperGraph.Rename, out IReadOnlyList<string> unused, weights => WhisperGraph.Build(sizes, weights, outputs));
        return new PublishedWhisper(networks, sizes.DModel, processor, loaded[0], unused);
    }
}
