using Affekt.Models.Video;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Published;

/// <summary>A published network that sees: ViT.</summary>
public sealed class PublishedPictures : PublishedModel
{
    private readonly PictureProcessor _processor;
    private readonly Network _network;
    private readonly VitConfig _sizes;

    private PublishedPictures(PublishedNetworks networks, VitConfig sizes, PictureProcessor processor, Network network, IReadOnlyList<string> unused)
        : base(networks, unused, network) => (_sizes, _processor, _network) = (sizes, processor, network);

    /// <summary>Features of a place's state.</summary>
    public int Width => _sizes.HiddenSize;

    /// <summary>What the network reads of a picture, prepared as published [3, rows, columns].</summary>
    /// <param name="rgb">[row, column, (red, green, blue)].</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="ModelException">Prepared so, it isn't as large as the network's pictures.</exception>
    public PublishedFeatures Prepare(ReadOnlySpan<byte> rgb, int width, int height)
    {
        float[] values = _processor.Prepare(rgb, width, height, out (int Height, int Width) shape);
        return shape == _sizes.Image
            ? new PublishedFeatures(values, [3, shape.Height, shape.Width])
            : throw new ModelException(
                Folder, "preprocessor_config.json", $"pictures of {shape.Width} x {shape.Height}", $"{_sizes.Image.Width} x {_sizes.Image.Height}, as config.json says");
    }

    /// <summary>Throws unless squares of any size, as faces are cut out, become what the network reads.</summary>
    /// <exception cref="ModelException">They do not.</exception>
    internal void RequireSquares()
    {
        if (_processor.Square != _sizes.Image)
        {
            throw new ModelException(
                Folder, "preprocessor_config.json", _processor.Square is { } size ? $"pictures of {size.Width} x {size.Height}" : "pictures of any size, \"do_resize\": false",
                $"{_sizes.Image.Width} x {_sizes.Image.Height}, as config.json says");
        }
    }

    /// <summary>What the network makes of a picture.</summary>
    /// <param name="prepared">As <see cref="Prepare"/> gives it.</param>
    /// <param name="output"><see cref="PublishedModel.LastStates"/>, <see cref="PublishedModel.Logits"/> or a <see cref="PublishedModel.State"/>.</param>
    /// <param name="cancellation">Stops within the network.</param>
    public PublishedFeatures Compute(PublishedFeatures prepared, string output, CancellationToken cancellation = default) =>
        Run(_network, VitGraph.Pixels, prepared, output, cancellation);

    internal static PublishedPictures Open(PublishedNetworks networks)
    {
        VitConfig sizes = VitConfig.Load(networks.Config.File);
        networks.RequireLayers(sizes.NumHiddenLayers);
        PictureProcessor processor = PictureProcessor.Load(networks.Folder);
        if (networks.OnnxFile is not null)
            return new PublishedPictures(networks, sizes, processor, networks.LoadOnnx(VitGraph.Pixels), []);
        Network[] loaded = networks.Load(
            VitGraph.Rename, out IReadOnlyList<string> unused, weights => VitGraph.Build(sizes, weights, networks.Labels, networks.Outputs.States, networks.Outputs.Mix));
        return new PublishedPictures(networks, sizes, processor, loaded[0], unused);
    }
}
