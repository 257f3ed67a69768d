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

    // A face that is lost for longer, in ms, is another's as far as is known.
    private const double LongestGap = 1_000;

    // Who is not known may have spoken meanwhile; whoever is may have gone, and another come in the same place. In ms.
    private const double AskAgain = 1_000;
    private const double AskKnownAgain = 3_000;

    private readonly List<Followed> _faces = [];

    /// <summary>For each face of the next picture whose it is; null where that is not known (yet).</summary>
    /// <param name="picture">One picture.</param>
    /// <param name="faces">The faces in it.</param>
    /// <param name="atMs">When it is on screen; behind the last one's.</param>
    public IReadOnlyList<string?> Follow(VideoFrames picture, IReadOnlyList<FaceBox> faces, double atMs)
    {
        _faces.RemoveAll(one => one.SeenMs < atMs - LongestGap);
        Followed[] own = new Followed[faces.Count];
        foreach ((_, int face, Followed followed) in faces
            .SelectMany((face, i) => _faces.Select(one => (Distance: FaceTrack.Distance(one.Box, face), Face: i, Followed: one)))
            .Where(pair => pair.Distance < Nearest).OrderBy(pair => pair.Distance).ToArray())
        {
            if (own[face] is null && !own.Contains(followed))
                own[face] = followed;
        }

        for (int i = 0; i < own.Length; i++)
        {
            if (own[i] is null)
                _faces.Add(own[i] = new Followed());
            (own[i].Box, own[i].SeenMs) = (faces[i], atMs);
        }

        // One in each picture, whose turn was longest ago: to describe a face takes longer than to find it.
        if (own.Where(one => atMs - one.AskedMs >= (one.Person is null ? AskAgain : AskKnownAgain)).MinBy(one => one.AskedMs) is { } asked)
        {
            (asked.Person, asked.AskedMs) = (names.Recognize(picture, asked.Box), atMs);
            foreach (Followed other in _faces.Where(one => one != asked && asked.Person is not null && one.Person == asked.Person))
                (other.Person, other.AskedMs) = (null, double.NegativeInfinity);
        }

        return [.. own.Select(one => one.Person)];
    }

    private sealed class Followed
    {
        public FaceBox Box { get; set; }

        public double SeenMs { get; set; }

        public double AskedMs { get; set; } = double.NegativeInfinity;

        public string? Person { get; set; }
    }
}
