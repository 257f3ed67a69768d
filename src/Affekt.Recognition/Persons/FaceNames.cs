using System.Globalization;
using Affekt.Media;
using Affekt.Models.Persons;
using Affekt.Models.Video;

namespace Affekt.Recognition.Persons;

/// <summary>More pictures of an utterance than a frame encoder reads: enough to see mouths move.</summary>
/// <param name="Pictures">The pictures, at most some hundred milliseconds apart.</param>
/// <param name="AtMs">When each is on screen, in ms.</param>
/// <param name="Faces">For each the faces in it; null where nobody looked for them.</param>
/// <param name="OwnEach">Of so many each, the middle one is a picture that the encoder reads; 0 where those are others.</param>
internal sealed record DensePictures(
    VideoFrames Pictures, IReadOnlyList<double> AtMs, IReadOnlyList<IReadOnlyList<FaceBox>>? Faces, int OwnEach = 0);

/// <summary>The faces in an utterance's pictures.</summary>
/// <param name="Boxes">For each picture the faces in it.</param>
/// <param name="Tracks">Those that were followed through more than one picture.</param>
internal sealed record FaceLook(IReadOnlyList<IReadOnlyList<FaceBox>> Boxes, IReadOnlyList<FaceBox?[]> Tracks)
{
    /// <summary>Who the only face is, a number; null where there are several, or this is not known yet.</summary>
    public int? Only { get; init; }

    /// <summary>Whether it has to be told which of several speaks, or whether the only one does.</summary>
    public bool AsksWhoSpeaks { get; init; }
}

/// <summary>What was made of an utterance's faces.</summary>
/// <param name="Features">Of the face that is read.</param>
/// <param name="Face">Whose it is; null where no face is seen.</param>
/// <param name="Listeners">The others, by person.</param>
internal sealed record SeenFaces(FrameFeatures Features, UtteranceFace? Face, IReadOnlyList<(string Person, FrameFeatures Features)> Listeners);

/// <summary>
/// Tells the faces of one recording or session apart, and which of them speaks. Descriptors stay in here and go with it. For use by one
/// thread at a time, but for <see cref="Recognize"/>, <see cref="Rename"/> and <see cref="Merge"/>.
/// </summary>
/// <param name="encoder">Finds faces, and reads their expression.</param>
/// <param name="reader">Tells them apart; not loaded before it is needed. Its value is null where its weights are not there.</param>
/// <param name="thumbnails">Whether persons are told with small pictures.</param>
internal sealed class FaceNames(FaceEncoder encoder, Lazy<FaceReader?> reader, bool thumbnails = false)
{
    // Who is seen for a moment only does not count.
    private const int MinPictures = 2;
    private const double MinShare = 0.15;

    // Boxes of two looks at the same face lie nearer than this, as a multiple of their size.
    private const double SameFace = 0.6;

    // Pictures on either side that steady a box.
    private const int SmoothedOver = 2;

    // Somebody who is not seen for longer was away.
    private const int LongestGap = 2_000;

    // Of real faces of 50 pixels or more the best score is above it.
    private const double SureOfFace = 0.6;

    private const double SureOfSpeaking = 0.6;

    // Whoever is seen alone while a voice is heard is mostly whose voice it is.
    private const double OnlyOne = 0.5;

    private readonly FaceIdentities _identities = new();
    private readonly Lock _knowing = new();
    private readonly Dictionary<int, string> _given = [];
    private readonly Dictionary<int, int> _same = [];
    private readonly Dictionary<int, (double Worth, byte[] Picture)> _thumbnails = [];
    private readonly List<(int Utterance, int Person, double Weight)> _spoken = [];
    private readonly Dictionary<int, List<PersonStretch>> _stretches = [];
    private int _utterances;
    private volatile bool _heardOthers;

    /// <summary>Whether several voices were heard: a face alone may then be that of one who listens to another behind the camera.</summary>
    public bool HeardOthers
    {
        get => _heardOthers;
        set => _heardOthers = value;
    }

    /// <summary>Looks for faces.</summary>
    public FaceLook Find(UtteranceMaterial material)
    {
        IReadOnlyList<IReadOnlyList<FaceBox>> boxes = material.Faces ?? encoder.FindFaces(material.Pictures!);
        FaceLook look = new(boxes, KeepCertain([.. FaceTrack.All(boxes).Where(track => track.Count(face => face is not null) >= Math.Min(MinPictures, boxes.Count))]));
        if (look.Tracks.Count != 1)
            return look with { AsksWhoSpeaks = look.Tracks.Count > 1 };

        // A face alone is the speaker's, until others were seen or heard: then it may be a listener's.
        if (!material.IsOneOfMany || reader.Value is not { } faces)
            return look;
        if (Count > 1 || HeardOthers)
            return look with { AsksWhoSpeaks = true };
        int only = Identify(faces, material.Pictures!, Times(material), look.Tracks)[0];
        return look with { Only = only, AsksWhoSpeaks = Count > 1 };
    }

