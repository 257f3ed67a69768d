using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.Text;

/// <summary>
/// Fine-tunes a text encoder, stage after stage. Each corpus has a linear head of its own over the mean of the token
/// states; the encoder of the epoch that the dev split of the corpus of one's own, or else MELD's, likes best is kept in the run's folder under the stage's name, in
/// Hugging Face's layout, and the next stage goes on from the last epoch.
/// </summary>
internal static class TextEncoderRun
{
    /// <summary>The file beside a kept encoder with the linear layer that gave the labels of the corpus that chose.</summary>
    public const string HeadFile = "head.safetensors";

    /// <summary>Follows a recipe for each of its seeds.</summary>
    public static void Follow(TextEncoderRecipe recipe, RunContext context, CancellationToken cancellation)
    {
        foreach (int seed in recipe.Seeds)
        {
            RunFolder run = context.OpenOwn(recipe, seed);
            if (!run.State.IsFinished)
                Train(recipe, seed, run, context, cancellation);
        }
    }

    private static void Train(
        TextEncoderRecipe recipe, int seed, RunFolder run, RunContext context, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed(seed);
        using TrainedTextEncoder encoder = LoadEncoder(recipe);
        Dictionary<string, Corpus> corpora = recipe.Corpora.ToDictionary(name => name, name => name switch
        {
            TextEncoderRecipe.OwnName => recipe.ReadCorpus(recipe.Corpus!, recipe.Root!, recipe.Map, recipe.Fold, recipe.LabelSet),
            TextEncoderRecipe.MeldName => MeldCorpus.Read(recipe.Resolve(recipe.Meld!)),
            _ => GoEmotionsCorpus.Read(recipe.Resolve(recipe.Goemotions!)),
        });
        string chooser = recipe.Corpora[0];
        Dictionary<string, CorpusHead> heads = corpora.ToDictionary(
            corpus => corpus.Key, corpus => new CorpusHead(corpus.Key, corpus.Value, encoder, recipe));
        IReadOnlyList<TextExample> dev = TextExamples.Of(corpora[chooser], Split.Dev, encoder);
        foreach ((string name, CorpusHead head) in heads)
        {
            if (head.Train.Count == 0 || dev.Count == 0)
                throw new RecipeException(recipe.File, "corpus", $"{head.Train.Count} labeled texts to train on in {name}, {dev.Count} to choose by in {chooser}", "some of both");
        }

        int first = Math.Max(0, recipe.Stages.Index().FirstOrDefault(stage => stage.Item.Name == run.State.Stage).Index);
        for (int stage = first; stage < recipe.Stages.Count; stage++)
        {
            TrainStage(recipe, seed, stage, encoder, heads, dev, run, context, cancellation);
            run.RestoreBest(Weights(encoder, heads));
            Save(recipe, encoder, heads[chooser], run.Folder(recipe.Stages[stage].Name));
            run.RestoreLast(Weights(encoder, heads));
        }

        run.Finish();
        foreach (CorpusHead head in heads.Values)
            head.Dispose();
    }

    // All that is trained, with every corpus's head: a later stage may go on with one that this stage leaves alone.
    private static IEnumerable<(string Name, Tensor Tensor)> Weights(
        TrainedTextEncoder encoder, IReadOnlyDictionary<string, CorpusHead> heads) => encoder.Network.State()
        .Select(entry => ($"encoder.{entry.Name}", entry.Tensor))
        .Concat(heads.Values.SelectMany(head => head.Layer.State().Select(entry => ($"{head.Name}.{entry.Name}", entry.Tensor))));

    private static TrainedTextEncoder LoadEncoder(TextEncoderRecipe recipe)
    {
        string folder = recipe.Resolve(recipe.Encoder);
        TrainedTextEncoder encoder = TrainedTextEncoder.Load(folder, recipe.Vocabulary is { } words
            ? new WordPieceTokenizer(WordPieceVocabulary.Load(recipe.Resolve(words)), new WordPieceOptions { MaxLength = recipe.MaxTokens })
            : TextEncoder.OpenTokenizer(folder, recipe.MaxTokens));
        encoder.Network.UseMixedPrecision(recipe.Precision == "bf16");
        return encoder;
    }

    private static void TrainStage(
        TextEncoderRecipe recipe, int seed, int index, TrainedTextEncoder encoder, Dictionary<string, CorpusHead> heads,
        IReadOnlyList<TextExample> dev, RunFolder run, RunContext context, CancellationToken cancellation)
    {
        // Batches are drawn in advance: the schedule needs to know the number of steps.
        TextStage stage = recipe.Stages[index];
        CorpusHead[] used = [.. stage.Corpora.Select(name => heads[name])];
        (CorpusHead Head, IReadOnlyList<TextExample> Texts)[][] epochs =
        [
            .. Enumerable.Range(1, stage.Epochs).Select(epoch => Batches(recipe, used, RunSeeds.StartEpoch(seed, index, epoch))),
        ];
        using Task task = new(recipe, encoder, heads, used, epochs, dev);
        TrainingLoop.Run(
            new LoopOptions
            {
                Stage = stage.Name,
                StageIndex = index,
                Seed = seed,
                Steps = [.. epochs.Select(batches => batches.Length)],
                Warmup = recipe.Warmup,
                ClipNorm = recipe.ClipNorm,
            },
            task, run, context, cancellation);
    }

    private static AdamW NewOptimizer(TextEncoderRecipe recipe, TrainedTextEncoder encoder, CorpusHead[] heads)
    {
        AdamWOptions decay = new() { WeightDecay = recipe.WeightDecay };
        return new AdamW(
        [
            new ParameterGroup([.. encoder.Network.NamedParameters()], recipe.LearningRate, decay),
            .. heads.Select(head => new ParameterGroup(
                [.. head.Layer.NamedParameters().Select(p => ($"{head.Name}.{p.Name}", p.Tensor))], recipe.HeadLearningRate, decay)),
        ]);
    }

