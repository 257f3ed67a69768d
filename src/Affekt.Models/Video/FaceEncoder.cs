using Affekt.Recognition;

namespace Affekt.Models.Video;

/// <summary>
/// The starter's frame encoder: finds the faces in each frame, follows the one that fills most of the picture, and gives the
/// expression network's features of it.
/// </summary>
public sealed class FaceEncoder : IFrameEncoder
{
    /// <summary>Frames of an utterance.</summary>
    public const int FrameCount = 8;

    /// <summary>
    /// Pixels of a whole picture's longer side, at most: a face that fills a tenth of a 720p picture's width is 64 pixels wide here.
    /// </summary>
    public const int LongerSide = MemoryRecording.LargestSide;

    /// <summary>
    /// The score from which on something is taken for a face. Below the package's 0.5, under which the face falls in one of eight
    /// frames of the real clip at hand: what is taken for a face now and then does little harm, since only the face that fills
    /// most of the picture through the frames is read.
    /// </summary>
    public const double LeastScore = 0.4;

    // A face of fewer pixels shows no expression: FER2013's have 48.
    private const double SmallestSide = 20;

    // Mean and standard deviation of gray values 0 to 255 below which a face is too dark, or too flat, to be read.
    private const double DarkestMean = 16;
    private const double LeastContrast = 5;

    private const string Small = "face too small";
    private const string Dark = "face too dark";
    private const string NoFace = "no face";

    private readonly FaceDetector _detector;
    private readonly ExpressionEncoder _expression;

    private FaceEncoder(FaceDetector detector, ExpressionEncoder expression)
    {
        _detector = detector;
        _expression = expression;
    }

    /// <inheritdoc/>
    public int Width => ExpressionEncoder.Width;

    /// <summary>The folder of the package that the face detector is from; others of its networks may lie there.</summary>
    public string? PackageFolder { get; private init; }

    /// <inheritdoc/>
    public FrameRequest Frames { get; } = new(FrameCount, LongerSide, Whole: true);

