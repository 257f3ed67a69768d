using System.Diagnostics;
using Affekt.Recognition;
using Affekt.Recognition.Persons;

namespace Affekt.Cli.Benchmarks;

/// <summary>How well faces are told apart, and the one that speaks: the schema "affekt.bench-persons/1".</summary>
internal sealed record PersonsReport(string Date, BundleIdentity Bundle, int Seed, IReadOnlyList<PersonsScore> Scenes)
{
    public string Schema { get; } = "affekt.bench-persons/1";
}

/// <summary>One scene.</summary>
/// <param name="People">How many there are.</param>
/// <param name="Shown">Whether they are side by side, one at a time with cuts between them, or one face alone with others behind the camera.</param>
/// <param name="Seconds">How long it is.</param>
/// <param name="Seen">Utterances in which one mouth moves.</param>
/// <param name="SeenRight">Those of them for which that face was read.</param>
/// <param name="SeenAsNobody">Those of them of which it was said that the speaker is not seen.</param>
/// <param name="Unseen">Utterances in which no mouth moves.</param>
/// <param name="UnseenRight">Those of them of which it was said that the speaker is not seen.</param>
/// <param name="Listeners">Faces of those who do not speak, in all utterances.</param>
/// <param name="ListenersTold">Answers of faces that listen.</param>
/// <param name="PersonsFound">How many persons with a face the result has.</param>
/// <param name="VoicesFound">How many persons with a voice the result has.</param>
/// <param name="RealTimeFactor">Seconds of work for a second of the recording.</param>
/// <param name="MemoryMb">Resident memory of the process after it.</param>
/// <param name="LiveFaces">Faces in the pictures of the same scene as a live session.</param>
/// <param name="LiveMissed">Those that were not found.</param>
/// <param name="LiveNamed">Those whose person was told.</param>
/// <param name="LiveSwitches">How often one face's person was told to be another than before.</param>
internal sealed record PersonsScore(
    int People, string Shown, double Seconds, int Seen, int SeenRight, int SeenAsNobody, int Unseen, int UnseenRight, int Listeners, int ListenersTold, int PersonsFound, int VoicesFound,
    double RealTimeFactor, long MemoryMb, int LiveFaces, int LiveMissed, int LiveNamed, int LiveSwitches);

/// <summary>Has composed scenes recognized, as a file and live, and compares with what is known of them.</summary>
internal static class PersonsBenchmark
{
    // A live view sends every third picture.
    private const int LiveEvery = PersonsScene.PicturesPerSecond / 10;

    public static async Task<PersonsScore> MeasureAsync(Recognizer recognizer, PersonsScene scene, string file, CancellationToken cancellation)
    {
        await scene.WriteAsync(file, cancellation);
        int seen = 0, seenRight = 0, seenAsNobody = 0, unseen = 0, unseenRight = 0, listeners = 0, listenersTold = 0;
        Stopwatch clock = Stopwatch.StartNew();
        RecognitionResult result = await recognizer.RecognizeAsync(new RecognitionRequest(file), cancellation);
        double wall = clock.Elapsed.TotalSeconds, seconds = scene.Sound.Length / (double)PersonsScene.Rate;
        long memory = Environment.WorkingSet >> 20;
        Dictionary<string, HashSet<string>> owners = [];
        foreach (RecognizedUtterance utterance in result.Utterances)
        {
            int middle = (utterance.StartMs + utterance.EndMs) / 2;
            if (scene.Stretches.FirstOrDefault(one => one.StartMs <= middle && middle < one.EndMs) is not { } stretch)
                continue;
            bool isNobody = utterance.Face?.Status == UtteranceFaceStatus.NotSeen;
            int visible = stretch.Places.Count(person => person is not null) + (stretch.Then is null ? 0 : 1);
            listeners += stretch.Speaker is null ? visible : visible - 1;
            listenersTold += utterance.Listeners?.Count ?? 0;
            if (stretch.Speaker is null)
            {
                unseen++;
                unseenRight += isNobody ? 1 : 0;
                continue;
            }

            // The face that was read comes first.
            PictureFaces[] read = [.. (utterance.Faces ?? []).Where(picture => picture.Boxes.Count > 0)];
            int right = read.Count(picture => scene.Who((int)(picture.TimeMs * (long)PersonsScene.PicturesPerSecond / 1000), picture.Boxes[0]) == stretch.Speaker);
            seen++;
            seenAsNobody += isNobody ? 1 : 0;
            seenRight += !isNobody && 2 * right > read.Length ? 1 : 0;
        }

        (int faces, int missed, int named, int switches) = await LiveAsync(recognizer, scene, cancellation);
        return new PersonsScore(
            scene.People, scene.View switch { SceneView.SideBySide => "side_by_side", SceneView.OneAtATime => "one_at_a_time", _ => "one_face" }, Math.Round(seconds, 1), seen, seenRight, seenAsNobody, unseen, unseenRight, listeners, listenersTold, result.Persons.Count(person => person.Face is not null),
            result.Persons.Count(person => person.Voice is not null), Math.Round(wall / seconds, 3), memory, faces, missed, named, switches);
    }

    // Pictures between the sound, each stretch answered before the next begins, as in real time.
    private static async Task<(int Faces, int Missed, int Named, int Switches)> LiveAsync(Recognizer recognizer, PersonsScene scene, CancellationToken cancellation)
    {
        int all = 0, missed = 0, named = 0, switches = 0, heard = 0;
        Dictionary<string, string> last = [];
        using ILiveSession session = await recognizer.ListenAsync(new LiveOptions { Transcribe = false }, cancellation);
        for (int i = 0; i < scene.Pictures; i += LiveEvery)
        {
            double atMs = i * 1000.0 / PersonsScene.PicturesPerSecond;
            int until = (int)Math.Min(scene.Sound.Length, atMs * PersonsScene.Rate / 1000);
            session.Hear(scene.Sound.AsSpan(heard..until));
            heard = until;
            IReadOnlyList<RecognizedFace> faces = session.See(scene.Draw(i), atMs)!;
            ILookup<string?, RecognizedFace> found = faces.ToLookup(face => scene.Who(i, face));
            foreach (SceneFace face in scene.Faces(i))
            {
                string person = face.Person.Name;
                all++;
                missed += found.Contains(person) ? 0 : 1;
                if (found[person].Select(box => box.Person).OfType<string>().FirstOrDefault() is not { } told)
                    continue;
                named++;
                switches += last.TryGetValue(person, out string? before) && before != told ? 1 : 0;
                last[person] = told;
            }
        }

        return (all, missed, named, switches);
    }
}
