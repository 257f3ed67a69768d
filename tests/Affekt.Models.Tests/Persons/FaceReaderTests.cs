using System.Text.Json;
using Affekt.Models.Persons;
using Affekt.Tests.Video;

namespace Affekt.Tests.Persons;

/// <summary>Against face-api's own runtime, TensorFlow.js; see make_persons.mjs beside the fixture.</summary>
public sealed class FaceReaderTests
{
    private static readonly JsonElement _expected =
        JsonDocument.Parse(File.ReadAllText(Stored.Fixture("faces/persons.json"))).RootElement;

    [Fact]
    public async Task The_points_are_those_that_TensorFlow_js_gives()
    {
        using FaceReader reader = FaceReader.Load(await FaceFiles.FolderAsync());

        float[] points = reader.Landmarks(Synthetic(112));

        Stored.Close(Expected("points"), points, 1e-4);
    }

    [Fact]
    public async Task The_descriptor_is_that_of_TensorFlow_js()
    {
        using FaceReader reader = FaceReader.Load(await FaceFiles.FolderAsync());

        float[] descriptor = reader.Describe(Synthetic(150));

        Stored.Close(Expected("descriptor"), descriptor, 1e-4);
    }

    [Fact]
    public void A_patch_of_a_picture_in_its_own_size_is_the_picture()
    {
        byte[] picture = new byte[20 * 20 * 3];
        new Random(3).NextBytes(picture);
        float[] patch = new float[picture.Length];

        FacePatch.Draw(picture, 20, 20, new FaceSquare(0, 0, 20), patch, 20);

        Assert.Equal(Array.ConvertAll(picture, value => (float)value), patch);
    }

    [Fact]
    public void A_patch_of_half_the_size_holds_means_of_four_pixels()
    {
        byte[] picture = new byte[8 * 8 * 3];
        new Random(4).NextBytes(picture);
        float[] patch = new float[4 * 4 * 3];

        FacePatch.Draw(picture, 8, 8, new FaceSquare(0, 0, 8), patch, 4);

        for (int row = 0; row < 4; row++)
        {
            for (int column = 0; column < 4; column++)
            {
                for (int color = 0; color < 3; color++)
                {
                    double mean = (At(2 * row, 2 * column) + At(2 * row, (2 * column) + 1) + At((2 * row) + 1, 2 * column) + At((2 * row) + 1, (2 * column) + 1)) / 4;
                    Assert.Equal(mean, patch[(((row * 4) + column) * 3) + color], 1e-3);

                    double At(int y, int x) => picture[(((y * 8) + x) * 3) + color];
                }
            }
        }
    }

    private static float[] Expected(string name) => [.. _expected.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];

    private static float[] Synthetic(int side)
    {
        float[] rgb = new float[side * side * 3];
        for (int i = 0; i < rgb.Length; i++)
            rgb[i] = (byte)((i * 7) + ((i >> 6) * 13) + ((i % 5) * 31));
        return rgb;
    }
}