    /// <summary>Loads both networks.</summary>
    /// <param name="expressionWeights">The expression network's file.</param>
    /// <param name="detectorManifest">The face detector's manifest.</param>
    /// <param name="scales">As for <see cref="ExpressionEncoder.Load"/>.</param>
    /// <param name="shift">As for <see cref="ExpressionEncoder.Load"/>.</param>
    /// <exception cref="Onnx.StateFiles.StateFileException">A file cannot be read.</exception>
    /// <exception cref="ModelException">A file is not the network that it should be.</exception>
    public static FaceEncoder Load(string expressionWeights, string detectorManifest, IReadOnlyList<double>? scales = null, int shift = 0)
    {
        FaceDetector detector = FaceDetector.Load(detectorManifest);
        try
        {
            return new FaceEncoder(detector, ExpressionEncoder.Load(expressionWeights, scales: scales, shift: shift))
            {
                PackageFolder = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(detectorManifest))),
            };
        }
        catch
        {
            detector.Dispose();
            throw;
        }
    }

    /// <summary>The faces in each picture, the surest first.</summary>
    /// <param name="frames">As <see cref="Frames"/> says, but any number of them.</param>
    public IReadOnlyList<IReadOnlyList<FaceBox>> FindFaces(VideoFrames frames) => _detector.Find(frames, LeastScore);

    /// <inheritdoc/>
    public FrameFeatures Encode(VideoFrames frames) => Encode(frames, FindFaces(frames));

    /// <summary>As <see cref="Encode(VideoFrames)"/>, where the faces are known already.</summary>
    /// <param name="frames">As <see cref="Frames"/> says; or fewer.</param>
    /// <param name="faces">For each picture what <see cref="FindFaces"/> gave for it.</param>
    public FrameFeatures Encode(VideoFrames frames, IReadOnlyList<IReadOnlyList<FaceBox>> faces)
    {
        return Encode(frames, faces, FaceTrack.Follow(faces));
    }

    /// <summary>As <see cref="Encode(VideoFrames)"/>, where it is known which face to read.</summary>
    /// <param name="frames">As <see cref="Frames"/> says; or fewer.</param>
    /// <param name="faces">For each picture the faces in it.</param>
    /// <param name="followed">For each picture the one to read; null where it is not seen.</param>
    public FrameFeatures Encode(VideoFrames frames, IReadOnlyList<IReadOnlyList<FaceBox>> faces, IReadOnlyList<FaceBox?> followed)
    {
        if (frames.Count == 0)
            return FrameFeatures.Unusable(0, "no picture");
        float[] crops = new float[frames.Count * ExpressionEncoder.Side * ExpressionEncoder.Side];
        string?[] problems = [.. Enumerable.Range(0, frames.Count).Select(frame => Crop(frames, frame, followed[frame], crops))];
        IReadOnlyList<FaceBox>[] sorted =
            [.. faces.Select((inFrame, frame) => followed[frame] is { } face ? [face, .. inFrame.Where(other => other != face)] : inFrame)];
        return Encode(crops, problems, sorted);
    }

    /// <summary>The features of pictures that are faces already, cut as FER2013's, each as a frame of its own.</summary>
    /// <param name="faces">Gray values 0 to 255, [n, 48, 48].</param>
    public FrameFeatures EncodeFaces(ReadOnlySpan<byte> faces)
    {
        float[] crops = new float[faces.Length];
        for (int i = 0; i < crops.Length; i++)
            crops[i] = faces[i];
        const int Pixels = ExpressionEncoder.Side * ExpressionEncoder.Side;
        string?[] problems = [.. Enumerable.Range(0, crops.Length / Pixels).Select(i => Light(crops.AsSpan(i * Pixels, Pixels)))];
        return Encode(crops, problems, []);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _expression.Dispose();
    }

    private FrameFeatures Encode(float[] crops, string?[] problems, IReadOnlyList<IReadOnlyList<FaceBox>> faces)
    {
        const int Pixels = ExpressionEncoder.Side * ExpressionEncoder.Side;
        int[] usable = [.. Enumerable.Range(0, problems.Length).Where(frame => problems[frame] is null)];
        if (usable.Length == 0)
        {
            IEnumerable<string> reasons = problems.CountBy(problem => problem!)
                .Select(group => $"{group.Key} in {group.Value} of {problems.Length} frames");
            return FrameFeatures.Unusable(problems.Length, string.Join(", ", reasons), faces);
        }

        float[] taken = new float[usable.Length * Pixels];
        for (int i = 0; i < usable.Length; i++)
            crops.AsSpan(usable[i] * Pixels, Pixels).CopyTo(taken.AsSpan(i * Pixels));
        float[] features = _expression.Encode(taken);
        float[] values = new float[problems.Length * Width];
        for (int i = 0; i < usable.Length; i++)
            features.AsSpan(i * Width, Width).CopyTo(values.AsSpan(usable[i] * Width));
        return new FrameFeatures(values, [.. problems.Select(problem => problem is null)], null, faces);
    }

    // Draws the crop into its place; says what is wrong with it, or null.
    private static string? Crop(VideoFrames frames, int frame, FaceBox? face, float[] crops)
    {
        const int Pixels = ExpressionEncoder.Side * ExpressionEncoder.Side;
        if (face is not { } box)
            return NoFace;
        if (Math.Min(box.Width * frames.Width, box.Height * frames.Height) < SmallestSide)
            return Small;
        Span<float> crop = crops.AsSpan(frame * Pixels, Pixels);
        FaceCrop.Draw(frames.Picture(frame), frames.Width, frames.Height, box, crop, ExpressionEncoder.Side);
        return Light(crop);
    }

    private static string? Light(ReadOnlySpan<float> crop)
    {
        double sum = 0, squares = 0;
        foreach (float gray in crop)
        {
            sum += gray;
            squares += gray * gray;
        }

        double mean = sum / crop.Length;
        double variance = Math.Max(0, (squares / crop.Length) - (mean * mean));
        return mean < DarkestMean || variance < LeastContrast * LeastContrast ? Dark : null;
    }
}
