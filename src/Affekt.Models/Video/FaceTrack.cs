namespace Affekt.Models.Video;

/// <summary>Follows faces from frame to frame, and chooses the one to read: the one that fills most of the picture.</summary>
public static class FaceTrack
{
    // Between two frames, about a third of a second, a head moves less than its own size, and changes its size less.
    private const double MaxDistance = 1.0;
    private const double LargestChange = 1.8;

    /// <summary>
    /// The face to read in each frame: of all faces that are followed through the frames, the one with the largest area in
    /// sum; null in frames where it is not seen. A face may be lost in between and found again.
    /// </summary>
    /// <param name="faces">For each frame the faces in it.</param>
    public static FaceBox?[] Follow(IReadOnlyList<IReadOnlyList<FaceBox>> faces)
    {
        IReadOnlyList<FaceBox?[]> tracks = All(faces);
        return tracks.Count == 0
            ? new FaceBox?[faces.Count]
            : tracks.MaxBy(track => track.Sum(face => face is { } seen ? (double)seen.Width * seen.Height : 0))!;
    }

    /// <summary>
    /// All faces that are followed through the frames, each null in frames where it is not seen, in the order in which they appear. A
    /// face may be lost in between and found again, near where it was.
    /// </summary>
    /// <param name="faces">For each frame the faces in it.</param>
    public static IReadOnlyList<FaceBox?[]> All(IReadOnlyList<IReadOnlyList<FaceBox>> faces)
    {
        List<FaceBox?[]> tracks = [];
        for (int frame = 0; frame < faces.Count; frame++)
        {
            // Nearest pairs first, each track and each face once.
            List<(double Distance, FaceBox?[] Track, FaceBox Face)> pairs = [];
            foreach (FaceBox?[] track in tracks)
            {
                FaceBox last = Last(track, frame);
                pairs.AddRange(faces[frame].Where(face => Fits(last, face)).Select(face => (Distance(last, face), track, face)));
            }

            HashSet<FaceBox> open = [.. faces[frame]];
            foreach ((_, FaceBox?[] track, FaceBox face) in pairs.OrderBy(pair => pair.Distance))
            {
                if (track[frame] is null && open.Remove(face))
                    track[frame] = face;
            }

            foreach (FaceBox face in open)
            {
                var track = new FaceBox?[faces.Count];
                track[frame] = face;
                tracks.Add(track);
            }
        }

        return tracks;
    }

    /// <summary>How far two boxes are from each other: their centers' distance as a multiple of the larger one's size.</summary>
    public static double Distance(FaceBox a, FaceBox b)
    {
        double x = (b.Left + (b.Width / 2) - a.Left - (a.Width / 2)) / Math.Max(a.Width, b.Width);
        double y = (b.Top + (b.Height / 2) - a.Top - (a.Height / 2)) / Math.Max(a.Height, b.Height);
        return Math.Sqrt((x * x) + (y * y));
    }

    private static FaceBox Last(FaceBox?[] track, int before) => track.Take(before).Last(face => face is not null)!.Value;

    private static bool Fits(FaceBox from, FaceBox to)
    {
        double change = (double)to.Width * to.Height / ((double)from.Width * from.Height);
        return Distance(from, to) <= MaxDistance && Math.Sqrt(Math.Max(change, 1 / change)) <= LargestChange;
    }
}
