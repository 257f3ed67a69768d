using System.Text.Json;
using Affekt.Models;
using Affekt.Models.Video;
using Affekt.Torch;
using Affekt.Torch.Layers;

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
        using FaceDetectorNetwork network = FaceDetectorNetwork.Load(await FaceFiles.DetectorAsync());
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        byte[] rgb = new byte[side * side * 3];
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = (byte)((i * 7) + ((i >> 6) * 13) + ((i % 5) * 31));
        Tensor picture = Tensor.From<byte>(rgb, 1, side, side, 3).Permute(0, 3, 1, 2).To(Dtype.Float32);

        Tensor cells = network.Forward(picture).Permute(0, 2, 3, 1).Contiguous();

        Assert.Equal([1, 3, 3, 25], cells.Shape);
        Stored.Close(
            [.. expected.GetProperty("values").EnumerateArray().Select(value => value.GetSingle())], cells.ToArray<float>(), 1e-4);
    }

    [Theory]
    [InlineData(1, 360, 640)]
    [InlineData(3, 33, 64)]
    [InlineData(2, 64, 31)]
    [InlineData(2, 1, 1)]
    public async Task The_networks_own_kernels_give_what_ATens_operators_give(int count, int height, int width)
    {
        Assert.SkipUnless(PackedKernels.Available, "no AVX-512 VNNI here");
        using FaceDetectorNetwork network = FaceDetectorNetwork.Load(await FaceFiles.DetectorAsync());
        using PackedPictures packed = network.Pack();
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        byte[] bytes = new byte[count * height * width * 3];
        new Random(5).NextBytes(bytes);
        Tensor rgb = Tensor.FromBytes(bytes, Dtype.UInt8, count, height, width, 3);

        Tensor expected = network.Forward(FaceDetector.Padded(rgb)).Permute(0, 2, 3, 1).Contiguous();
        Tensor cells = packed.Forward(rgb);

        Assert.Equal(expected.Shape, cells.Shape);
        Stored.Close(expected.ToArray<float>(), cells.ToArray<float>(), 1e-4);
    }

    [Fact]
    public async Task A_picture_among_others_has_the_same_cells_as_alone_with_any_number_of_threads()
    {
        Assert.SkipUnless(PackedKernels.Available, "no AVX-512 VNNI here");
        using FaceDetectorNetwork network = FaceDetectorNetwork.Load(await FaceFiles.DetectorAsync());
        using PackedPictures packed = network.Pack();
        using TensorScope scope = new();
        byte[] bytes = new byte[3 * 96 * 160 * 3];
        new Random(6).NextBytes(bytes);
        Tensor rgb = Tensor.FromBytes(bytes, Dtype.UInt8, 3, 96, 160, 3);
        float[] together = packed.Forward(rgb).ToArray<float>();
        int threads = TorchRuntime.Threads;
        try
        {
            TorchRuntime.Threads = 1;
            Assert.Equal(together, packed.Forward(rgb).ToArray<float>());
            Assert.Equal(
                together,
                Enumerable.Range(0, 3).SelectMany(i => packed.Forward(rgb.Narrow(0, i, 1)).ToArray<float>()));
        }
        finally
        {
            TorchRuntime.Threads = threads;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_faces_of_a_real_frame_are_those_that_face_api_finds(bool packed)
    {
        JsonElement expected = _expected.GetProperty("clip");
        float[][] boxes = [.. expected.GetProperty("faces").EnumerateArray().Select(
            box => box.EnumerateArray().Select(value => value.GetSingle()).ToArray())];
        VideoFrames frame = FaceFiles.ClipFrame();
        using FaceDetector detector = FaceDetector.Load(await FaceFiles.DetectorAsync(), packed);

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
