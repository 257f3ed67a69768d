using System.Security.Cryptography;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Video;

namespace Affekt.Training.Evaluations;

/// <summary>
/// Evaluates the starter's video branch on FER2013's faces: each is a clip in which nothing moves, cut already, so that the
/// face detector has nothing to do; from there on the way is that of a clip.
/// </summary>
public static class StillsEvaluation
{
    /// <summary>Evaluates and reports.</summary>
    /// <param name="folder">The folder of a finished run of the task "video-images", or of a bundle with such a video branch.</param>
    /// <param name="detectorManifest">The face detector, as <see cref="FaceEncoder.Load"/> wants it.</param>
    /// <param name="root">FER2013, as <see cref="Fer2013Corpus.Read"/> wants it.</param>
    /// <param name="split">The split.</param>
    /// <param name="prior">
    /// How often each emotion is expected; null for the frequencies in the corpus's train split, or, where it has none, for what the
    /// branch's answers embody.
    /// </param>
    /// <param name="baseline">
    /// What is known of how a person usually looks, where pictures are named by person (<see cref="Fer2013Corpus"/>); null for nothing.
    /// </param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelException">The folder is no such run or bundle.</exception>
    /// <exception cref="EvaluationException">
    /// The split has no face, or a baseline is asked for of a branch that is not in a bundle whose picture's expert knows resting faces.
    /// </exception>
    public static async Task<EvaluationOutcome> RunAsync(
        string folder, string detectorManifest, string root, Split split, EmotionPrior? prior = null, BaselineUse? baseline = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        (VideoFolder config, BundleIdentity identity, ExpertConfig? expert) = Find(folder);
        VideoEncoderPart part = config.VideoEncoder;
        using FaceEncoder encoder = FaceEncoder.Load(Path.Combine(folder, part.Weights), detectorManifest, part.Scales, part.Shift);
        using VideoNetwork branch = VideoNetwork.Load(config.Network, Path.Combine(folder, config.Weights));
        Utterance[] all = [.. Fer2013Corpus.Read(root).Utterances];
        Utterance[] faces = [.. all.Where(face => face.Split == split)];
        if (faces.Length == 0)
            throw new EvaluationException($"{root}: found no face of the split {split.Name()}, expected some");
        if (prior is not null && config.Prior is null)
        {
            throw new EvaluationException(
                $"{folder}: found a video branch that does not say which prior it learned, expected one for --prior {prior.Name}");
        }

        if (baseline is not (null or BaselineUse.None) && expert?.Resting is null)
        {
            throw new EvaluationException(
                $"{folder}: found --baseline {baseline.ToString()!.ToLowerInvariant()}, expected it for a bundle of experts whose config says what faces at rest look like (fusion.experts.video.resting)");
        }

        if (config.Prior is not null)
            prior ??= Frequencies(all.Where(face => face.Split == Split.Train));
        double[] change = Change(config.Prior, prior);
        Dictionary<string, FrameFeatures> features = await StillFaces.ReadAsync(root, faces, encoder, progress, cancellation).ConfigureAwait(false);
        Dictionary<string, double[]> answers = [];
        List<UtteranceGap> gaps = [];
        foreach (Utterance face in faces)
        {
            if (features[face.Id] is { Values: not null } clip)
                answers.Add(face.Id, Softmax.Of(branch.Logits(clip, null, default), config.Temperature));
            else
                gaps.Add(new UtteranceGap(face.Id, features[face.Id].Reason!, true));
        }

        Dictionary<string, FaceBaseline> baselines = baseline is { } use && expert?.Resting is not null
            ? CorpusBaselines.Of(
                faces, face => answers.GetValueOrDefault(face.Id), use, FaceBaseline.None,
                (usual, answer) => usual.With(answer, expert), (usual, answer) => usual.Without(answer, expert))
            : [];
        Prediction[] predictions =
        [
            .. faces.Where(face => answers.ContainsKey(face.Id)).Select(face => new Prediction(
                face.Id, face.Dialogue, face.Label!.Value,
                Under(change, baselines.TryGetValue(face.Id, out FaceBaseline? usual) ? usual.Against(answers[face.Id], expert!) : answers[face.Id]))
            {
                Temperature = config.Temperature,
            }),
        ];
        if (predictions.Length == 0)
            throw new EvaluationException($"{root}: found no face in {gaps.Count} pictures, expected some");
        EvaluationReport report = EvaluationReport.Create(
            new EvaluationSubject(
                identity,
                "fer2013", split.Name(), ["video"], gaps.Count, null),
            predictions) with
        {
            Baseline = baseline?.ToString().ToLowerInvariant(),
            Prior = (prior?.Values ?? config.Prior) is { } expected
                ? Emotions.Labels.Zip(expected).ToDictionary(pair => pair.First, pair => pair.Second)
                : null,
        };
        return new EvaluationOutcome(report, new CorpusEvaluation(predictions, gaps));
    }

    // A rare emotion of a small corpus may be missing in its train split: counted as if each had been seen once more.
    private static EmotionPrior? Frequencies(IEnumerable<Utterance> faces)
    {
        double[] counts = [.. Enumerable.Repeat(1.0, Emotions.Count)];
        foreach (Utterance face in faces)
            counts[face.Label!.Value]++;
        return counts.All(count => count == 1) ? null : EmotionPrior.Of("the train split's", counts);
    }

    // What an answer is multiplied by to stand under another prior.
    private static double[] Change(IReadOnlyList<double>? learned, EmotionPrior? wanted) =>
        [.. Enumerable.Range(0, Emotions.Count).Select(i => wanted is null || learned is null ? 1 : wanted.Values[i] / learned[i])];

    private static double[] Under(double[] change, double[] answer)
    {
        double[] changed = [.. answer.Zip(change, (p, factor) => p * factor)];
        double sum = changed.Sum();
        return [.. changed.Select(p => p / sum)];
    }

    private static (VideoFolder Config, BundleIdentity Identity, ExpertConfig? Expert) Find(string folder)
    {
        string bundleFile = Path.Combine(folder, BundleConfig.FileName);
        if (!File.Exists(bundleFile))
        {
            VideoFolder run = VideoFolder.Load(folder);
            string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
            return (run, new BundleIdentity(name, "", Hash(folder, VideoFolder.FileName, run.VideoEncoder.Weights, run.Weights)), null);
        }

        using Bundle bundle = Bundle.Open(folder, EncoderLocations.None);
        VideoFolder config = VideoFolder.Of(bundle.Config) is { VideoEncoder.Kind: VideoEncoderPart.Face } video
            ? video
            : throw new ModelException(bundleFile, "video_encoder", "no face encoder", "a video branch that reads faces");
        return (config, new BundleIdentity(bundle.Config.Name, bundle.Config.Version, bundle.Hash), bundle.Config.Fusion?.Experts?.Video);
    }

    private static string Hash(string folder, params ReadOnlySpan<string> names)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in names)
            hash.AppendData(File.ReadAllBytes(Path.Combine(folder, name)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
