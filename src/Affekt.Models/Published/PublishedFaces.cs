using Affekt.Models.Video;
using Affekt.Onnx.Sessions;
using Affekt.Recognition;

namespace Affekt.Models.Published;

/// <summary>
/// A published network on faces: finds the face that fills most of the pictures, as the starter does, cuts it out in color, and gives for each
/// picture shares of the labels, as an expert, or the state of the first place after the last layer, as a frozen encoder.
/// </summary>
public sealed class PublishedFaces : IFrameEncoder
{
    private const int FrameCount = FaceEncoder.FrameCount;
    private const int LongerSide = MemoryRecording.LargestSide;

    // A face of fewer pixels shows no expression.
    private const int SmallestSide = 20;

    private readonly FaceDetector _detector;
    private readonly PublishedPictures _model;

    private PublishedFaces(FaceDetector detector, PublishedPictures model, LabelMap? labels) => (_detector, _model, Labels) = (detector, model, labels);

    /// <summary>What its labels are; null for a frozen encoder.</summary>
    public LabelMap? Labels { get; }

    /// <inheritdoc/>
    public int Width => Labels?.Set.Count ?? _model.Width;

    /// <inheritdoc/>
    public FrameRequest Frames { get; } = new(FrameCount, LongerSide, Whole: true);

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="labels">What its labels are told to be.</param>
    /// <param name="detectorManifest">The face detector's manifest.</param>
    /// <param name="set">Among which labels; null for the seven emotions.</param>
    /// <param name="options">How it is computed; as usual where null.</param>
    /// <param name="int8">Whether large products are computed in int8.</param>
    /// <exception cref="ModelException">It is no network of this kind, or lacks a tensor.</exception>
    public static PublishedFaces Load(
        string folder, IReadOnlyDictionary<string, string> labels, string detectorManifest, LabelSet? set = null, EngineOptions? options = null, bool int8 = false)
    {
        (PublishedModel model, LabelMap map) = PublishedExperts.Open(folder, PublishedInput.Picture, labels, set, options, int8);
        try
        {
            return Open((PublishedPictures)model, map, detectorManifest);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Opens a folder as a frozen encoder, whether or not it has a classifier.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="detectorManifest">The face detector's manifest.</param>
    /// <param name="options">How it is computed: in single precision, or int8.</param>
    /// <exception cref="ModelException">It is no network that sees, or lacks a tensor.</exception>
    public static PublishedFaces LoadFrozen(string folder, string detectorManifest, EncoderOptions? options = null)
    {
        PublishedConfig config = PublishedConfig.Load(folder);
        if (config.Input != PublishedInput.Picture)
            throw new ModelException(config.File, "model_type", $"\"{config.Family}\"", "a network that sees");
        PublishedModel model = PublishedModel.Open(folder, null, options?.Engine, options?.Precision == Precision.Int8);
        try
        {
            return Open((PublishedPictures)model, null, detectorManifest);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public FrameFeatures Encode(VideoFrames frames)
    {
        if (frames.Count == 0)
            return FrameFeatures.Unusable(0, "no picture");
        IReadOnlyList<IReadOnlyList<FaceBox>> faces = _detector.Find(frames, FaceEncoder.LeastScore);
        FaceBox?[] followed = FaceTrack.Follow(faces);
        IReadOnlyList<FaceBox>[] sorted =
            [.. faces.Select((inFrame, frame) => followed[frame] is { } face ? [face, .. inFrame.Where(other => other != face)] : inFrame)];
        float[] values = new float[frames.Count * Width];
        bool[] present = new bool[frames.Count];
        int small = 0;
        for (int frame = 0; frame < frames.Count; frame++)
        {
            if (followed[frame] is not { } face)
                continue;
            (int left, int top, int side) = Square(face, frames.Width, frames.Height);
            small += side < SmallestSide ? 1 : 0;
            if (side < SmallestSide)
                continue;
            PublishedFeatures pixels = _model.Prepare(Cut(frames.Picture(frame), frames.Width, left, top, side), side, side);
            float[] read = Labels is null
                ? _model.Compute(pixels, PublishedModel.LastStates).Values[..Width]
                : PublishedExperts.ToShares(_model, Labels, _model.Compute(pixels, PublishedModel.Logits));
            read.CopyTo(values, frame * Width);
            present[frame] = true;
        }

        return present.Contains(true)
            ? new FrameFeatures(values, present, null, sorted)
            : FrameFeatures.Unusable(
                frames.Count, small > 0 ? $"face too small in {small} of {frames.Count} frames" : $"no face in {frames.Count} of {frames.Count} frames", sorted);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _model.Dispose();
    }

    private static PublishedFaces Open(PublishedPictures model, LabelMap? labels, string detectorManifest)
    {
        model.RequireSquares();
        return new PublishedFaces(FaceDetector.Load(detectorManifest), model, labels);
    }

    // The square around the face, moved into the picture where it reaches out of it.
    private static (int Left, int Top, int Side) Square(FaceBox face, int width, int height)
    {
        (double left, double top, double side) = FaceCrop.Square(face, width, height);
        int whole = Math.Min((int)Math.Round(side), Math.Min(width, height));
        return (Math.Clamp((int)Math.Round(left), 0, width - whole), Math.Clamp((int)Math.Round(top), 0, height - whole), whole);
    }

    private static byte[] Cut(ReadOnlySpan<byte> picture, int width, int left, int top, int side)
    {
        byte[] cut = new byte[3 * side * side];
        for (int row = 0; row < side; row++)
            picture.Slice(3 * (((top + row) * width) + left), 3 * side).CopyTo(cut.AsSpan(3 * row * side));
        return cut;
    }
}