    /// <summary>How many persons' faces were seen.</summary>
    public int Count
    {
        get
        {
            lock (_knowing)
                return Enumerable.Range(0, _identities.Count).Select(MergedInto).Distinct().Count();
        }
    }

    // A face that the detector is never sure of is often none, but a cushion, say. Where there is no other, it stays.
    private static FaceBox?[][] KeepCertain(FaceBox?[][] tracks)
    {
        FaceBox?[][] certain = [.. tracks.Where(track => track.Max(face => face?.Score) >= SureOfFace)];
        return certain.Length > 0 ? certain : tracks;
    }

    /// <summary>An utterance without pictures went by.</summary>
    public void Skip() => _utterances++;

    /// <summary>Tells whose face speaks in an utterance, and reads it and the others.</summary>
    /// <param name="material">The utterance, with pictures.</param>
    /// <param name="look">What <see cref="Find"/> gave.</param>
    /// <param name="closer">Pictures that are closer together; null where there are none but the utterance's own.</param>
    public SeenFaces Read(UtteranceMaterial material, FaceLook look, DensePictures? closer)
    {
        int utterance = _utterances++;
        VideoFrames pictures = material.Pictures!;
        if (look.Tracks.Count == 0)
            return new SeenFaces(encoder.Encode(pictures, look.Boxes), null, []);

        // A clip of one person needs nothing more than it ever did.
        if (!look.AsksWhoSpeaks && !material.IsOneOfMany)
            return new SeenFaces(encoder.Encode(pictures, look.Boxes), new UtteranceFace(UtteranceFaceStatus.Only, null, null), []);
        if (reader.Value is not { } faces)
            return new SeenFaces(encoder.Encode(pictures, look.Boxes), null, []);
        if (look is { AsksWhoSpeaks: false, Only: { } only })
        {
            _spoken.Add((utterance, only, OnlyOne * (material.EndMs - material.StartMs)));
            return new SeenFaces(encoder.Encode(pictures, look.Boxes), new UtteranceFace(UtteranceFaceStatus.Only, Id(only), null), []);
        }

        double[] times = Times(material);
        closer ??= new DensePictures(pictures, times, look.Boxes);
        int least = Math.Max(MinPictures, (int)(MinShare * closer.Pictures.Count));
        FaceBox?[][] tracks = KeepCertain([.. TracksOf(closer, look).SelectMany(track => BetweenCuts(closer.Pictures, track)).Where(track => track.Count(face => face is not null) >= least)]);
        if (tracks.Length == 0)
            return new SeenFaces(encoder.Encode(pictures, look.Boxes), null, []);
        double[][] mouths = [.. tracks.Select(track => MouthOpenings(faces, closer.Pictures, track))];
        int[] owners = Identify(faces, closer.Pictures, closer.AtMs, tracks);
        int[] persons = [.. owners.Distinct()];
        double[][] openings = [.. persons.Select(person => OpeningsOf(mouths, owners, person))];
        (int speaking, double confidence) = SpeakingFace.Choose(openings, Loudness(material, closer.AtMs), (closer.AtMs[^1] - closer.AtMs[0]) / Math.Max(1, closer.AtMs.Count - 1));
        Dictionary<int, FaceBox?[]> followed = persons.ToDictionary(
            person => person, person => Followed(look.Boxes, times, tracks, owners, person, closer.AtMs));
        List<(string Person, FrameFeatures Features)> listeners = [];
        for (int i = 0; i < persons.Length; i++)
        {
            // Two that somebody called one are seen as one.
            if (i != speaking && (speaking < 0 || Id(persons[i]) != Id(persons[speaking])) && listeners.All(one => one.Person != Id(persons[i]))
                && encoder.Encode(pictures, look.Boxes, followed[persons[i]]) is { Values: not null } seen)
                listeners.Add((Id(persons[i]), seen));
        }

        if (speaking < 0)
        {
            return new SeenFaces(
                FrameFeatures.Unusable(pictures.Count, "the speaker is not seen", look.Boxes),
                new UtteranceFace(UtteranceFaceStatus.NotSeen, null, Math.Round(confidence, 4)), listeners);
        }

        if (confidence >= SureOfSpeaking)
            _spoken.Add((utterance, persons[speaking], confidence * (material.EndMs - material.StartMs)));
        return new SeenFaces(
            encoder.Encode(pictures, look.Boxes, followed[persons[speaking]]),
            new UtteranceFace(UtteranceFaceStatus.Speaking, Id(persons[speaking]), Math.Round(confidence, 4)), listeners);
    }

