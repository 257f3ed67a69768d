using Affekt.Corpora;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Training.Video;

/// <summary>
/// Trains the video branch, and its trunk along with it where the recipe says so. Pictures are decoded while the clips before
/// them are computed, and changed as the recipe says; dev sees them as recognition does.
/// </summary>
internal static class VideoRun
{
    /// <summary>The trunk's weights in a run's folder.</summary>
    public const string TrunkFile = "trunk.safetensors";

    /// <summary>The branch's weights in a run's folder.</summary>
    public const string BranchFile = "video.safetensors";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    /// <exception cref="RecipeException">The corpus has no labeled clips to train on, or to choose by.</exception>
    public static void Follow(VideoRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        TextEncoderPart words = recipe.FindTextEncoder();
        string encoderFolder = new FrozenEncoders(recipe.Folder).FolderAsync(words, cancellation).GetAwaiter().GetResult();
        using TextEncoder encoder = BundleEncoders.OpenText(
            recipe.Folder, words with { Folder = encoderFolder, Repository = null, Revision = null });
        Corpus corpus = recipe.ReadCorpus(recipe.Corpus, recipe.Root, recipe.Map, recipe.Fold, recipe.LabelSet);
        MetadataVocabulary vocabulary = CorpusMetadata.Learn(corpus.Dialogues);
        IReadOnlyList<VideoClip> train = Clips(Split.Train), dev = Clips(Split.Dev);
        ClipReader reader = new(MediaTools.Find(), new FrameRequest(Mc3Encoder.PaperFrames, recipe.Side, Whole: false), context.Warn);
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = context.OpenOwn(recipe, seed);
            if (run.State.IsFinished)
                continue;
            TorchRuntime.ManualSeed(seed);
            using VideoNetworks networks = new(recipe, encoder, vocabulary, context.Ranks.Device);
            Train(recipe, seed, networks, train, dev, reader, run, context, cancellation);
            run.RunOnFirst(
                token =>
                {
                    run.RestoreBest(networks.State());
                    Write(recipe, run, networks, vocabulary, BundleEncoders.TextIdentity(encoderFolder, words.LayerWeights), Evaluate(networks, dev, recipe.ClipsAtOnce, reader, token));
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
        ClipReader reader, RunFolder run, RunContext context, CancellationToken cancellation)
    {
        using Task task = new(recipe, networks, train, dev, reader, context.Ranks);
        TrainingLoop.Run(
            LoopOptions.Of(recipe, recipe.Batch, train.Count, seed, run.Name), task, run, context, cancellation);
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
                : KineticsClips.Normalize(clip.Change.Of(KineticsClips.Unit(frames)))),
        ],
        [.. clips.Select(clip => clip.Tokens)],
        [.. clips.Select(clip => clip.Metadata)]);

    private static void Write(
        VideoRecipe recipe, RunFolder run, VideoNetworks networks, MetadataVocabulary vocabulary, string textIdentity, DevAnswers dev)
    {
        NetworkState.Save(networks.Trunk, run.File(TrunkFile));
        NetworkState.Save(networks.Branch, run.File(BranchFile));
        run.WriteAtomically(VideoFolder.FileName, new VideoFolder
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
            Labels = recipe.LabelSet.IsEmotions ? null : recipe.LabelSet.Names,
            Temperature = dev.Temperature(),
            Speakers = vocabulary.Speakers,
            TextEncoder = textIdentity,
        }.ToJson());
    }

    // A batch, this process's clips of it as many as are computed at once, and the pictures that are decoded for them meanwhile.
    private sealed record Batch(DrawnClip[] Clips, DrawnClip[][] Share, ClipStream Pictures);

    private sealed class Task(
        VideoRecipe recipe, VideoNetworks networks, IReadOnlyList<VideoClip> train, IReadOnlyList<VideoClip> dev, ClipReader reader,
        TrainingRanks ranks) : ITrainingTask<Batch>, IDisposable
    {
        private readonly WeightedCrossEntropy _crossEntropy = new(
            ClassWeights.Of(train.Select(clip => (int)clip.Label), recipe.ClassWeightExponent, recipe.LabelSet.Count), recipe.LabelSmoothing, ranks.Device);

        public AdamW Optimizer { get; } = new(
        [
            new ParameterGroup([.. networks.Parameters()], recipe.LearningRate, new AdamWOptions { WeightDecay = recipe.WeightDecay }),
        ]);

        public IEnumerable<(string Name, Tensor Tensor)> Weights { get; } = [.. networks.State()];

        public void Train(bool training) => networks.Train(training);

        public IEnumerable<Batch> Batches(int epoch, Random random, CancellationToken cancellation)
        {
            VideoClip[] order = [.. train];
            random.Shuffle(order);
            DrawnClip[][] batches = [.. order.Select(clip => DrawnClip.Draw(clip, recipe, random)).Chunk(recipe.Batch)];
            DrawnClip[][][] shares = [.. batches.Select(batch => ranks.Shard(batch).Chunk(recipe.ClipsAtOnce).ToArray())];
            ClipStream pictures = new(reader, shares.SelectMany(share => share), cancellation);
            return batches.Zip(shares, (batch, share) => new Batch(batch, share, pictures));
        }

        public BatchLoss Backward(Batch batch, Random random, EpochMeter meter)
        {
            double loss = 0, weight = _crossEntropy.Weight(batch.Clips.Select(drawn => drawn.Clip.Label));
            foreach (DrawnClip[] some in batch.Share)
            {
                using TensorScope scope = new();
                loss += _crossEntropy.Backward(
                    Forward(networks, some, batch.Pictures.Next()), [.. some.Select(drawn => drawn.Clip.Label)], weight);
            }

            return new BatchLoss(loss, batch.Clips.Length);
        }

        public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
        {
            return EpochScore.By(recipe.Metric, Evaluate(networks, dev, recipe.ClipsAtOnce, reader, cancellation).ToMetrics(trainLoss));
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            _crossEntropy.Dispose();
        }
    }
}
