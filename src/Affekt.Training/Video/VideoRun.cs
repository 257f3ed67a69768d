using Affekt.Corpora;
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
    /// <param name="ranks">The processes that train together.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="tell">Told of clips that cannot be read.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    /// <exception cref="RecipeException">The corpus has no labelled clips to train on, or to choose by.</exception>
    public static void Follow(
        VideoRecipe recipe, string folder, bool resume, TrainingRanks ranks, IProgress<TrainingProgress> progress, Action<string> tell,
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
                recipe.Seeds.Count == 1 ? folder : Path.Combine(folder, $"seed-{seed}"), recipe, resume, ranks);
            if (run.State.IsFinished)
                continue;
            TorchRuntime.ManualSeed(seed);
            using VideoNetworks networks = new(recipe, encoder, vocabulary, ranks.Device);
            Train(recipe, seed, networks, train, dev, reader, run, ranks, progress, cancellation);
            run.First(
                token =>
                {
                    run.RestoreBest(networks.State());
                    Write(recipe, run, networks, vocabulary, BundleEncoders.TextIdentity(encoderFolder), Evaluate(networks, dev, recipe.ClipsAtOnce, reader, token));
                    run.Finish();
                },
                cancellation);
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
        ClipReader reader, RunFolder run, TrainingRanks ranks, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        int steps = (train.Count + recipe.Batch - 1) / recipe.Batch;
        WarmupCosine schedule = new((long)steps * recipe.Epochs, recipe.Warmup);
        using AdamW optimizer = new(
        [
            new ParameterGroup(
                [.. networks.Parameters()], recipe.LearningRate, new AdamWOptions { WeightDecay = recipe.WeightDecay }),
        ]);
        using WeightedCrossEntropy crossEntropy = new(
            ClassWeights.Of(train.Select(clip => (int)clip.Label), recipe.ClassWeightExponent), recipe.LabelSmoothing, ranks.Device);
        (string, Tensor)[] trained = [.. networks.State()];

        run.RestoreLast(trained, optimizer);
        for (int epoch = run.State.Epoch + 1; epoch <= recipe.Epochs && !run.State.HasStalled(Stage, recipe.Patience); epoch++)
        {
            Random random = RunSeeds.StartEpoch(seed, 0, epoch, ranks.Rank);
            networks.Train(true);
            EpochMeter meter = new(run.Name, epoch, recipe.Epochs, steps);
            VideoClip[] order = [.. train];
            random.Shuffle(order);
            DrawnClip[][] batches = [.. order.Select(clip => DrawnClip.Draw(clip, recipe, random)).Chunk(recipe.Batch)];
            DrawnClip[][][] parts = [.. batches.Select(batch => ranks.Share(batch).Chunk(recipe.ClipsAtOnce).ToArray())];
            ClipStream pictures = new(reader, parts.SelectMany(share => share), cancellation);
            foreach ((DrawnClip[] batch, DrawnClip[][] share) in batches.Zip(parts))
            {
                double loss = 0, weight = crossEntropy.Weight(batch.Select(drawn => drawn.Clip.Label));
                foreach (DrawnClip[] some in share)
                {
                    cancellation.ThrowIfCancellationRequested();
                    using TensorScope scope = new();
                    loss += crossEntropy.Backward(
                        Forward(networks, some, pictures.Next()), [.. some.Select(drawn => drawn.Clip.Label)], weight);
                }

                loss = ranks.AddUp(loss, optimizer.Parameters);
                double length = optimizer.ClipGradients(recipe.ClipNorm), rate = schedule.Factor(optimizer.Steps);
                TrainingException.ThrowUnlessFinite(meter, loss, length, optimizer, rate);
                optimizer.Step(rate);
                optimizer.ClearGradients();
                progress.Report(meter.Step(loss, batch.Length));
            }

            run.First(
                token =>
                {
                    DevAnswers answers = Evaluate(networks, dev, recipe.ClipsAtOnce, reader, token);
                    IReadOnlyDictionary<string, double> metrics = DevMetric.All(meter.MeanLoss, answers.Score(), answers.Loss());
                    run.EndEpoch(Stage, epoch, recipe.Metric, metrics, trained, optimizer, meter, progress);
                },
                cancellation);
        }
    }

    private static DevAnswers Evaluate(
        VideoNetworks networks, IReadOnlyList<VideoClip> clips, int atOnce, ClipReader reader, CancellationToken cancellation)
    {
        using GradMode noGrad = GradMode.NoGrad();
        networks.Train(false);
        DrawnClip[] asTheyAre = [.. clips.Select(DrawnClip.AsItIs)];
        ClipStream pictures = new(reader, asTheyAre.Chunk(atOnce), cancellation);
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

    private static void Write(
        VideoRecipe recipe, RunFolder run, VideoNetworks networks, MetadataVocabulary vocabulary, string textIdentity, DevAnswers dev)
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
            TextEncoder = textIdentity,
        }.ToJson());
    }
}
