using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Affekt.Media;
using Affekt.Models.Video;
using Affekt.Recognition;
using Affekt.Recognition.Persons;

namespace Affekt.Cli.Benchmarks;

/// <summary>How well faces are told apart, and the one that speaks: the schema "affekt.bench-persons/1".</summary>
internal sealed record PersonsReport(string Date, BundleIdentity Bundle, int Seed, IReadOnlyList<PersonsScore> Scenes)
{
    public string Schema { get; } = "affekt.bench-persons/1";

    public string ToJson() => JsonSerializer.Serialize(this, PersonsJson.Default.PersonsReport);
}

/// <summary>One scene.</summary>
/// <param name="People">How many are in the picture.</param>
/// <param name="Seconds">How long it is.</param>
/// <param name="Seen">Utterances in which one mouth moves.</param>
/// <param name="SeenRight">Those of them for which that face was read.</param>
/// <param name="SeenAsNobody">Those of them of which it was said that the speaker is not seen.</param>
/// <param name="Unseen">Utterances in which no mouth moves.</param>
/// <param name="UnseenRight">Those of them of which it was said that the speaker is not seen.</param>
/// <param name="PersonsFound">How many persons with a face the result has.</param>
/// <param name="VoicesFound">How many persons with a voice the result has.</param>
/// <param name="RealTimeFactor">Seconds of work for a second of the recording.</param>
/// <param name="LiveFaces">Faces in the pictures of the same scene as a live session.</param>
/// <param name="LiveMissed">Those that were not found.</param>
/// <param name="LiveNamed">Those whose person was told.</param>
/// <param name="LiveSwitches">How often one face's person was told to be another than before.</param>
internal sealed record PersonsScore(
    int People, double Seconds, int Seen, int SeenRight, int SeenAsNobody, int Unseen, int UnseenRight, int PersonsFound, int VoicesFound, double RealTimeFactor,
    int LiveFaces, int LiveMissed, int LiveNamed, int LiveSwitches);

/// <summary>Has composed scenes recognized, as a recording and live, and compares with what is known of them.</summary>
internal static class PersonsBenchmark
{
    public static async Task<PersonsScore> MeasureAsync(Recognizer recognizer, PersonsScene scene, CancellationToken cancellation)
    {
        int seen = 0, seenRight = 0, seenAsNobody = 0, unseen = 0, unseenRight = 0;
        Stopwatch clock = Stopwatch.StartNew();
        RecognitionResult result = await recognizer.RecognizeAsync(new RecognitionRequest("scene") { Recording = scene.Recording, Transcribe = false }, cancellation);
        double wall = clock.Elapsed.TotalSeconds, seconds = scene.Recording.Samples!.Value.Length / (double)Sound.SampleRate;
        foreach (RecognizedUtterance utterance in result.Utterances)
        {
            int middle = (utterance.StartMs + utterance.EndMs) / 2;
            if (scene.Stretches.FirstOrDefault(one => one.StartMs <= middle && middle < one.EndMs) is not { } stretch)
                continue;
            bool isNobody = utterance.Face?.Status == UtteranceFaceStatus.NotSeen;
            if (stretch.Speaker is null)
            {
                unseen++;
                unseenRight += isNobody ? 1 : 0;
                continue;
            }

            // The face that was read comes first.
            RecognizedFace[] read = [.. (utterance.Faces ?? []).Where(picture => picture.Boxes.Count > 0).Select(picture => picture.Boxes[0])];
            int right = read.Count(face => Who(scene, stretch, face) == stretch.Speaker);
            seen++;
            seenAsNobody += isNobody ? 1 : 0;
            seenRight += !isNobody && 2 * right > read.Length ? 1 : 0;
        }

        (int faces, int missed, int named, int switches) = await LiveAsync(recognizer, scene, cancellation);
        return new PersonsScore(
            scene.Stretches[0].Places.Count, Math.Round(seconds, 1), seen, seenRight, seenAsNobody, unseen, unseenRight, result.Persons.Count(person => person.Face is not null),
            result.Persons.Count(person => person.Voice is not null), Math.Round(wall / seconds, 3), faces, missed, named, switches);
    }

    // Pictures between the sound, each stretch answered before the next begins, as in real time.
    private static async Task<(int Faces, int Missed, int Named, int Switches)> LiveAsync(Recognizer recognizer, PersonsScene scene, CancellationToken cancellation)
    {
        int all = 0, missed = 0, named = 0, switches = 0, heard = 0;
        VideoFrames pictures = scene.Recording.Pictures!;
        ReadOnlyMemory<float> sound = scene.Recording.Samples!.Value;
        Dictionary<string, string> last = [];
        using ILiveSession session = await recognizer.ListenAsync(new LiveOptions { Transcribe = false }, cancellation);
        for (int i = 0; i < pictures.Count; i++)
        {
            double atMs = (i + 0.5) * 1000 / PersonsScene.PicturesPerSecond;
            int until = (int)Math.Min(sound.Length, atMs * Sound.SampleRate / 1000);
            session.Hear(sound.Span[heard..until]);
            heard = until;
            SceneStretch stretch = scene.Stretches.Last(one => one.FirstPicture <= i);
            if (atMs > stretch.EndMs + 900)
                session.Finish();
            IReadOnlyList<RecognizedFace> faces = session.See(new VideoFrames(pictures.Picture(i).ToArray(), 1, pictures.Width, pictures.Height), atMs)!;
            ILookup<string?, RecognizedFace> found = faces.ToLookup(face => Who(scene, stretch, face));
            foreach (string person in stretch.Places)
            {
                all++;
                missed += found.Contains(person) ? 0 : 1;
                if (found[person].Select(face => face.Person).OfType<string>().FirstOrDefault() is not { } told)
                    continue;
                named++;
                switches += last.TryGetValue(person, out string? before) && before != told ? 1 : 0;
                last[person] = told;
            }
        }

        return (all, missed, named, switches);
    }

    private static string? Who(PersonsScene scene, SceneStretch stretch, RecognizedFace face) => scene.At(stretch, face.Left + (face.Width / 2), face.Top + (face.Height / 2));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(PersonsReport))]
internal sealed partial class PersonsJson : JsonSerializerContext;
