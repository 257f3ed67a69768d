using Affekt.Models.Video;

namespace Affekt.Recognition.Persons;

/// <summary>
/// Whose faces are in a session's pictures as they come: faces are followed from one to the next, and compared now and then with those
/// that utterances told apart. For use by one thread at a time.
/// </summary>
/// <param name="names">Knows the faces.</param>
internal sealed class FollowedFaces(FaceNames names)
{
    // Pictures come some hundred milliseconds apart: a face is near where it was, as a multiple of its size.
    private const double Nearest = 0.6;

    // A face that is lost for longer, in ms, is another's as far as is known; so is one from before a clock was set back.
    private const double LongestGap = 1_000;

    // Who is not known may have spoken meanwhile; whoever is may have gone, and another come in the same place. In ms.
    private const double AskAgain = 1_000;
    private const double AskKnownAgain = 3_000;

    /// <summary>
    /// From one picture of an utterance to the next, about a tenth of a second later, a face and its surroundings correlate at least so
    /// much; less is a cut, after which another person may be in the same place.
    /// </summary>
    public const double SimilarWithinShot = 0.7;

    // Live, a face that changed more than this is identified again: two people may have changed places. An unneeded check costs one descriptor,
    // so this is stricter than a cut.
    private const double SimilarEnough = 0.9;

    private const double Around = 1.6;
    private const int Cells = 8;
    private const int PointsInCell = 3;

    private readonly List<Followed> _faces = [];

    /// <summary>For each face of the next picture whose it is; null where that is not known (yet).</summary>
    /// <param name="picture">One picture.</param>
    /// <param name="faces">The faces in it.</param>
    /// <param name="atMs">When it is on screen; after the last one's, unless a clock was set back.</param>
    public IReadOnlyList<string?> Follow(VideoFrames picture, IReadOnlyList<FaceBox> faces, double atMs)
    {
        _faces.RemoveAll(one => Math.Abs(atMs - one.SeenMs) > LongestGap);
        Followed[] own = new Followed[faces.Count];
        foreach ((_, int face, Followed followed) in faces
            .SelectMany((face, i) => _faces.Select(one => (Distance: FaceTrack.Distance(one.Box, face), Face: i, Followed: one)))
            .Where(pair => pair.Distance < Nearest).OrderBy(pair => pair.Distance).ToArray())
        {
            if (own[face] is null && !own.Contains(followed))
                own[face] = followed;
        }

        List<Followed> asked = [];
        for (int i = 0; i < own.Length; i++)
        {
            if (own[i] is null)
                _faces.Add(own[i] = new Followed());
            double[] look = Appearance(picture, 0, faces[i]);
            if (own[i].Look is { } before && own[i].Person is not null && Similarity(before, look) < SimilarEnough)
                asked.Add(own[i]);
            (own[i].Box, own[i].SeenMs, own[i].Look) = (faces[i], atMs, look);
        }

        // Beside those one in each picture, whose turn was longest ago: to describe a face takes longer than to find it.
        if (own.Where(one => !asked.Contains(one) && atMs - one.AskedMs >= (one.Person is null ? AskAgain : AskKnownAgain)).MinBy(one => one.AskedMs) is { } next)
            asked.Add(next);
        if (asked.Count > 0)
        {
            // Of faces that look alike one asked by itself may be given another's name: then all are asked together, and each gets its own.
            IReadOnlyList<string?> persons = names.Recognize(picture, [.. asked.Select(one => one.Box)]);
            if (own.Any(other => other.Person is not null && !asked.Contains(other) && persons.Contains(other.Person)))
            {
                asked = [.. own];
                persons = names.Recognize(picture, faces);
            }

            foreach ((Followed one, string? person) in asked.Zip(persons))
                (one.Person, one.AskedMs) = (person, atMs);
            foreach (Followed other in _faces.Where(other => other.Person is not null && !asked.Contains(other) && persons.Contains(other.Person)))
                (other.Person, other.AskedMs) = (null, double.NegativeInfinity);
        }

        return [.. own.Select(one => one.Person)];
    }

    /// <summary>The correlation of two appearances, in [-1, 1].</summary>
    public static double Similarity(double[] look, double[] other) => look.Zip(other).Sum(pair => pair.First * pair.Second);

    /// <summary>A face and its surroundings in a few gray cells, of mean 0 and length 1.</summary>
    public static double[] Appearance(VideoFrames pictures, int number, FaceBox face)
    {
        const int Points = Cells * PointsInCell;
        ReadOnlySpan<byte> rgb = pictures.Picture(number);
        double[] look = new double[Cells * Cells];
        for (int point = 0; point < Points * Points; point++)
        {
            int row = point / Points, column = point % Points;
            double x = face.Left + (face.Width * (0.5 + (Around * (((column + 0.5) / Points) - 0.5))));
            double y = face.Top + (face.Height * (0.5 + (Around * (((row + 0.5) / Points) - 0.5))));
            int at = 3 * (((int)Math.Clamp(y * pictures.Height, 0, pictures.Height - 1) * pictures.Width) + (int)Math.Clamp(x * pictures.Width, 0, pictures.Width - 1));
            look[(row / PointsInCell * Cells) + (column / PointsInCell)] += rgb[at] + rgb[at + 1] + rgb[at + 2];
        }

        double mean = look.Average(), length = Math.Max(1e-9, Math.Sqrt(look.Sum(value => (value - mean) * (value - mean))));
        return Array.ConvertAll(look, value => (value - mean) / length);
    }

    private sealed class Followed
    {
        public double[]? Look { get; set; }

        public FaceBox Box { get; set; }

        public double SeenMs { get; set; }

        public double AskedMs { get; set; } = double.NegativeInfinity;

        public string? Person { get; set; }
    }
}
