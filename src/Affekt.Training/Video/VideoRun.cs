using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Media;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Models.Weights;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Training.Video;

/// <summary>
/// Trains the video branch, and its trunk along with it where the recipe says so. Pictures are decoded while the clips before
/// them are computed, and changed as the recipe says; dev sees them as recognition does.
/// </summary>
public static class VideoRun
{
    /// <summary>The trunk's weights in a run's folder.</summary>
    public const string TrunkFile = "trunk.safetensors";

    /// <summary>The branch's weights in a run's folder.</summary>
    public const string BranchFile = "video.safetensors";

    private const string Stage = "train";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to write; with several seeds each gets a folder in it.</param>
    /// <param name="resume">Whether to go on with the run that the folder holds.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="tell">Told of clips that cannot be read.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    /// <exception cref="RecipeException">The corpus has no labelled clips to train on, or to choose by.</exception>
    public static void Follow(
        VideoRecipe recipe, string folder, bool resume, IProgress<TrainingProgress> progress, Action<string> tell,
        CancellationToken cancellation)
    {
        string encoderFolder = new FrozenEncoders(recipe.Folder).FolderAsync(recipe.TextEncoder, cancellation).GetAwaiter().GetResult();
        using TextEncoder encoder = BundleEncoders.OpenText(
            recipe.Folder, recipe.TextEncoder with { Folder = encoderFolder, Repository = null, Revision = null });
        Corpus corpus = CorpusReader.Read(recipe.Corpus, recipe.Resolve(recipe.Root));
        MetadataVocabulary vocabulary = MetadataVocabulary.Learn(corpus.Dialogues);
        IReadOnlyList<VideoClip> train = Clips(Split.Train), dev = Clips(Split.Dev);
        ClipReader reader = new(MediaTools.Find(), new FrameRequest(Mc3Encoder.PaperFrames, recipe.Side, Whole: false), tell);
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = RunFolder.Open(
                recipe.Seeds.Count == 1 ? folder : Path.Combine(folder, $"seed-{seed}"), recipe, resume);
            if (run.State.IsFinished)
                continue;
            TorchRuntime.ManualSeed(seed);
            using VideoNetworks networks = new(recipe, encoder, vocabulary);
            Train(recipe, seed, networks, train, dev, reader, run, progress, cancellation);
            Write(recipe, run, networks, vocabulary, Evaluate(networks, dev, recipe.ClipsAtOnce, reader, cancellation));
            run.Finish();
        }

