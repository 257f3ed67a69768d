using Affekt.Models;
using Affekt.Models.Video;

namespace Affekt.Tests.Video;

public sealed class FaceEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_face_of_a_real_clip_is_found_in_every_frame_and_encoded()
    {
        using FaceEncoder encoder = await NewEncoder();

        FrameFeatures features = encoder.Encode(FaceFiles.Repeat(FaceFiles.ClipFrame(), 3));

        Assert.Null(features.Reason);
        Assert.Equal((3, 3 * 256), (features.Usable, features.Values!.Length));
        Assert.All(features.Values, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(features.Values[..256], features.Values[256..512]);

        // Joey's face, a little right of the middle.
        Assert.All(features.Faces, inFrame => Assert.InRange(inFrame[0].Left, 0.42f, 0.52f));
    }

    [Theory]
    [InlineData(",scale=iw/8:ih/8,pad=640:360:200:100", "no face in 1 of 1 frames", "face too small in 1 of 1 frames")]
    [InlineData(",lutrgb=r=val/24:g=val/24:b=val/24", "no face in 1 of 1 frames", "face too dark in 1 of 1 frames")]
    [InlineData(",lutrgb=r=90:g=90:b=90", "no face in 1 of 1 frames", "no face in 1 of 1 frames")]
    public async Task A_tiny_a_dark_and_an_absent_face_are_results_that_say_so(string filters, string either, string or)
    {
        using FaceEncoder encoder = await NewEncoder();

        FrameFeatures features = encoder.Encode(FaceFiles.ClipFrame(filters));

        Assert.Null(features.Values);
        Assert.Equal(0, features.Usable);
        Assert.Contains(features.Reason!, (string[])[either, or]);
    }

    [Fact]
    public async Task A_face_that_is_gone_in_some_frames_is_missing_in_those_only()
    {
        using FaceEncoder encoder = await NewEncoder();
        VideoFrames frame = FaceFiles.ClipFrame();
        byte[] rgb = new byte[3 * frame.Rgb.Length];
        frame.Rgb.CopyTo(rgb);
        frame.Rgb.CopyTo(rgb.AsMemory(2 * frame.Rgb.Length));

        FrameFeatures features = encoder.Encode(new VideoFrames(rgb, 3, frame.Width, frame.Height));

        Assert.Equal([true, false, true], features.Present);
        Assert.Equal(new float[256], features.Values![256..512]);
        Assert.Empty(features.Faces[1]);
    }

    [Fact]
    public async Task No_picture_is_a_result_that_says_so()
    {
        using FaceEncoder encoder = await NewEncoder();

        FrameFeatures features = encoder.Encode(new VideoFrames(default, 0, 0, 0));

        Assert.Null(features.Values);
        Assert.Equal("no picture", features.Reason);
    }

    [Fact]
    public async Task A_face_and_its_mirror_image_give_the_same_features()
    {
        using FaceEncoder encoder = await NewEncoder();
        byte[] face = new byte[48 * 48], mirrored = new byte[48 * 48];
        for (int i = 0; i < face.Length; i++)
        {
            face[i] = (byte)((i * 31) + (i >> 5));
            mirrored[((i / 48) * 48) + 47 - (i % 48)] = face[i];
        }

        Stored.Close(encoder.EncodeFaces(face).Values!, encoder.EncodeFaces(mirrored).Values!, 1e-4);
    }

    [Fact]
    public async Task A_face_given_as_such_gives_features_and_a_flat_one_is_unusable()
    {
        using FaceEncoder encoder = await NewEncoder();
        byte[] faces = new byte[2 * 48 * 48];
        for (int i = 0; i < 48 * 48; i++)
            faces[i] = (byte)(i * 3);
        faces.AsSpan(48 * 48).Fill(120);

        FrameFeatures features = encoder.EncodeFaces(faces);

        Assert.Equal([true, false], features.Present);
        Assert.Equal("face too dark in 1 of 1 frames", encoder.EncodeFaces(faces.AsSpan(48 * 48)).Reason);
    }

    [Fact]
    public async Task Another_file_in_the_expression_networks_place_is_an_error_that_names_it()
    {
        string detector = await FaceFiles.DetectorAsync();

        Assert.Contains(detector, Assert.Throws<ModelException>(() => FaceEncoder.Load(detector, detector)).Message, StringComparison.Ordinal);
    }

    private async Task<FaceEncoder> NewEncoder() => FaceEncoder.Load(FaceFiles.RandomExpression(_folder), await FaceFiles.DetectorAsync());
}
