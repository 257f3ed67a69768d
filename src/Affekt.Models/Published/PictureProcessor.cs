using Affekt.Models.Tokenizers;

namespace Affekt.Models.Published;

/// <summary>
/// A picture as a published network reads it: what preprocessor_config.json states, as transformers' ViTImageProcessor does it, to the same
/// numbers.
/// </summary>
public sealed class PictureProcessor
{
    private const int MostPixels = 1 << 14;

    private readonly bool _resizes;
    private readonly (int Height, int Width)? _size;
    private readonly int? _shortestEdge;
    private readonly int _filter;
    private readonly (int Height, int Width)? _crop;
    private readonly double? _rescale;
    private readonly float[]? _mean;
    private readonly float[]? _deviation;
    private readonly string _file;

    private PictureProcessor(JsonField root)
    {
        _file = root.File;
        Preprocessing.Require(root, ["image_processor_type", "feature_extractor_type"], "ViTImageProcessor", "ViTImageProcessorFast", "ViTImageProcessorPil", "ViTFeatureExtractor");
        if (root.Find("size") is { } size)
            (_size, _shortestEdge) = Size(size);
        else
            _size = (224, 224);
        _resizes = root.Find("do_resize")?.Flag() ?? true;
        _filter = root.Find("resample")?.Count(0, 5) ?? 2;
        if (root.Find("do_center_crop")?.Flag() == true)
            _crop = Size(root.Get("crop_size")).Whole ?? throw root.Get("crop_size").Wrong(root.Get("crop_size").Short, "height and width");
        if (root.Find("do_rescale")?.Flag() ?? true)
            _rescale = root.Find("rescale_factor")?.Number() ?? (1.0 / 255);
        if (root.Find("do_normalize")?.Flag() ?? true)
            (_mean, _deviation) = (Colors(root.Find("image_mean")), Colors(root.Find("image_std")));
        if (_deviation is not null && _deviation.Any(deviation => deviation == 0))
            throw root.Get("image_std").Wrong(root.Get("image_std").Short, "numbers to divide by");
    }

    /// <summary>Reads a folder's preprocessor_config.json, or the part of processor_config.json about pictures.</summary>
    /// <exception cref="ModelException">There is neither, or a field is not what it should be.</exception>
    public static PictureProcessor Load(string folder) => new(
        Preprocessing.Find(folder, "image_processor") ?? throw new ModelException(folder, "preprocessor_config.json", "nothing", "how pictures are prepared"));

    /// <summary>What pictures are, once prepared, where a picture is as high as wide: rows and columns; null for what they were before.</summary>
    internal (int Height, int Width)? Square => _crop ?? (_resizes ? _size ?? (_shortestEdge!.Value, _shortestEdge.Value) : null);

    /// <summary>The numbers that a network reads.</summary>
    /// <param name="rgb">[row, column, (red, green, blue)].</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="shape">[3, rows, columns] of what comes out.</param>
    public float[] Prepare(ReadOnlySpan<byte> rgb, int width, int height, out (int Height, int Width) shape)
    {
        ReadOnlySpan<byte> pixels = rgb;
        if (_resizes)
        {
            (int newHeight, int newWidth) = Resized(height, width);
            pixels = PillowResize.Resize(pixels, width, height, newWidth, newHeight, _filter);
            (width, height) = (newWidth, newHeight);
        }

        if (_crop is { } crop)
        {
            pixels = Cropped(pixels, height, width, crop);
            (height, width) = crop;
        }

        float[] values = new float[pixels.Length];
        int plane = width * height;
        for (int i = 0; i < plane; i++)
        {
            for (int color = 0; color < 3; color++)
            {
                byte pixel = pixels[(3 * i) + color];
                float value = _rescale is { } factor ? (float)(pixel * factor) : pixel;
                values[(color * plane) + i] = _mean is null ? value : (value - _mean[color]) / _deviation![color];
            }
        }

        shape = (height, width);
        return values;
    }

    private static ((int Height, int Width)? Whole, int? ShortestEdge) Size(JsonField part)
    {
        if (part.IsArray)
        {
            JsonField[] both = [.. part.Elements()];
            return both.Length == 2 ? ((both[0].Count(1, MostPixels), both[1].Count(1, MostPixels)), null) : throw part.Wrong(part.Short, "height and width");
        }

        if (!part.IsObject)
            return ((part.Count(1, MostPixels), part.Count(1, MostPixels)), null);
        if (part.Find("longest_edge") is not null)
            throw part.Wrong(part.Short, "height and width, or shortest_edge alone");
        return part.Find("shortest_edge") is { } edge
            ? (null, edge.Count(1, MostPixels))
            : ((part.Get("height").Count(1, MostPixels), part.Get("width").Count(1, MostPixels)), null);
    }

    private static float[] Colors(JsonField? part)
    {
        if (part is null)
            return [0.5f, 0.5f, 0.5f];
        if (!part.IsArray)
            return [(float)part.Number(), (float)part.Number(), (float)part.Number()];
        float[] colors = [.. part.Elements().Select(color => (float)color.Number())];
        return colors.Length == 3 ? colors : throw part.Wrong(part.Short, "a number for red, green and blue");
    }

    private (int Height, int Width) Resized(int height, int width)
    {
        if (_size is { } whole)
            return whole;
        int edge = _shortestEdge!.Value;
        (int Height, int Width) size = width <= height
            ? ((int)((long)edge * height / width), edge)
            : (edge, (int)((long)edge * width / height));
        return size is { Height: <= MostPixels, Width: <= MostPixels }
            ? size
            : throw new ModelException(_file, "size", $"a picture of {size.Width} x {size.Height}", $"at most {MostPixels} pixels in each direction");
    }

    // Around the middle; black where the picture is smaller.
    private static byte[] Cropped(ReadOnlySpan<byte> rgb, int height, int width, (int Height, int Width) crop)
    {
        byte[] cropped = new byte[3 * crop.Height * crop.Width];
        int top = Start(height, crop.Height), left = Start(width, crop.Width);
        for (int row = Math.Max(0, -top); row < crop.Height && row + top < height; row++)
        {
            int from = Math.Max(0, left), to = Math.Max(0, -left), count = Math.Min(width - from, crop.Width - to);
            rgb.Slice(3 * (((row + top) * width) + from), 3 * count).CopyTo(cropped.AsSpan(3 * ((row * crop.Width) + to)));
        }

        return cropped;

        static int Start(int size, int wanted) => size >= wanted ? (size - wanted) / 2 : -((wanted - size + 1) / 2);
    }
}
