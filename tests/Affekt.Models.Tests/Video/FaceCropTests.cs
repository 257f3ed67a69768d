using Affekt.Models.Video;

namespace Affekt.Tests.Video;

public sealed class FaceCropTests
{
    [Fact]
    public void A_crop_shows_the_picture_around_the_box_in_its_luma()
    {
        // Red to the left of column 50, blue from there on; the box is centered on that edge.
        byte[] picture = new byte[100 * 100 * 3];
        for (int pixel = 0; pixel < 100 * 100; pixel++)
            picture[(3 * pixel) + (pixel % 100 < 50 ? 0 : 2)] = 255;
        float[] crop = new float[48 * 48];

        FaceCrop.Draw(picture, 100, 100, new FaceBox(0.3f, 0.3f, 0.4f, 0.4f, 1), crop, 48);

        Assert.Equal(0.299 * 255, crop[0], 1e-3);
        Assert.Equal(0.114 * 255, crop[47], 1e-3);
        Assert.Equal(crop[23], crop[(47 * 48) + 23]);
    }

    [Fact]
    public void A_box_at_the_edge_repeats_the_edge_and_a_large_face_is_averaged_not_thinned()
    {
        // Columns of 0 and 255 in turn: what is thinned out would stay black or white.
        byte[] picture = new byte[400 * 400 * 3];
        for (int i = 0; i < picture.Length; i++)
            picture[i] = (byte)((i / 3) % 2 * 255);
        float[] crop = new float[48 * 48];

        FaceCrop.Draw(picture, 400, 400, new FaceBox(0, 0, 1, 1, 1), crop, 48);

        Assert.All(Enumerable.Range(10, 28), column => Assert.InRange(crop[(24 * 48) + column], 90, 165));
    }
}