        IReadOnlyList<VideoClip> Clips(Split split)
        {
            IReadOnlyList<VideoClip> clips = VideoClip.Of(corpus, split, vocabulary, encoder);
            return clips.Count > 0
                ? clips
                : throw new RecipeException(recipe.Resolve(recipe.Root), $"split {split.Name()}", "no utterance", "some with emotion and media");
        }
    }

    private static void Train(
        VideoRecipe recipe, int seed, VideoNetworks networks, IReadOnlyList<VideoClip> train, IReadOnlyList<VideoClip> dev,
        ClipReader reader, RunFolder run, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        int steps = (train.Count + recipe.Batch - 1) / recipe.Batch;
        WarmupCosine schedule = new((long)steps * recipe.Epochs, recipe.Warmup);
        using AdamW optimizer = new(
        [
            new ParameterGroup(
                [.. networks.Parameters()], recipe.LearningRate, new AdamWOptions { WeightDecay = recipe.WeightDecay }),
        ]);
        using Tensor weights = Tensor.From<float>(
            ClassWeights.Of(train.Select(clip => (int)clip.Label), recipe.ClassWeightExponent), Emotions.Count);
        (string, Tensor)[] trained = [.. networks.State()];

        run.RestoreLast(trained, optimizer);
        for (int epoch = run.State.Epoch + 1; epoch <= recipe.Epochs && !run.State.HasStalled(Stage, recipe.Patience); epoch++)
        {
            Random random = RunSeeds.StartEpoch(seed, 0, epoch);
            networks.Train(true);
            EpochMeter meter = new(run.Name, epoch, recipe.Epochs, steps);
            VideoClip[] order = [.. train];
            random.Shuffle(order);
            DrawnClip[] drawn = [.. order.Select(clip => DrawnClip.Draw(clip, recipe, random))];
            ClipStream pictures = new(reader, drawn, recipe.ClipsAtOnce, recipe.Batch, cancellation);
            foreach (DrawnClip[] batch in drawn.Chunk(recipe.Batch))
            {
                double loss = 0;
                foreach (DrawnClip[] some in batch.Chunk(recipe.ClipsAtOnce))
                {
                    cancellation.ThrowIfCancellationRequested();
                    using TensorScope scope = new();

                    // Each clip counts the same in a step, in however many parts it is computed.
                    Tensor part = Forward(networks, some, pictures.Next()).CrossEntropy(Labels(some), weights, recipe.LabelSmoothing)
                        * ((double)some.Length / batch.Length);
                    part.Backward();
                    loss += part.Item();
                }

                optimizer.ClipGradients(recipe.ClipNorm);
                optimizer.Step(schedule.Factor(optimizer.Steps));
                optimizer.ClearGradients();
                progress.Report(meter.Step(loss, batch.Length));
            }

            networks.Train(false);
            DevAnswers answers = Evaluate(networks, dev, recipe.ClipsAtOnce, reader, cancellation);
            (Scores scores, double devLoss) = (answers.Score(), answers.Loss());
            IReadOnlyDictionary<string, double> metrics = DevMetric.All(meter.MeanLoss, scores, devLoss);
            double score = DevMetric.Score(recipe.Metric, metrics);
            run.Log(Stage, epoch, metrics);
            bool better = run.EndEpoch(Stage, epoch, score, trained, optimizer);
            progress.Report(meter.End(FormattableString.Invariant($"dev {recipe.Metric} {Math.Abs(score):F4}{(better ? " *" : "")}")));
        }

        run.RestoreBest(trained);
    }

    private static DevAnswers Evaluate(
        VideoNetworks networks, IReadOnlyList<VideoClip> clips, int atOnce, ClipReader reader, CancellationToken cancellation)
    {
        using GradMode noGrad = GradMode.NoGrad();
        networks.Train(false);
        DrawnClip[] asTheyAre = [.. clips.Select(DrawnClip.AsItIs)];
        ClipStream pictures = new(reader, asTheyAre, atOnce, atOnce, cancellation);
        DevAnswers answers = new();
        foreach (DrawnClip[] some in asTheyAre.Chunk(atOnce))
        {
            using TensorScope scope = new();
            answers.Add(Forward(networks, some, pictures.Next()), some.Select(drawn => drawn.Clip.Label));
        }

        return answers;
    }

    private static Tensor Forward(VideoNetworks networks, DrawnClip[] clips, VideoFrames[] pictures) => networks.Forward(
        [
            .. clips.Zip(pictures, (clip, frames) => frames.Count == 0
                ? null
                : KineticsPixels.Normalize(clip.Change.Of(KineticsPixels.Unit(frames)))),
        ],
        [.. clips.Select(clip => clip.Tokens)],
        [.. clips.Select(clip => clip.Metadata)]);

    private static Tensor Labels(DrawnClip[] clips) => Tensor.From<long>([.. clips.Select(clip => clip.Clip.Label)], clips.Length);

    private static void Write(
        VideoRecipe recipe, RunFolder run, VideoNetworks networks, MetadataVocabulary vocabulary, DevAnswers dev)
    {
        NetworkState.Save(networks.Trunk, run.File(TrunkFile));
        NetworkState.Save(networks.Branch, run.File(BranchFile));
        run.WriteWhole(VideoFolder.FileName, new VideoFolder
        {
            VideoEncoder = new VideoEncoderPart
            {
                Kind = VideoEncoderPart.Mc3,
                Weights = TrunkFile,
                Side = recipe.Side == Mc3Encoder.PaperSide ? null : recipe.Side,
                Trained = recipe.TrainTrunk,
            },
            Weights = BranchFile,
            Network = networks.Branch.Config,
            Temperature = dev.Temperature(),
            Speakers = vocabulary.Speakers,
        }.ToJson());
    }
}
