using Affekt.Models.Video;

namespace Affekt.Tests.Video;

public sealed class FaceTrackTests
{
    [Fact]
    public void The_face_that_fills_most_of_the_picture_is_followed_though_it_moves()
    {
        FaceBox[][] frames =
        [
            [Face(0.1f, 0.1f), Face(0.6f, 0.2f)], [Face(0.65f, 0.2f), Face(0.1f, 0.1f)], [Face(0.12f, 0.1f), Face(0.7f, 0.2f)],
        ];

        Assert.Equal([0.6f, 0.65f, 0.7f], FaceTrack.Follow(frames).Select(face => face!.Value.Left));
    }

    [Fact]
    public void A_face_that_is_lost_for_a_frame_is_found_again() => Assert.Equal(
        [0.5f, null, 0.52f], FaceTrack.Follow([[Face(0.5f, 0.2f)], [], [Face(0.52f, 0.2f)]]).Select(face => face?.Left));

    [Fact]
    public void Another_face_elsewhere_does_not_take_the_place_of_a_lost_one() => Assert.Equal(
        [0.7f, 0.7f, null], FaceTrack.Follow([[Face(0.7f, 0.2f)], [Face(0.7f, 0.2f)], [Face(0.1f, 0.2f)]]).Select(face => face?.Left));

    [Fact]
    public void Two_faces_never_share_a_track()
    {
        FaceBox[][] frames = [[Face(0.3f, 0.2f), Face(0.42f, 0.21f)], [Face(0.41f, 0.21f)]];

        Assert.Equal([0.42f, 0.41f], FaceTrack.Follow(frames).Select(face => face!.Value.Left));
    }

    [Fact]
    public void Frames_without_faces_give_none() => Assert.Equal(new FaceBox?[2], FaceTrack.Follow([[], []]));

    private static FaceBox Face(float left, float side) => new(left, 0.3f, side, side, 0.9f);
}