    /// <summary>Whose faces these are, of those who were seen in utterances before, each once; null where one is nobody's.</summary>
    /// <param name="picture">One picture.</param>
    /// <param name="boxes">Faces in it.</param>
    public IReadOnlyList<string?> Recognize(VideoFrames picture, IReadOnlyList<FaceBox> boxes)
    {
        lock (_knowing)
        {
            if (_identities.Count == 0)
                return new string?[boxes.Count];
        }

        float[][] descriptors = Describe(reader.Value!, picture, [.. boxes.Select(box => (0, box))]);
        lock (_knowing)
            return Once([.. _identities.Recognize(descriptors).Select(person => person is { } known ? Id(known) : null)], boxes);
    }

    // Two that somebody called one may be in a picture at a time: the larger face is the person.
    internal static IReadOnlyList<string?> Once(IReadOnlyList<string?> ids, IReadOnlyList<FaceBox> boxes) =>
    [
        .. ids.Select((id, i) => ids.Index().Where(other => other.Item == id).MaxBy(other => boxes[other.Index].Width * boxes[other.Index].Height).Index == i ? id : null),
    ];

    /// <summary>Gives a face a name, which the voice that speaks with it also gets where nobody named that.</summary>
    public void Rename(string id, string name)
    {
        lock (_knowing)
            _given[MergedInto(Number(id))] = name;
    }

    /// <summary>From here on two are one.</summary>
    /// <param name="into">Whose id and name stay.</param>
    /// <param name="from">Who is the same.</param>
    public void Merge(string into, string from)
    {
        lock (_knowing)
        {
            // Both may be another's since they were told: of two that are one already nothing is left to do, and a ring would have no end.
            int kept = MergedInto(Number(into)), gone = MergedInto(Number(from));
            if (kept == gone)
                return;
            _same[gone] = kept;
            _given.Remove(gone);
        }
    }

    /// <summary>
    /// The persons whose faces were seen, each with the name of the voice that mostly spoke when the face did; without what they express.
    /// </summary>
    /// <param name="speakers">Who speaks in each utterance so far; null where that is not known.</param>
    /// <param name="voices">Names the speakers, and takes over what faces were named; null where nobody does.</param>
    public IReadOnlyList<RecognizedPerson> Persons(IReadOnlyList<string?> speakers, VoiceNames? voices = null)
    {
        lock (_knowing)
        {
            var pairs = _spoken.Where(one => one.Utterance < speakers.Count && speakers[one.Utterance] is not null)
                .GroupBy(one => (Person: MergedInto(one.Person), Speaker: speakers[one.Utterance]!)).Select(group => (group.Key.Person, group.Key.Speaker, Weight: group.Sum(one => one.Weight)))
                .OrderByDescending(one => one.Weight);
            Dictionary<int, string> names = new(_given);
            HashSet<string> taken = [.. _given.Values.Where(speakers.Contains)];
            HashSet<int> heard = [.. _given.Where(one => taken.Contains(one.Value)).Select(one => one.Key)];
            foreach ((int person, string speaker, _) in pairs)
            {
                // What somebody named is so, and goes over to a voice that nobody named.
                if (!heard.Contains(person) && !taken.Contains(speaker) && (names.TryAdd(person, speaker) || voices?.NameAs(speaker, names[person]) == true))
                {
                    heard.Add(person);
                    taken.Add(speaker);
                }
            }

            return
            [
                .. Enumerable.Range(0, _identities.Count).GroupBy(MergedInto).OrderBy(group => group.Key).Select(group => new RecognizedPerson
                {
                    Id = Id(group.Key),
                    Name = names.GetValueOrDefault(group.Key, $"face {group.Key + 1}"),
                    Face = new PersonFace(
                        group.Sum(person => _stretches[person].Sum(one => one.EndMs - one.StartMs)),
                        [.. group.SelectMany(person => _stretches[person]).OrderBy(one => one.StartMs)])
                    {
                        Thumbnail = group.Any(_thumbnails.ContainsKey)
                            ? Convert.ToBase64String(group.Where(_thumbnails.ContainsKey).Select(person => _thumbnails[person]).MaxBy(one => one.Worth).Picture)
                            : null,
                    },
                }),
            ];
        }
    }

    // The person that this one was merged into, or itself.
    private int MergedInto(int person)
    {
        while (_same.TryGetValue(person, out int other))
            person = other;
        return person;
    }

