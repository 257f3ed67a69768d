using System.Text.Json;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Video;
using Affekt.Onnx.Sessions;

namespace Affekt.Tests.Video;

/// <summary>Against face-api's own runtime, TensorFlow.js; see make_faces.mjs beside the fixture.</summary>
public sealed class FaceDetectorTests
{
    private static readonly JsonElement _expected =
        JsonDocument.Parse(File.ReadAllText(Stored.Fixture("faces/faces.json"))).RootElement;

    [Fact]
    public async Task The_network_gives_what_TensorFlow_js_gives_for_a_synthetic_picture()
    {
        JsonElement expected = _expected.GetProperty("synthetic");
        int side = expected.GetProperty("side").GetInt32();
        using FaceDetector detector = FaceDetector.Load(await FaceFiles.DetectorAsync());
        byte[] rgb = new byte[side * side * 3];
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = (byte)((i * 7) + ((i >> 6) * 13) + ((i % 5) * 31));

        using NetworkTensor cells = detector.Cells(rgb, side, side);

        Assert.Equal([1, 3, 3, 25], cells.Shape);
        Stored.Close(
            [.. expected.GetProperty("values").EnumerateArray().Select(value => value.GetSingle())], cells.ToArray<float>(), 1e-4);
    }

    [Theory]
    [InlineData(33, 64)]
    [InlineData(64, 31)]
    [InlineData(1, 1)]
    public async Task A_picture_of_any_size_is_filled_up_with_black_to_whole_cells(int height, int width)
    {
        using FaceDetector detector = FaceDetector.Load(await FaceFiles.DetectorAsync());
        byte[] rgb = new byte[height * width * 3];
        new Random(5).NextBytes(rgb);
        int rows = ((height + 31) / 32 * 32), columns = ((width + 31) / 32 * 32);
        byte[] filled = new byte[rows * columns * 3];
        for (int row = 0; row < height; row++)
            rgb.AsSpan(row * width * 3, width * 3).CopyTo(filled.AsSpan(row * columns * 3));

        using NetworkTensor cells = detector.Cells(rgb, width, height);
        using NetworkTensor expected = detector.Cells(filled, columns, rows);

        Assert.Equal([1, rows / 32, columns / 32, 25], cells.Shape);
        Assert.Equal(expected.ToArray<float>(), cells.ToArray<float>());
    }

    [Fact]
    public async Task The_faces_of_a_real_frame_are_those_that_face_api_finds()
    {
        JsonElement expected = _expected.GetProperty("clip");
        float[][] boxes = [.. expected.GetProperty("faces").EnumerateArray().Select(
            box => box.EnumerateArray().Select(value => value.GetSingle()).ToArray())];
        VideoFrames frame = FaceFiles.ClipFrame();
        using FaceDetector detector = FaceDetector.Load(await FaceFiles.DetectorAsync());

        // The package fills pictures up to a square, so here a square is given.
        byte[] square = new byte[640 * 640 * 3];
        frame.Rgb.CopyTo(square);
        IReadOnlyList<FaceBox> faces = detector.Find(new VideoFrames(square, 1, 640, 640), expected.GetProperty("threshold").GetDouble())[0];

        Assert.Equal(boxes.Length, faces.Count);
        foreach ((float[] box, FaceBox face) in boxes.Zip(faces))
        {
            Stored.Close(
                [box[0] * 640, box[1] * 360, box[2] * 640, box[3] * 360], [face.Left * 640, face.Top * 640, face.Width * 640, face.Height * 640],
                0.01, "box");
            Stored.Close([box[4]], [face.Score], 1e-4, "score");
        }
    }

    [Fact]
    public async Task A_face_that_fills_the_picture_is_found_at_half_the_size()
    {
        using FaceDetector detector = FaceDetector.Load(await FaceFiles.DetectorAsync());
        Picture close = await MediaTools.Find().ReadPictureAsync(
            TestPaths.Shared("data/faces/taiwanese/validation/sad/tai-5846-019.jpg"), TestContext.Current.CancellationToken);

        FaceBox found = Assert.Single(detector.Find(new VideoFrames(close.Rgb, 1, close.Width, close.Height))[0]);

        Assert.InRange(found.Width * found.Height, 0.5f, 1f);
    }

    [Fact]
    public async Task A_picture_without_a_face_gives_none_and_no_picture_gives_nothing()
    {
        using FaceDetector detector = FaceDetector.Load(await FaceFiles.DetectorAsync());

        Assert.Empty(Assert.Single(detector.Find(new VideoFrames(new byte[3 * 50 * 70], 1, 70, 50))));
        Assert.Empty(detector.Find(new VideoFrames(default, 0, 0, 0)));
    }

    [Fact]
    public void Another_network_in_the_detectors_place_is_an_error_that_names_the_file()
    {
        using TemporaryFolder folder = new();
        string file = FaceFiles.RandomExpression(folder);

        Assert.Contains(file, Assert.Throws<ModelException>(() => FaceDetector.Load(file)).Message, StringComparison.Ordinal);
    }
}
