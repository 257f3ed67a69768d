using System.Diagnostics;
using Affekt.Corpora;
using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>How long one epoch of the paper's audio-text branch takes.</summary>
/// <param name="Utterances">Utterances of the epoch.</param>
/// <param name="Dialogues">Dialogues of the epoch.</param>
/// <param name="Steps">Training steps.</param>
/// <param name="Seconds">The whole epoch.</param>
/// <param name="Phases">Seconds of each phase of its steps.</param>
public sealed record EpochTimes(
    int Utterances, int Dialogues, int Steps, double Seconds, IReadOnlyDictionary<TrainingPhase, double> Phases);

/// <summary>How long the encoders take that an epoch would have to run if their features were not kept.</summary>
/// <param name="Utterances">Utterances that were encoded.</param>
/// <param name="TextSeconds">BERT over their words.</param>
/// <param name="AudioSeconds">wav2vec 2.0 over sound as long as theirs.</param>
public sealed record UncachedTimes(int Utterances, double TextSeconds, double AudioSeconds);

/// <summary>
/// Times training on a corpus's own dialogues, labels, speakers and durations with features and weights that are random:
/// what a step costs does not depend on their values.
/// </summary>
public static class EpochBenchmark
{
    /// <summary>Features of bert-base-uncased, and of wav2vec2-base.</summary>
    public const int BaseWidth = 768;

    private const int Layers = 12;
    private const int Heads = 12;
    private const int FeedForward = 3072;
    private const int Seed = 1;
    private const int SampleRate = Media.Sound.SampleRate;

    // Sound for an utterance whose duration is unknown or absurd, in ms.
    private const int UsualDuration = 3_000;
    private const int LongestDuration = 15_000;

    /// <summary>Trains one epoch on the train split, after a few steps that are not timed.</summary>
    /// <param name="recipe">The network and the schedule.</param>
    /// <param name="corpus">The corpus.</param>
    /// <param name="cancellation">Ends it.</param>
    public static EpochTimes Train(AudioTextFrozenRecipe recipe, Corpus corpus, CancellationToken cancellation)
    {
        const int WarmUps = 3;
        MetadataVocabulary vocabulary = CorpusMetadata.Learn(corpus.In(Split.Train));
        Random random = new(Seed);
        FeatureDialogue[] dialogues = [.. corpus.In(Split.Train).Select(dialogue => RandomFeatures(dialogue, vocabulary, random))];
        TorchRuntime.ManualSeed(Seed);
        using AudioTextBranch branch = AudioTextFrozenRun.NewBranch(recipe, BaseWidth, BaseWidth, vocabulary, dialogues);
        FeatureDialogue[][] steps = FeatureDialogue.Steps(dialogues, recipe.Dialogues, random);
        using FeatureSteps task = new(recipe, branch, dialogues, [], TrainingRanks.Alone);
        LoopOptions options = LoopOptions.Of(recipe, recipe.Dialogues, dialogues.Length, Seed, "");
        WarmupCosine schedule = new(steps.Length, recipe.Warmup);
        branch.Train();
        EpochMeter warmUp = new("", 1, 1, WarmUps);
        foreach (FeatureDialogue[] step in steps.Take(WarmUps))
            TrainingLoop.Step(options, task, step, random, schedule, TrainingRanks.Alone, warmUp, null);

        EpochMeter meter = new("", 1, 1, steps.Length);
        long started = Stopwatch.GetTimestamp();
        foreach (FeatureDialogue[] step in steps)
        {
            cancellation.ThrowIfCancellationRequested();
            TrainingLoop.Step(options, task, step, random, schedule, TrainingRanks.Alone, meter, null);
        }

        return new EpochTimes(
            dialogues.Sum(dialogue => dialogue.Count), dialogues.Length, steps.Length, Stopwatch.GetElapsedTime(started).TotalSeconds,
            Enum.GetValues<TrainingPhase>().ToDictionary(phase => phase, phase => meter.Time(phase).TotalSeconds));
    }

    /// <summary>Runs encoders of the paper's sizes over some of the corpus's utterances, one by one.</summary>
    /// <param name="corpus">The corpus.</param>
    /// <param name="utterances">How many, spread evenly over the train split.</param>
    /// <param name="vocabularyFile">BERT's vocabulary.</param>
    /// <param name="cancellation">Ends it.</param>
    public static UncachedTimes Encode(Corpus corpus, int utterances, string vocabularyFile, CancellationToken cancellation)
    {
        Utterance[] all = [.. corpus.In(Split.Train).SelectMany(dialogue => dialogue.Utterances)];
        Utterance[] chosen = [.. Enumerable.Range(0, utterances).Select(i => all[(long)i * all.Length / utterances])];
        WordPieceTokenizer tokenizer = new(WordPieceVocabulary.Load(vocabularyFile), new WordPieceOptions());
        TorchRuntime.ManualSeed(Seed);
        using BertModel bert = new(
            new BertConfig
            {
                VocabSize = tokenizer.Vocabulary.Count,
                HiddenSize = BaseWidth,
                NumHiddenLayers = Layers,
                NumAttentionHeads = Heads,
                IntermediateSize = FeedForward,
            },
            pooler: false);
        using Wav2Vec2Model wav2Vec2 = new(
            new Wav2Vec2Config { HiddenSize = BaseWidth, NumHiddenLayers = Layers, NumAttentionHeads = Heads, IntermediateSize = FeedForward },
            head: false);
        using GradMode noGrad = GradMode.NoGrad();
        Random random = new(Seed);
        TimeSpan text = default, audio = default;
        foreach (Utterance utterance in chosen)
        {
            cancellation.ThrowIfCancellationRequested();
            using TensorScope scope = new();
            long[] ids = tokenizer.Encode(utterance.Text ?? "").Ids.ToArray();
            float[] sound = new float[Sound(utterance) * (SampleRate / 1000)];
            for (int i = 0; i < sound.Length; i++)
                sound[i] = random.NextSingle() - 0.5f;
            long started = Stopwatch.GetTimestamp();
            bert.Forward(Tensor.From<long>(ids, 1, ids.Length), Tensor.Full(1, 1, ids.Length));
            long between = Stopwatch.GetTimestamp();
            wav2Vec2.States([sound]);
            text += Stopwatch.GetElapsedTime(started, between);
            audio += Stopwatch.GetElapsedTime(between);
        }

        return new UncachedTimes(utterances, text.TotalSeconds, audio.TotalSeconds);
    }

    private static int Sound(Utterance utterance) =>
        utterance.DurationMs is > 0 and <= LongestDuration ? utterance.DurationMs.Value : UsualDuration;

    private static FeatureDialogue RandomFeatures(Dialogue dialogue, MetadataVocabulary vocabulary, Random random)
    {
        return new FeatureDialogue(
            [.. dialogue.Utterances.Select(_ => Vector())],
            [.. dialogue.Utterances.Select(_ => Vector())],
            CorpusMetadata.Follow(vocabulary, dialogue),
            [.. dialogue.Utterances.Select(utterance => utterance.Label ?? DialogueExample.NoLabel)]);

        float[] Vector()
        {
            float[] values = new float[BaseWidth];
            for (int i = 0; i < values.Length; i++)
                values[i] = random.NextSingle() - 0.5f;
            return values;
        }
    }
}