    private static int Number(string id) => int.Parse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture) - 1;

    private string Id(int person)
    {
        lock (_knowing)
            return $"p{MergedInto(person) + 1}";
    }

    private static double[] Times(UtteranceMaterial material)
    {
        int count = material.Pictures!.Count;
        double step = (double)(material.EndMs - material.StartMs) / count;
        return [.. Enumerable.Range(0, count).Select(i => material.StartMs + ((i + 0.5) * step))];
    }

    // Each track by its largest face.
    private int[] Identify(FaceReader faces, VideoFrames pictures, IReadOnlyList<double> times, IReadOnlyList<FaceBox?[]> tracks)
    {
        int[] best = [.. tracks.Select(track => Enumerable.Range(0, track.Length).MaxBy(i => VisibleArea(track[i])))];
        float[][] descriptors = Describe(faces, pictures, [.. tracks.Select((track, i) => (best[i], track[best[i]]!.Value))]);
        int[] persons;
        lock (_knowing)
            persons = _identities.Find(descriptors, (a, b) => tracks[a].Zip(tracks[b]).Any(pair => pair.First is not null && pair.Second is not null));
        double half = times.Count > 1 ? (times[1] - times[0]) / 2 : 0;
        for (int i = 0; i < tracks.Count; i++)
        {
            int first = Array.FindIndex(tracks[i], face => face is not null), last = Array.FindLastIndex(tracks[i], face => face is not null);
            AddStretch(persons[i], (int)Math.Max(0, times[first] - half), (int)(times[last] + half));
            double worth = VisibleArea(tracks[i][best[i]]);
            if (thumbnails && worth > _thumbnails.GetValueOrDefault(persons[i]).Worth)
                _thumbnails[persons[i]] = (worth, FaceReader.Thumbnail(pictures, best[i], tracks[i][best[i]]!.Value));
        }

        return persons;
    }

    // The area of a face, as far as the detector is sure of it.
    private static double VisibleArea(FaceBox? face) => face is { } seen ? (double)seen.Width * seen.Height * seen.Score : -1;

    private static float[][] Describe(FaceReader faces, VideoFrames pictures, IReadOnlyList<(int Picture, FaceBox Face)> seen)
    {
        FacePoints[] points = faces.FindPoints(pictures, seen);
        float[] descriptors = faces.Describe([.. points.SelectMany((own, i) => FaceReader.CutOut(pictures, seen[i].Picture, own))]);
        return [.. descriptors.Chunk(descriptors.Length / seen.Count)];
    }

    private void AddStretch(int person, int startMs, int endMs)
    {
        if (!_stretches.TryGetValue(person, out List<PersonStretch>? own))
            _stretches[person] = own = [];
        if (own.Count > 0 && startMs - own[^1].EndMs < LongestGap)
            own[^1] = new PersonStretch(Math.Min(own[^1].StartMs, startMs), Math.Max(own[^1].EndMs, endMs));
        else
            own.Add(new PersonStretch(startMs, endMs));
    }

    // Faces are looked for in some pictures only, which costs most: between two of them a face of both is on its way from one to the other.
    private FaceBox?[][] TracksOf(DensePictures closer, FaceLook look)
    {
        int count = closer.Pictures.Count;
        if (closer.Faces is { } found)
            return [.. FaceTrack.All(found)];
        int[] looked = closer.OwnEach > 0
            ? [.. look.Boxes.Select((_, i) => (i * closer.OwnEach) + (closer.OwnEach / 2))]
            : [.. Enumerable.Range(0, (count + 1) / 2).Select(i => 2 * i)];
        IReadOnlyList<FaceBox?[]> tracks = closer.OwnEach > 0 ? look.Tracks : FaceTrack.All(encoder.FindFaces(closer.Pictures.Choose(looked)));
        return [.. tracks.Select(track => Enumerable.Range(0, count).Select(i => BoxAt(track, looked, i)).ToArray())];
    }

    // Where a face was not found once between two times, it was there mostly; before the first look and after the last it stays.
    private static FaceBox? BoxAt(FaceBox?[] track, int[] looked, int picture)
    {
        int from = Array.FindLastIndex(looked, at => at <= picture), to = Array.FindIndex(looked, at => at >= picture);
        if (from < 0 || to < 0)
            return track[Math.Max(from, 0)];
        while (from > 0 && track[from] is null)
            from--;
        while (to + 1 < track.Length && track[to] is null)
            to++;
        if (track[from] is not { } a || track[to] is not { } b || to - from > 2)
            return null;
        if (from == to)
            return a;
        float share = (float)(picture - looked[from]) / (looked[to] - looked[from]);
        return new FaceBox(Mixed(a.Left, b.Left), Mixed(a.Top, b.Top), Mixed(a.Width, b.Width), Mixed(a.Height, b.Height), Math.Min(a.Score, b.Score));

        float Mixed(float start, float end) => start + (share * (end - start));
    }

    // After a cut another may be in the same place.
    private static IEnumerable<FaceBox?[]> BetweenCuts(VideoFrames pictures, FaceBox?[] track)
    {
        int from = 0;
        double[]? before = null;
        for (int i = 0; i < track.Length; i++)
        {
            if (track[i] is not { } face)
                continue;
            double[] look = FollowedFaces.Appearance(pictures, i, face);
            if (before is not null && FollowedFaces.Similarity(before, look) < FollowedFaces.SimilarWithinShot)
            {
                yield return Part(from, i);
                from = i;
            }

            before = look;
        }

        yield return Part(from, track.Length);

        FaceBox?[] Part(int start, int end) => [.. track.Select((face, i) => i >= start && i < end ? face : null)];
    }

    private static double[] MouthOpenings(FaceReader faces, VideoFrames pictures, FaceBox?[] track)
    {
        (int Picture, FaceBox Face)[] seen =
            [.. Enumerable.Range(0, track.Length).Where(i => track[i] is not null).Select(i => (i, Smoothed(track, i)))];
        double[] openings = [.. Enumerable.Repeat(double.NaN, track.Length)];
        foreach (((int picture, _), FacePoints points) in seen.Zip(faces.FindPoints(pictures, seen)))
            openings[picture] = points.MouthOpening;
        return openings;
    }

    // The detector's boxes tremble, and points with them: the mean of some pictures does so less.
    private static FaceBox Smoothed(FaceBox?[] track, int at)
    {
        FaceBox[] near = [.. track[Math.Max(0, at - SmoothedOver)..Math.Min(track.Length, at + SmoothedOver + 1)].OfType<FaceBox>()];
        return new FaceBox(near.Average(box => box.Left), near.Average(box => box.Top), near.Average(box => box.Width), near.Average(box => box.Height), track[at]!.Value.Score);
    }

    // A person's tracks follow one another.
    private static double[] OpeningsOf(double[][] mouths, int[] owners, int person) =>
    [
        .. Enumerable.Range(0, mouths[0].Length).Select(i => mouths.Where((mouth, track) => owners[track] == person && double.IsFinite(mouth[i]))
            .Select(mouth => mouth[i]).DefaultIfEmpty(double.NaN).First()),
    ];

    // In each picture the box that lies where the person was seen at about that time, unless another was there since.
    private static FaceBox?[] Followed(
        IReadOnlyList<IReadOnlyList<FaceBox>> boxes, double[] times, FaceBox?[][] tracks, int[] owners, int person, IReadOnlyList<double> closerTimes)
    {
        return
        [
            .. boxes.Select((inPicture, i) =>
            {
                (double Off, FaceBox Face, int Owner)[] seen =
                [
                    .. Enumerable.Range(0, closerTimes.Count).SelectMany(at => tracks.Select((track, number) => (Face: track[at], Owner: owners[number])).Where(one => one.Face is not null)
                        .Select(one => (Math.Abs(closerTimes[at] - times[i]), one.Face!.Value, one.Owner))).OrderBy(one => one.Item1),
                ];
                FaceBox there = seen.First(one => one.Owner == person).Face;
                if (seen.First(one => FaceTrack.Distance(one.Face, there) < SameFace).Owner != person)
                    return null;
                FaceBox[] near = [.. inPicture.Where(face => FaceTrack.Distance(face, there) < SameFace)];
                return near.Length > 0 ? near.MinBy(face => FaceTrack.Distance(face, there)) : (FaceBox?)null;
            }),
        ];
    }

    // The logarithm of the mean power around each picture.
    private static double[] Loudness(UtteranceMaterial material, IReadOnlyList<double> times)
    {
        if (material is not { Sound: { Length: > 0 } sound, UnusableSound: null })
            return [];
        const int Reach = Sound.SampleRate / 20;
        double[] loudness = new double[times.Count];
        for (int i = 0; i < loudness.Length; i++)
        {
            int middle = (int)((times[i] - material.StartMs) * Sound.SampleRate / 1000);
            int from = Math.Clamp(middle - Reach, 0, sound.Length), to = Math.Clamp(middle + Reach, from, sound.Length);
            double power = 1e-7;
            foreach (float sample in sound.Span[from..to])
                power += (double)sample * sample / (2 * Reach);
            loudness[i] = Math.Log(power);
        }

        return loudness;
    }
}
