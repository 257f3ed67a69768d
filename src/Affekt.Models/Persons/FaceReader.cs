using Affekt.Models.Packages;
using Affekt.Models.Video;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;

namespace Affekt.Models.Persons;

/// <summary>
/// What tells faces apart and whether they speak: the points of a face, and a descriptor of whose face it is. Both networks are
/// @vladmandic/face-api's (MIT). Any number of threads may use it.
/// </summary>
public sealed class FaceReader : IDisposable
{
    private const int Colors = 3;

    private readonly Network _landmarks;
    private readonly Network _descriptor;

    private FaceReader(Network landmarks, Network descriptor) => (_landmarks, _descriptor) = (landmarks, descriptor);

    /// <summary>Loads the published weights from <see cref="WeightPackages.FaceApi"/>.</summary>
    /// <param name="folder">The package's folder.</param>
    /// <param name="engine">How they are computed; as usual where null.</param>
    /// <exception cref="StateFileException">A file cannot be read.</exception>
    /// <exception cref="ModelException">A file is not that network.</exception>
    public static FaceReader Load(string folder, EngineOptions? engine = null)
    {
        Network landmarks = Open(Path.Combine(folder, WeightPackages.FaceLandmarks), "face-api's landmarks of 68 points", FaceGraphs.Landmarks, engine);
        try
        {
            return new FaceReader(landmarks, Open(Path.Combine(folder, WeightPackages.FaceDescriptor), "face-api's face descriptor", FaceGraphs.Descriptor, engine));
        }
        catch
        {
            landmarks.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds both networks.</summary>
    /// <param name="folder">As for <see cref="Load"/>.</param>
    public static bool IsIn(string folder) =>
        File.Exists(Path.Combine(folder, WeightPackages.FaceLandmarks)) && File.Exists(Path.Combine(folder, WeightPackages.FaceDescriptor));

    /// <inheritdoc/>
    public void Dispose()
    {
        _landmarks.Dispose();
        _descriptor.Dispose();
    }

    /// <summary>The points of some faces, computed together.</summary>
    /// <param name="frames">The pictures.</param>
    /// <param name="faces">Each face with its picture's number.</param>
    public FacePoints[] FindPoints(VideoFrames frames, IReadOnlyList<(int Picture, FaceBox Face)> faces)
    {
        if (faces.Count == 0)
            return [];
        const int Side = FaceGraphs.LandmarksSide, Pixels = Side * Side * Colors;
        float[] patches = new float[faces.Count * Pixels];
        FaceSquare[] squares = [.. faces.Select(face => Around(face.Face, frames.Width, frames.Height))];
        for (int i = 0; i < squares.Length; i++)
            FacePatch.Draw(frames.Picture(faces[i].Picture), frames.Width, frames.Height, squares[i], patches.AsSpan(i * Pixels, Pixels), Side);
        float[] points = Landmarks(patches);
        return [.. squares.Select((square, i) => Points(points.AsSpan(i * 2 * FaceGraphs.Points, 2 * FaceGraphs.Points), square))];
    }

    /// <summary>A face cut out of its picture for <see cref="Describe"/>: it needs the picture no more.</summary>
    public static float[] CutOut(VideoFrames frames, int frame, FacePoints points)
    {
        const int Side = FaceGraphs.DescriptorSide;
        float[] patch = new float[Side * Side * Colors];
        FacePatch.Draw(frames.Picture(frame), frames.Width, frames.Height, points.Aligned, patch, Side);
        return patch;
    }

    /// <summary>A face with some of what is around it as a PNG file of 64 x 64 pixels.</summary>
    /// <param name="frames">The pictures.</param>
    /// <param name="frame">The picture's number.</param>
    /// <param name="face">The face in it.</param>
    public static byte[] Thumbnail(VideoFrames frames, int frame, FaceBox face)
    {
        const int Side = 64;
        const double Wider = 1.4;
        FaceSquare close = Around(face, frames.Width, frames.Height);
        double margin = (Wider - 1) / 2 * close.Side;
        float[] patch = new float[Side * Side * Colors];
        FacePatch.Draw(frames.Picture(frame), frames.Width, frames.Height, new FaceSquare(close.Left - margin, close.Top - margin, Wider * close.Side), patch, Side);
        return Png.Write(Array.ConvertAll(patch, value => (byte)Math.Clamp((int)Math.Round(value), 0, 255)), Side);
    }

    /// <summary>Whose face it is, as a point in a space of 128 dimensions where those of one person lie near each other.</summary>
    /// <param name="patches">Faces cut out by <see cref="CutOut"/>, one after the other.</param>
    public float[] Describe(float[] patches)
    {
        const int Side = FaceGraphs.DescriptorSide;
        using NetworkTensor faces = NetworkTensor.Over(patches, patches.Length / (Side * Side * Colors), Side, Side, Colors);
        using NetworkOutputs outputs = _descriptor.Run(("faces", faces));
        return outputs[0].ToArray<float>();
    }

    internal float[] Landmarks(float[] patches)
    {
        const int Side = FaceGraphs.LandmarksSide;
        using NetworkTensor faces = NetworkTensor.Over(patches, patches.Length / (Side * Side * Colors), Side, Side, Colors);
        using NetworkOutputs outputs = _landmarks.Run(("faces", faces));
        return outputs[0].ToArray<float>();
    }

    private static Network Open(string manifest, string expected, Func<NetworkWeights, NetworkGraph> build, EngineOptions? engine)
    {
        using NetworkWeights weights = NetworkWeights.Open(manifest);
        try
        {
            return Network.Open(build(weights), engine);
        }
        catch (WeightsMismatchException e)
        {
            throw new ModelException(manifest, null, e.Message, expected, e);
        }
    }

    // The square of the box's longer side.
    private static FaceSquare Around(FaceBox face, int width, int height)
    {
        double boxWidth = face.Width * width, boxHeight = face.Height * height, side = Math.Max(1, Math.Max(boxWidth, boxHeight));
        return new FaceSquare((face.Left * width) - ((side - boxWidth) / 2), (face.Top * height) - ((side - boxHeight) / 2), side);
    }

    private static FacePoints Points(ReadOnlySpan<float> fractions, FaceSquare square)
    {
        float[] x = new float[FaceGraphs.Points], y = new float[FaceGraphs.Points];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = (float)(square.Left + (fractions[2 * i] * square.Side));
            y[i] = (float)(square.Top + (fractions[(2 * i) + 1] * square.Side));
        }

        return new FacePoints(x, y);
    }
}