    private static (CorpusHead Head, IReadOnlyList<TextExample> Texts)[] Batches(
        TextEncoderRecipe recipe, CorpusHead[] used, Random random)
    {
        (CorpusHead, IReadOnlyList<TextExample>)[] batches =
        [
            .. used.SelectMany(head => TextExamples.Batches(head.Train, recipe.BatchTexts, recipe.BatchTokens, random)
                .Select(batch => (head, batch))),
        ];
        random.Shuffle(batches);
        return batches;
    }

    private static Scores Evaluate(TrainedTextEncoder encoder, CorpusHead head, IReadOnlyList<TextExample> texts)
    {
        const int AtOnce = 64;
        using GradMode noGrad = GradMode.NoGrad();
        List<(int Truth, int Predicted)> pairs = [];
        foreach (TextExample[] chunk in texts.OrderBy(text => text.Tokens.Length).Chunk(AtOnce))
        {
            using TensorScope scope = new();
            long[] answers = head.Layer.Forward(encoder.Encode([.. chunk.Select(text => text.Tokens)])).ArgMax(1).ToArray<long>();
            pairs.AddRange(chunk.Zip(answers, (text, answer) => (text.Label, (int)answer)));
        }

        return new ConfusionMatrix(pairs, head.Labels).Score();
    }

    private static void Save(TextEncoderRecipe recipe, TrainedTextEncoder encoder, CorpusHead head, string folder)
    {
        NetworkState.Save(encoder.Network, Path.Combine(folder, "model.safetensors"));
        NetworkState.Save(head.Layer, Path.Combine(folder, HeadFile));
        string source = recipe.Resolve(recipe.Encoder);
        string[] kept = recipe.Vocabulary is null
            ? [.. BundleEncoders.TextFiles(source).Where(name => !IsWeights(name)).Select(name => Path.Combine(source, name))]
            : [Path.Combine(source, "config.json")];
        foreach (string file in kept)
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (recipe.Vocabulary is { } words)
            File.Copy(recipe.Resolve(words), Path.Combine(folder, "vocab.txt"), overwrite: true);
    }

    private static bool IsWeights(string name) =>
        name.Contains(".safetensors", StringComparison.Ordinal) || Path.GetExtension(name) is ".bin" or ".onnx";

    private sealed class CorpusHead : IDisposable
    {
        public CorpusHead(string name, Corpus corpus, TrainedTextEncoder encoder, TextEncoderRecipe recipe)
        {
            Name = name;
            Labels = name == TextEncoderRecipe.OwnName ? recipe.LabelSet.Count : Emotions.Count;
            Train = TextExamples.Of(corpus, Split.Train, encoder);
            Layer = new Linear(encoder.Width, Labels);
            ClassWeights = Tensor.From<float>(
                Training.ClassWeights.Of(Train.Select(example => example.Label), recipe.ClassWeightExponent, Labels), Labels);
        }

        public string Name { get; }

        public int Labels { get; }

        public IReadOnlyList<TextExample> Train { get; }

        public Linear Layer { get; }

        public Tensor ClassWeights { get; }

        public void Dispose()
        {
            Layer.Dispose();
            ClassWeights.Dispose();
        }
    }

    private sealed class Task(
        TextEncoderRecipe recipe, TrainedTextEncoder encoder, Dictionary<string, CorpusHead> heads, CorpusHead[] used,
        (CorpusHead Head, IReadOnlyList<TextExample> Texts)[][] epochs, IReadOnlyList<TextExample> dev)
        : ITrainingTask<(CorpusHead Head, IReadOnlyList<TextExample> Texts)>, IDisposable
    {
        public AdamW Optimizer { get; } = NewOptimizer(recipe, encoder, used);

        public IEnumerable<(string Name, Tensor Tensor)> Weights => TextEncoderRun.Weights(encoder, heads);

        public void Train(bool training) => encoder.Network.Train(training);

        public IEnumerable<(CorpusHead Head, IReadOnlyList<TextExample> Texts)> Batches(
            int epoch, Random random, CancellationToken cancellation) => epochs[epoch - 1];

        public BatchLoss Backward((CorpusHead Head, IReadOnlyList<TextExample> Texts) batch, Random random, EpochMeter meter)
        {
            (CorpusHead head, IReadOnlyList<TextExample> texts) = batch;
            Tensor features = encoder.Encode([.. texts.Select(text => text.Tokens)]).Dropout(recipe.Dropout, true);
            Tensor labels = Tensor.From<long>([.. texts.Select(text => (long)text.Label)], texts.Count);
            Tensor loss = head.Layer.Forward(features).CrossEntropy(labels, head.ClassWeights, recipe.LabelSmoothing);
            loss.Backward();
            return new BatchLoss(loss.Item(), texts.Count);
        }

        public EpochScore Score(int epoch, double trainLoss, CancellationToken cancellation)
        {
            Scores scores = Evaluate(encoder, heads[recipe.Corpora[0]], dev);
            return new EpochScore(
                scores.WeightedF1,
                new Dictionary<string, double>
                {
                    ["train_loss"] = trainLoss,
                    ["dev_accuracy"] = scores.Accuracy,
                    ["dev_weighted_f1"] = scores.WeightedF1,
                    ["dev_macro_f1"] = scores.MacroF1,
                },
                FormattableString.Invariant($"dev weighted F1 {scores.WeightedF1:F4}"));
        }

        public void Dispose() => Optimizer.Dispose();
    }
}
