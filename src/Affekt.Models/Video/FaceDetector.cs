using Affekt.Models.Weights;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Video;

/// <summary>
/// Finds faces: the tiny face detector of @vladmandic/face-api (MIT), a small YOLOv2 (Redmon and Farhadi, 2017) over
/// depthwise separable convolutions, with its anchors and its suppression of overlaps.
/// </summary>
public sealed class FaceDetector : IDisposable
{
    /// <summary>A face's score has to be above this, as in the package.</summary>
    public const double DefaultThreshold = 0.5;

    // Of two boxes that overlap by more (intersection over union), the less sure one goes. As in the package.
    private const double MostOverlap = 0.4;

    // Per cell: five boxes of x, y, width, height, score.
    private const int Numbers = 5;

    // Widths and heights in cells, from the package (tinyFaceDetector/const.ts).
    private static readonly (double Width, double Height)[] _anchors =
    [
        (1.603231, 2.094468), (6.041143, 7.080126), (2.882459, 3.518061), (4.266906, 5.178857), (9.041765, 10.66308),
    ];

    private readonly FaceDetectorNetwork _network;
    private readonly PackedPictures? _packed;

    private FaceDetector(FaceDetectorNetwork network, bool packed)
    {
        _network = network;
        _packed = packed && PackedKernels.Available ? network.Pack() : null;
    }

    /// <summary>Loads the published weights from <see cref="WeightPackages.TinyFaceDetector"/>.</summary>
    /// <param name="manifest">The weights' manifest; the weights lie beside it.</param>
    /// <exception cref="StateFileException">A file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static FaceDetector Load(string manifest) => Load(manifest, packed: true);

    /// <summary>The faces in each picture, the surest first; none is no error.</summary>
    /// <param name="frames">Pictures; faces of about 20 to 400 pixels are found.</param>
    /// <param name="threshold">The least score, in (0, 1).</param>
    public IReadOnlyList<IReadOnlyList<FaceBox>> Find(VideoFrames frames, double threshold = DefaultThreshold)
    {
        if (frames.Count == 0)
            return [];
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        Tensor rgb = Tensor.FromBytes(frames.Rgb.Span, Dtype.UInt8, frames.Count, frames.Height, frames.Width, 3);
        Tensor cells_BHWC = _packed?.Forward(rgb) ?? _network.Forward(Padded(rgb)).Permute(0, 2, 3, 1).Contiguous();
        int rows = (int)cells_BHWC.Shape[1], columns = (int)cells_BHWC.Shape[2];
        float[] numbers = cells_BHWC.ToArray<float>();
        int each = numbers.Length / frames.Count;
        return
        [
            .. Enumerable.Range(0, frames.Count).Select(frame => Suppress(
                Boxes(numbers.AsSpan(frame * each, each), rows, columns, threshold), frames.Width, frames.Height)),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed?.Dispose();
        _network.Dispose();
    }

    /// <summary>As <see cref="Load(string)"/>; with ATen's operators where not <paramref name="packed"/>.</summary>
    internal static FaceDetector Load(string manifest, bool packed) => new(FaceDetectorNetwork.Load(manifest), packed);

    /// <summary>Bytes [B, H, W, 3] to [B, 3, H, W], black to the right and below up to whole cells, as the package pads.</summary>
    internal static Tensor Padded(Tensor rgb)
    {
        long right = Padding(rgb.Shape[2]), below = Padding(rgb.Shape[1]);
        Tensor padded = Operator.Get("aten::constant_pad_nd").Call(rgb, new long[] { 0, 0, 0, right, 0, below }, 0);
        return padded.Permute(0, 3, 1, 2).To(Dtype.Float32);
    }

    private static long Padding(long side) => (FaceDetectorNetwork.Cell - (side % FaceDetectorNetwork.Cell)) % FaceDetectorNetwork.Cell;

    private static List<Box> Boxes(ReadOnlySpan<float> numbers, int rows, int columns, double threshold)
    {
        List<Box> boxes = [];
        for (int i = 0; i < rows * columns * _anchors.Length; i++)
        {
            ReadOnlySpan<float> box = numbers.Slice(i * Numbers, Numbers);
            double score = Sigmoid(box[4]);
            if (score <= threshold)
                continue;
            int cell = i / _anchors.Length;
            (double anchorWidth, double anchorHeight) = _anchors[i % _anchors.Length];
            double x = (cell % columns) + Sigmoid(box[0]), y = (cell / columns) + Sigmoid(box[1]);
            double width = Math.Exp(box[2]) * anchorWidth, height = Math.Exp(box[3]) * anchorHeight;
            boxes.Add(new Box(
                (x - (width / 2)) * FaceDetectorNetwork.Cell, (y - (height / 2)) * FaceDetectorNetwork.Cell,
                width * FaceDetectorNetwork.Cell, height * FaceDetectorNetwork.Cell, score));
        }

        return boxes;
    }

    private static IReadOnlyList<FaceBox> Suppress(List<Box> boxes, int width, int height)
    {
        List<Box> kept = [];
        foreach (Box box in boxes.OrderByDescending(box => box.Score))
        {
            if (kept.TrueForAll(other => Overlap(box, other) <= MostOverlap))
                kept.Add(box);
        }

        return [.. kept.Select(box => box.Within(width, height)).OfType<FaceBox>()];
    }

    private static double Overlap(Box a, Box b)
    {
        double width = Math.Min(a.Left + a.Width, b.Left + b.Width) - Math.Max(a.Left, b.Left);
        double height = Math.Min(a.Top + a.Height, b.Top + b.Height) - Math.Max(a.Top, b.Top);
        if (width <= 0 || height <= 0)
            return 0;
        double shared = width * height;
        return shared / ((a.Width * a.Height) + (b.Width * b.Height) - shared);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    // In pixels.
    private readonly record struct Box(double Left, double Top, double Width, double Height, double Score)
    {
        // Cut to the picture; null where nothing of it lies in there.
        public FaceBox? Within(int width, int height)
        {
            double left = Math.Clamp(Left, 0, width), top = Math.Clamp(Top, 0, height);
            double right = Math.Clamp(Left + Width, 0, width), bottom = Math.Clamp(Top + Height, 0, height);
            return right > left && bottom > top
                ? new FaceBox(
                    (float)(left / width), (float)(top / height), (float)((right - left) / width), (float)((bottom - top) / height),
                    (float)Score)
                : null;
        }
    }
}
