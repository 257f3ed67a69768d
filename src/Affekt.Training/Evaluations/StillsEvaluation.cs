using System.Security.Cryptography;
using System.Text.Json;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Media;
using Affekt.Models.Branches;
using Affekt.Models.Video;
using Affekt.Models.Weights;
using Affekt.Torch;
using Affekt.Training.Expression;

namespace Affekt.Training.Evaluations;

/// <summary>
/// Evaluates the starter's video branch on FER2013's faces: each is a clip in which nothing moves, cut already, so that the
/// face detector has nothing to do; from there on the way is that of a clip.
/// </summary>
public static class StillsEvaluation
{
    private const int FacesAtOnce = 64;

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Evaluates and reports.</summary>
    /// <param name="folder">The folder of a finished run of the task "video-stills".</param>
    /// <param name="detectorManifest">The face detector, as <see cref="FaceEncoder.Load"/> wants it.</param>
    /// <param name="root">FER2013, as <see cref="Fer2013Corpus.Read"/> wants it.</param>
    /// <param name="split">The split.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EvaluationException">The folder is no such run, or the split has no face.</exception>
    public static async Task<EvaluationOutcome> RunAsync(
        string folder, string detectorManifest, string root, Split split, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        VideoFile config = ReadConfig(folder);
        using FaceEncoder encoder = FaceEncoder.Load(Path.Combine(folder, ExpressionRun.WeightsFile), detectorManifest);
        using VideoBranch branch = new(config.Network);
        NetworkState.Load(branch, Path.Combine(folder, VideoStillsRun.WeightsFile));
        branch.RequireGrad(false);
        Utterance[] faces = [.. Fer2013Corpus.Read(root).Utterances.Where(face => face.Split == split)];
        if (faces.Length == 0)
            throw new EvaluationException($"{root}: found no face of the split {split.Name()}, expected some");
        GreyPictures pictures = await MediaTools.Find().ReadPicturesAsync(
            root, Fer2013Corpus.ReadFiles(root, faces), ExpressionEncoder.Side, ExpressionEncoder.Side, cancellation);

        List<Prediction> predictions = [];
        List<UtteranceGap> gaps = [];
        const int Pixels = ExpressionEncoder.Side * ExpressionEncoder.Side;
        for (int start = 0; start < faces.Length; start += FacesAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            int taken = Math.Min(FacesAtOnce, faces.Length - start);
            FrameFeatures features = encoder.EncodeFaces(pictures.Grey.AsSpan(start * Pixels, taken * Pixels));
            for (int i = 0; i < taken; i++)
            {
                Utterance face = faces[start + i];
                if (!features.Present[i])
                {
                    gaps.Add(new UtteranceGap(face.Id, "the face cannot be read", true));
                    continue;
                }

                double[] logits = Logits(branch, features.Values.AsSpan(i * encoder.Width, encoder.Width));
                predictions.Add(new Prediction(
                    face.Id, face.Dialogue, face.Emotion!.Value, TemperatureScaling.Apply(logits, config.Temperature))
                {
                    Temperature = config.Temperature,
                });
            }

            progress?.Report(new EvaluationProgress("faces", start + taken, faces.Length));
        }

        EvaluationReport report = EvaluationReport.Create(
            new EvaluationSubject(
                new BundleIdentity(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), "", Hash(folder)),
                "fer2013", split.Name(), ["video"], gaps.Count, null),
            predictions);
        return new EvaluationOutcome(report, new CorpusEvaluation(predictions, gaps));
    }

    // The still is on screen all the time: each frame shows it.
    private static double[] Logits(VideoBranch branch, ReadOnlySpan<float> face)
    {
        const int Frames = FaceEncoder.FrameCount;
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        Tensor frames = Tensor.From(face, 1, 1, face.Length).Expand(1, Frames, face.Length);
        Tensor none = Tensor.Zeros(1, 1, 1);
        VideoInput input = new(frames, Tensor.Full(1, 1, Frames, 1), none, none, Tensor.Zeros(1, 0).To(Dtype.Int64));
        return [.. branch.Forward(input).ToArray<float>().Select(logit => (double)logit)];
    }

    private static VideoFile ReadConfig(string folder)
    {
        string file = Path.Combine(folder, VideoStillsRun.ConfigFile);
        try
        {
            return JsonSerializer.Deserialize<VideoFile>(File.ReadAllText(file), _json)
                ?? throw new EvaluationException($"{file}: found null, expected a video branch's sizes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EvaluationException($"{file}: found {e.Message}, expected the file of a run of the task \"video-stills\"");
        }
    }

    private static string Hash(string folder)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in (string[])[ExpressionRun.WeightsFile, VideoStillsRun.ConfigFile, VideoStillsRun.WeightsFile])
            hash.AppendData(File.ReadAllBytes(Path.Combine(folder, name)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record VideoFile(VideoConfig Network, double Temperature);
}
