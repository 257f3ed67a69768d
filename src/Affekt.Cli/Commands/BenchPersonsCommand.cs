using System.CommandLine;
using System.Globalization;
using Affekt.Cli.Benchmarks;
using Affekt.Corpora;
using Affekt.Media;
using Affekt.Recognition;
using Affekt.Recognition.Library;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench persons: how well faces are told apart, and the one that speaks.</summary>
internal static class BenchPersonsCommand
{
    private const string Counts = "2-4";

    // One at a time are as many as talk, and one alone; last somebody else is heard behind the camera.
    private static readonly (int Count, SceneView View)[] _withCuts = [(1, SceneView.OneAtATime), (2, SceneView.OneAtATime), (1, SceneView.OneFace)];

    public static Command Create(Terminal terminal)
    {
        Option<string> talking = new("--talking") { Required = true, Description = "A manifest of clips in which one person talks into the camera, with speakers.", HelpName = "FILE.jsonl" };
        Option<string> faces = new("--faces") { Required = true, Description = "A folder of pictures of faces, NAME-PERSON-NUMBER.jpg, who listen.", HelpName = "DIR" };
        Option<string> counts = new("--count") { Description = "How many people are side by side, each in a scene of its own; scenes that show one at a time follow.", HelpName = "LIST", DefaultValueFactory = _ => Counts };
        Option<int> utterances = new("--utterances") { Description = "Utterances of a scene.", HelpName = "N", DefaultValueFactory = _ => 20 };
        Option<int> seed = new("--seed") { Description = "Chooses faces, places and clips.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string?> bundle = CommonOptions.Bundle();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("persons", "Measures how well faces are told apart, and the one that speaks, on faces side by side and one at a time; prints JSON.")
        {
            talking, faces, counts, utterances, seed, bundle, threads,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            MediaTools tools = MediaTools.Find();
            CommonOptions.UseThreads(parsed.GetValue(threads));
            List<SceneClip> clips = [];
            foreach (Utterance clip in Manifest.Read(parsed.GetRequiredValue(talking)).Utterances)
                clips.Add(await PersonsScene.ReadClipAsync(tools, clip, cancellation));

            List<ScenePerson> people = [.. clips.GroupBy(clip => clip.Speaker).Select(own => new ScenePerson(own.Key, [.. own.SelectMany(clip => clip.Listening())], 1))];
            int talkers = people.Count;
            Random random = new(parsed.GetRequiredValue(seed));
            IEnumerable<string> listeners = Directory.EnumerateFiles(parsed.GetRequiredValue(faces), "*.jpg", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal).GroupBy(file => Path.GetFileName(file).Split('-')[1]).Select(own => own.First()).OrderBy(_ => random.Next());
            int[] asked = [.. SpeakerList.Parse(parsed.GetRequiredValue(counts)).Numbers];
            using PictureDecoder decoder = tools.OpenPictures(new PictureOptions());
            foreach (string file in listeners.Take(Math.Max(0, asked.Max() - people.Count)))
                people.Add(await PersonsScene.ReadPictureAsync(decoder, file, cancellation));
            using Recognizer recognizer = await RecognizerFactory.OpenAsync(
                new AffektOptions { BundleFolder = ShippedFiles.Bundle(parsed.GetValue(bundle)), Transcribe = true }, terminal.Progress, tools, cancellation);
            List<PersonsScore> scenes = [];
            string folder = Directory.CreateTempSubdirectory("affekt-persons-").FullName;
            try
            {
                foreach ((int count, SceneView view) in asked.Select(count => (count, SceneView.SideBySide)).Concat(_withCuts.Where(scene => scene.View != SceneView.OneFace || talkers > 1)))
                {
                    PersonsScene scene = new(clips, [.. people.Take(count)], parsed.GetRequiredValue(utterances), view, random);
                    PersonsScore last = await PersonsBenchmark.MeasureAsync(recognizer, scene, Path.Combine(folder, $"{count}.mp4"), cancellation);
                    scenes.Add(last);
                    terminal.Errors.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{last.People} people {last.Shown}, {last.VoicesFound} voices: the speaking face {last.SeenRight} of {last.Seen}, not seen {last.UnseenRight} of {last.Unseen}, {last.PersonsFound} persons found, {last.LiveSwitches} switches"));
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }

            terminal.WriteJson(new PersonsReport(BenchCommand.Today, recognizer.Identity, parsed.GetRequiredValue(seed), scenes));
            return ExitCode.Done;
        });
        return command;
    }
}
