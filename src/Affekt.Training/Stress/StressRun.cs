using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Video;
using Affekt.Training.Evaluations;
using Affekt.Training.Fusion;

namespace Affekt.Training.Stress;

/// <summary>
/// Asks a bundle of experts about inputs that are worse than those of corpora, and about inputs that hold nothing. Features are made
/// by the bundle's encoders from sound, crops of faces and text as they are after what was done to them.
/// </summary>
public static class StressRun
{
    // Smaller pictures than these are only made larger, which shows less than there would be.
    private const int Side = 96;
    private const int Texts = 600;
    private const int PerNothing = 40;
    private const int PerLanguage = 200;
    private const string Nothing = "Nothing to answer from";

    // What is said of nothing: each emotion alike.
    private const double Least = 1.0 / Emotions.Count;

    // Of MELD's main persons.
    private static readonly (string Sex, string[] Speakers)[] _sexes =
        [("women (Monica, Phoebe, Rachel)", ["Monica", "Phoebe", "Rachel"]), ("men (Chandler, Joey, Ross)", ["Chandler", "Joey", "Ross"])];

    // The share of words that Moonshine mistakes on clean speech (decision 0012).
    private const double WordErrors = 0.08;

    /// <summary>Measures everything.</summary>
    /// <param name="bundle">Opened with its encoders.</param>
    /// <param name="data">The folder with ravdess/, meld/ and faces/.</param>
    /// <param name="answers">
    /// What a run of the task "fusion" kept of drawn utterances (answers.jsonl): on these each modality is replaced by nothing. Null to
    /// leave that out.
    /// </param>
    /// <param name="progress">Hears what is done.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<StressReport> RunAsync(
        Bundle bundle, string data, string? answers, IProgress<string>? progress, CancellationToken cancellation)
    {
        double below = bundle.Config.Calibration.AbstainBelow;
        List<StressRow> rows = [];
        const string Acted = "Sound of RAVDESS, actors 17-20";
        (int[] spoken, IReadOnlyList<float[]> sounds) = await SoundsAsync(
            RavdessCorpus.Read(Path.Combine(data, "ravdess"), new RavdessOptions { Actors = SpeakerList.Parse("17-20") }), int.MaxValue, cancellation).ConfigureAwait(false);
        foreach ((string name, Func<float[], Random, float[]> make) in StressedSounds.Conditions)
        {
            Random random = new(1);
            AddSounds(Acted, name, spoken, [.. sounds.Select(sound => make(sound, random))]);
        }

        AddSounds(Acted, "MP3 of 32 kb/s", spoken, StressedSounds.AsMp3(sounds));
        foreach ((string name, string file) in ((string, string)[])[("Mandarin", "casia.jsonl"), ("Spanish", "spanish.jsonl")])
            await AddLanguageAsync(name, Path.Combine(data, file)).ConfigureAwait(false);
        await AddFacesAsync().ConfigureAwait(false);
        AddWords();
        IReadOnlyList<double[]> heard = AddNothings();
        await AddHiddenAsync().ConfigureAwait(false);
        if (answers is not null)
            AddReplaced(heard);
        return new StressReport(
            StressReport.CurrentSchema, new BundleIdentity(bundle.Config.Name, bundle.Config.Version, bundle.Hash), below, rows);

        async Task AddLanguageAsync(string name, string manifest)
        {
            if (!File.Exists(manifest))
                return;
            (int[] labels, IReadOnlyList<float[]> voices) = await SoundsAsync(Manifest.Read(manifest), PerLanguage, cancellation).ConfigureAwait(false);
            AddSounds("Voices of languages and corpora that nothing was trained on", name, labels, voices);
        }

        void AddSounds(string section, string name, int[] labels, IReadOnlyList<float[]> made)
        {
            List<Prediction> predictions = [];
            foreach ((int i, float[] sound) in made.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                if (Ask(bundle, new UtteranceFeatures(null, bundle.AudioEncoder!.Encode(sound).Values, Nobody(bundle))) is { } answer)
                    predictions.Add(new Prediction($"{i}", $"{i}", labels[i], answer.Probabilities));
            }

            Add(StressRow.Of(section, name, predictions, below));
        }

        async Task AddFacesAsync()
        {
            if (bundle.VideoEncoder is not FaceEncoder encoder)
                return;
            foreach (string name in (string[])["sfew", "taiwanese"])
            {
                string root = Path.Combine(data, "faces", name);
                Utterance[] faces = [.. Fer2013Corpus.Read(root).Utterances.Where(face => face.Split != Split.Train)];
                GrayPictures pictures = await MediaTools.Find().ReadPicturesAsync(root, Fer2013Corpus.ReadFiles(root, faces), Side, Side, cancellation).ConfigureAwait(false);
                foreach ((string condition, Func<float[], int, float[]> make) in StressedFaces.Conditions)
                {
                    byte[] gray = new byte[faces.Length * ExpressionEncoder.Side * ExpressionEncoder.Side];
                    for (int i = 0; i < faces.Length; i++)
                    {
                        float[] face = [.. pictures.Gray.AsSpan(i * Side * Side, Side * Side).ToArray().Select(value => (float)value)];
                        float[] small = StressedFaces.Resize(make(face, Side), Side, ExpressionEncoder.Side);
                        for (int j = 0; j < small.Length; j++)
                            gray[(i * small.Length) + j] = (byte)Math.Clamp(MathF.Round(small[j]), 0, 255);
                    }

                    Add(StressRow.Of($"Faces of {name}", condition, Faces(encoder, faces, gray), below));
                }
            }
        }

        List<Prediction> Faces(FaceEncoder encoder, Utterance[] faces, byte[] gray)
        {
            FrameFeatures once = encoder.EncodeFaces(gray);
            List<Prediction> predictions = [];
            foreach ((int i, Utterance face) in faces.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                if (Ask(bundle, new UtteranceFeatures(null, null, Nobody(bundle)) { Frames = StillFaces.Still(once, i, encoder.Width) }) is { } answer)
                    predictions.Add(new Prediction(face.Id, face.Id, face.Label!.Value, answer.Probabilities));
            }

            return predictions;
        }

        void AddWords()
        {
            Utterance[] lines = [.. MeldCorpus.Read(Path.Combine(data, "meld")).In(Split.Test).SelectMany(dialogue => dialogue.Utterances)
                .Where(utterance => utterance is { Text: not null, Label: not null }).Take(Texts)];
            string[] vocabulary = [.. lines.SelectMany(line => StressedWords.WithoutPunctuation(line.Text!).ToLowerInvariant().Split(' '))];
            Random random = new(1);
            (string Name, Func<string, string> Make)[] conditions =
            [
                ("as they are", text => text), ("in lower case", StressedWords.LowerCase), ("without punctuation", StressedWords.WithoutPunctuation),
                ("with recognition's errors", text => StressedWords.Misheard(text, WordErrors, vocabulary, random)),
            ];
            foreach ((string name, Func<string, string> make) in conditions)
            {
                Prediction[] predictions = [.. lines.Zip(Encode(bundle, [.. lines.Select(line => make(line.Text!))]), (line, features) => new Prediction(
                    line.Id, line.Dialogue, line.Label!.Value, Ask(bundle, new UtteranceFeatures(features, null, Nobody(bundle)), EmotionPrior.Meld)!.Probabilities))];
                Add(StressRow.Of($"Words of MELD test, the first {Texts}, without history, MELD's prior", name, predictions, below));
                foreach ((string sex, string[] speakers) in name == conditions[0].Name ? _sexes : [])
                    Add(StressRow.Of("The same words as they are, by who says them", sex, [.. predictions.Where((_, i) => speakers.Contains(lines[i].Speaker))], below));
            }
        }

        IReadOnlyList<double[]> AddNothings()
        {
            List<double[]> said = [];
            Random random = new(1);
            foreach ((string name, Func<Random, float[]> make) in StressedSounds.Nothings)
            {
                List<double> confidences = [];
                for (int i = 0; i < PerNothing; i++)
                {
                    if (Ask(bundle, new UtteranceFeatures(null, bundle.AudioEncoder!.Encode(make(random)).Values, Nobody(bundle))) is { } answer)
                    {
                        said.Add(answer.Probabilities);
                        confidences.Add(answer.Probabilities.Max());
                    }
                }

                if (confidences.Count > 0)
                    Add(StressRow.Unlabeled(Nothing, $"sound: {name}", confidences, below));
            }

            string[] plain = ["It is eleven o'clock.", "I am on my way to the meeting.", "The airplane is almost full.", "There is a book on the table.", "Then he went to the other room."];
            Add(StressRow.Unlabeled(
                Nothing, "words: plain sentences",
                [.. Encode(bundle, plain).Select(features => Ask(bundle, new UtteranceFeatures(features, null, Nobody(bundle)))!.Probabilities.Max())], below));
            string other = Path.Combine(data, "nemo.jsonl");
            string[] polish = File.Exists(other)
                ? [.. Manifest.Read(other).Utterances.Select(utterance => utterance.Text).OfType<string>().Distinct().Take(PerNothing)]
                : [];
            if (polish.Length > 0)
            {
                Add(StressRow.Unlabeled(
                    Nothing, "words: Polish",
                    [.. Encode(bundle, polish).Select(features => Ask(bundle, new UtteranceFeatures(features, null, Nobody(bundle)))!.Probabilities.Max())], below));
            }

            foreach ((string name, Func<Random, VideoFrames> make) in bundle.VideoEncoder is FaceEncoder ? StressedPictures.Nothings : [])
                Add(StressRow.Unlabeled(Nothing, $"picture: {name}", [.. Enumerable.Range(0, PerNothing).Select(_ => Seen(make(random)))], below));
            return said;
        }

        // How sure the answer is to pictures alone, the least where no face is found.
        double Seen(VideoFrames frames) => bundle.VideoEncoder!.Encode(frames) is { Values: not null } seen
            ? Ask(bundle, new UtteranceFeatures(null, null, Nobody(bundle)) { Frames = seen })?.Probabilities.Max() ?? Least
            : Least;

        async Task AddHiddenAsync()
        {
            string talking = Path.Combine(data, "clips", "talking.jsonl");
            if (bundle.VideoEncoder is not FaceEncoder encoder || !File.Exists(talking))
                return;
            List<double> shown = [], hidden = [];
            MediaTools tools = MediaTools.Find();
            foreach (Utterance clip in Manifest.Read(talking).Utterances)
            {
                MediaInfo media = await tools.ProbeAsync(clip.Media!, cancellation).ConfigureAwait(false);
                Frames read = await tools.ReadWholeFramesAsync(media, encoder.Frames.Count, encoder.Frames.Side, null, cancellation).ConfigureAwait(false);
                VideoFrames frames = new(read.Rgb, read.Count, read.Width, read.Height);
                shown.Add(Seen(frames));
                hidden.Add(Seen(StressedPictures.Hidden(frames, encoder.FindFaces(frames))));
            }

            Add(StressRow.Unlabeled(Nothing, "picture: talking people, for comparison", shown, below));
            Add(StressRow.Unlabeled(Nothing, "picture: the same, hair drawn over the face", hidden, below));
        }

        // Answers to nothing in place of an expert's own.
        void AddReplaced(IReadOnlyList<double[]> heardNothing)
        {
            const string Section = "Drawn utterances, each modality replaced";
            AnsweredPair[] pairs = [.. AnswerFile.Read(answers).Where(pair => pair.Held && pair is { Text: not null, Audio: not null })];
            ExpertFusion fusion = bundle.ExpertsUnder(null)!;
            Random random = new(1);
            double[] uniform = [.. EmotionPrior.Uniform.Values];
            string[] plain = ["a b c d", "one two three four", "the of and to", "mm hm", "er well er"];
            double[][] said = [.. Encode(bundle, plain).Select(features =>
            {
                using DialogueMemory memory = new(bundle);
                return memory.AskExperts(new UtteranceFeatures(features, null, Nobody(bundle))).Text!;
            })];
            Show("all as they are", pair => ExpertTrainer.Fuse(fusion, pair, text: true, audio: true, video: true));
            Show("without words", pair => ExpertTrainer.Fuse(fusion, pair, text: false, audio: true, video: true));
            Show("words: mumbling", pair => fusion.Fuse(said[random.Next(said.Length)], pair.Audio, pair.Video));
            Show("without sound", pair => ExpertTrainer.Fuse(fusion, pair, text: true, audio: false, video: true));
            if (heardNothing.Count > 0)
                Show("sound: noise, hum or music", pair => fusion.Fuse(pair.Text, heardNothing[random.Next(heardNothing.Count)], pair.Video));
            Show("without picture", pair => ExpertTrainer.Fuse(fusion, pair, text: true, audio: true, video: false));
            if (NoiseFaces(random) is { Count: > 0 } seen)
                Show("picture: noise taken for a face", pair => fusion.Fuse(pair.Text, pair.Audio, seen[random.Next(seen.Count)]));

            void Show(string condition, Func<AnsweredPair, ExpertAnswer> ask) => Add(StressRow.Of(
                Section, condition, [.. pairs.Select(pair => new Prediction(pair.Id, pair.Dialogue, pair.Truth, ask(pair).Probabilities))], below));
        }

        IReadOnlyList<double[]> NoiseFaces(Random random)
        {
            if (bundle.VideoEncoder is not FaceEncoder encoder)
                return [];
            byte[] gray = new byte[PerNothing * ExpressionEncoder.Side * ExpressionEncoder.Side];
            random.NextBytes(gray);
            FrameFeatures once = encoder.EncodeFaces(gray);
            using DialogueMemory memory = new(bundle);
            return [.. Enumerable.Range(0, PerNothing).Select(i => memory.AskExperts(
                new UtteranceFeatures(null, null, Nobody(bundle)) { Frames = StillFaces.Still(once, i, encoder.Width) }).Video).OfType<double[]>()];
        }

        void Add(StressRow row)
        {
            rows.Add(row);
            progress?.Report($"{row.Section}: {row.Condition}");
        }
    }

    private static UtteranceAnswer? Ask(Bundle bundle, UtteranceFeatures utterance, EmotionPrior? prior = null)
    {
        using DialogueMemory memory = new(bundle, prior);
        return memory.Ask(utterance);
    }

    private static MetadataFeatures Nobody(Bundle bundle) => new MetadataTracker(bundle.Metadata).Next(null, null);

    private static List<float[]> Encode(Bundle bundle, IReadOnlyList<string> texts)
    {
        List<float[]> features = [];
        foreach (string[] some in texts.Chunk(64))
        {
            float[] all = bundle.TextEncoder.Encode([.. some.Select(text => bundle.TextEncoder.Tokenize(text))]);
            features.AddRange(all.Chunk(bundle.TextEncoder.Width));
        }

        return features;
    }

    // Every n-th, so that there are not many more than are wanted.
    private static async Task<(int[] Labels, IReadOnlyList<float[]> Sounds)> SoundsAsync(Corpus corpus, int most, CancellationToken cancellation)
    {
        MediaTools tools = MediaTools.Find();
        List<int> labels = [];
        List<float[]> sounds = [];
        Utterance[] labeled = [.. corpus.In(Split.Test).SelectMany(dialogue => dialogue.Utterances).Where(utterance => utterance is { Media: not null, Label: not null })];
        int step = Math.Max(1, labeled.Length / most);
        foreach (Utterance utterance in labeled.Where((_, i) => i % step == 0))
        {
            MediaInfo media = await tools.ProbeAsync(utterance.Media!, cancellation).ConfigureAwait(false);
            Sound sound = await tools.ReadSoundAsync(media, null, cancellation).ConfigureAwait(false);
            if (sound.IsMissing)
                continue;
            labels.Add(utterance.Label!.Value);
            sounds.Add(sound.Samples);
        }

        return ([.. labels], sounds);
    }
}
