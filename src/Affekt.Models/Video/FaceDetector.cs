using System.Runtime.InteropServices;
using Affekt.Models.Packages;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

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

    private readonly Network _network;

    private FaceDetector(Network network) => _network = network;

    /// <summary>Loads the published weights from <see cref="WeightPackages.TinyFaceDetector"/>.</summary>
    /// <param name="manifest">The weights' manifest; the weights lie beside it.</param>
    /// <param name="engine">How it is computed; as usual where null.</param>
    /// <exception cref="StateFileException">A file cannot be read.</exception>
    /// <exception cref="ModelException">The file is not that network.</exception>
    public static FaceDetector Load(string manifest, EngineOptions? engine = null)
    {
        using NetworkWeights weights = NetworkWeights.Open(manifest);
        try
        {
            return new FaceDetector(Network.Open(FaceDetectorGraph.Build(weights), engine));
        }
        catch (WeightsMismatchException e)
        {
            throw new ModelException(manifest, null, e.Message, "face-api's tiny face detector", e);
        }
    }

    /// <summary>
    /// The faces in each picture, the surest first; none is no error. A picture without one is looked at again at half its size, for a face
    /// that fills it is not found otherwise.
    /// </summary>
    /// <param name="frames">Pictures; faces of about 20 to 400 pixels are found, and those up to 800 where there is no smaller one.</param>
    /// <param name="threshold">The least score, in (0, 1).</param>
    public IReadOnlyList<IReadOnlyList<FaceBox>> Find(VideoFrames frames, double threshold = DefaultThreshold)
    {
        return [.. Enumerable.Range(0, frames.Count).Select(frame => Find(frames, frame, threshold) is { Count: > 0 } found ? found : Find(AtHalfSize(frames, frame), 0, threshold))];
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    /// <summary>A picture's cells, before their sigmoids and exponentials: [1, rows, columns, 25].</summary>
    /// <param name="rgb">Bytes [H, W, 3].</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    internal NetworkTensor Cells(ReadOnlyMemory<byte> rgb, int width, int height)
    {
        using NetworkTensor picture = NetworkTensor.Over(MemoryMarshal.AsMemory(rgb), 1, height, width, 3);
        return _network.Run(("picture", picture))[0];
    }

    // Picture by picture: the first layers' results for one are a few MB, which the processor's caches keep.
    private IReadOnlyList<FaceBox> Find(VideoFrames frames, int frame, double threshold)
    {
        int length = frames.Width * frames.Height * 3;
        using NetworkTensor cells = Cells(frames.Rgb.Slice(frame * length, length), frames.Width, frames.Height);
        List<Box> boxes = Boxes(cells.Span<float>(), (int)cells.Shape[1], (int)cells.Shape[2], threshold);
        return Suppress(boxes, frames.Width, frames.Height);
    }

    // Each pixel the mean of four.
    private static VideoFrames AtHalfSize(VideoFrames frames, int frame)
    {
        ReadOnlySpan<byte> whole = frames.Picture(frame);
        int width = Math.Max(1, frames.Width / 2), height = Math.Max(1, frames.Height / 2), row = 3 * frames.Width;
        int right = frames.Width > 1 ? 3 : 0, below = frames.Height > 1 ? row : 0;
        byte[] half = new byte[3 * width * height];
        for (int i = 0; i < half.Length; i++)
        {
            int from = (2 * (i / (3 * width)) * row) + (6 * (i / 3 % width)) + (i % 3);
            half[i] = (byte)((whole[from] + whole[from + right] + whole[from + below] + whole[from + right + below] + 2) / 4);
        }

        return new VideoFrames(half, 1, width, height);
    }

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
                (x - (width / 2)) * FaceDetectorGraph.Cell, (y - (height / 2)) * FaceDetectorGraph.Cell,
                width * FaceDetectorGraph.Cell, height * FaceDetectorGraph.Cell, score));
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
