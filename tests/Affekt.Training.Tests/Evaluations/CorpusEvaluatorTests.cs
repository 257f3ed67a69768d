using System.Text.Json.Nodes;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Tests;
using Affekt.Torch;
using Affekt.Training.Evaluations;

namespace Affekt.Training.Tests.Evaluations;

public sealed class CorpusEvaluatorTests : IDisposable
{
    private const string Talk = """
        {"id":"a0","dialogue":"a","index":0,"speaker":"Ann","text":"oh no!","emotion":"fear","split":"test","media":"a0.wav"}
        {"id":"a1","dialogue":"a","index":1,"speaker":"Bob","text":"stop it now stop it now!","emotion":"anger","split":"test","start_ms":0,"end_ms":900}
        {"id":"a2","dialogue":"a","index":2,"speaker":"Ann","emotion":"sadness","split":"test"}
        {"id":"a3","dialogue":"a","index":3,"speaker":"Ann","text":"yes?","split":"test"}
        {"id":"a4","dialogue":"a","index":4,"speaker":"Bob","emotion":"joy","split":"test","media":"a4.wav"}
        {"id":"b0","dialogue":"b","index":0,"speaker":"Cy","text":"yes yes!","emotion":"joy","split":"test","media":"a0.wav","start_ms":100,"end_ms":300}
        {"id":"c0","dialogue":"c","index":0,"text":"yes","emotion":"joy","split":"dev"}
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly Bundle _bundle;

    public CorpusEvaluatorTests() => _bundle = Bundle.Open(TinyBundle.Create(_folder.Path), EncoderLocations.None);

    public void Dispose()
    {
        _bundle.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Predictions_are_those_of_the_dialogue_memory_asked_by_hand()
    {
        Corpus corpus = ReadTalk();

        CorpusEvaluation evaluation = await EvaluateAsync(corpus, new EvaluationOptions());

        using DialogueMemory a = new(_bundle);
        MetadataTracker who = new(_bundle.Metadata);
        UtteranceAnswer?[] expected =
        [
            // Where no duration is annotated, it is the sound's, as in recognition.
            a.Next(new(Text("oh no!"), Sound(8_000, 0.5), who.Next("Ann", 500))),
            a.Next(new(Text("stop it now stop it now!"), null, who.Next("Bob", 900))),
            a.Next(new(null, null, who.Next("Ann", null))),
            a.Next(new(Text("yes?"), null, who.Next("Ann", null))),
            a.Next(new(null, Sound(4_000, 0.1), who.Next("Bob", 250))),
        ];
        Assert.Equal(["a0", "a1", "a4", "b0"], evaluation.Predictions.Select(p => p.Id));
        Assert.Equal(
            [Emotion.Fear, Emotion.Anger, Emotion.Joy, Emotion.Joy], evaluation.Predictions.Select(p => (Emotion)p.Truth));
        AssertClose(expected[0]!.Probabilities, evaluation.Predictions[0]);
        AssertClose(expected[1]!.Probabilities, evaluation.Predictions[1]);
        AssertClose(expected[4]!.Probabilities, evaluation.Predictions[2]);
        Assert.Equal(
            [
                new UtteranceGap("a1", "no media", false), new("a2", "no text; no media", true),
                new("a3", "no label; no media", true), new("a4", "no text", false),
            ],
            evaluation.Gaps);
        Assert.Equal(2, evaluation.Skipped);
    }

    [Fact]
    public async Task Without_history_every_utterance_is_a_dialogue_of_its_own()
    {
        Corpus corpus = ReadTalk();
        Corpus alone = corpus with
        {
            Dialogues = [.. corpus.Dialogues.SelectMany(d => d.Utterances.Select(u => new Dialogue(u.Id, d.Split, [u])))],
        };

        CorpusEvaluation off = await EvaluateAsync(corpus, new EvaluationOptions { History = false });
        CorpusEvaluation expected = await EvaluateAsync(alone, new EvaluationOptions());
        CorpusEvaluation on = await EvaluateAsync(corpus, new EvaluationOptions());

        Assert.Equal(expected.Predictions.Count, off.Predictions.Count);
        foreach ((Prediction one, Prediction same) in off.Predictions.Zip(expected.Predictions))
            AssertClose([.. same.Probabilities], one);
        Assert.True(Distance(on.Predictions[0], off.Predictions[0]) < 1e-6);
        Assert.True(Distance(on.Predictions[1], off.Predictions[1]) > 1e-4);
        Assert.Equal("a", off.Predictions[1].Dialogue);
    }

    [Fact]
    public async Task A_media_file_that_cannot_be_read_is_skipped_with_its_reason()
    {
        _folder.WriteTone("good.wav", 8_000, 0.5);
        _folder.WriteTone("silent.wav", 8_000, 0);
        _folder.Write("bad.wav", "no sound at all");
        Corpus corpus = Read("""
            {"id":"bad","dialogue":"a","index":0,"emotion":"joy","split":"test","media":"bad.wav"}
            {"id":"late","dialogue":"a","index":1,"emotion":"joy","split":"test","media":"good.wav","start_ms":9000,"end_ms":9500}
            {"id":"silent","dialogue":"a","index":2,"emotion":"joy","split":"test","media":"silent.wav"}
            {"id":"good","dialogue":"b","index":0,"emotion":"joy","split":"test","media":"good.wav"}
            """);

        CorpusEvaluation evaluation = await EvaluateAsync(corpus, new EvaluationOptions());

        Assert.Equal("good", Assert.Single(evaluation.Predictions).Id);
        Assert.Equal(["bad", "late", "silent"], evaluation.Gaps.Select(gap => gap.Id));
        Assert.All(evaluation.Gaps, gap => Assert.True(gap.IsSkipped));
        Assert.Contains("bad.wav", evaluation.Gaps[0].Reason);
        Assert.Contains("good.wav", evaluation.Gaps[1].Reason);
        Assert.Equal("sound is silent", evaluation.Gaps[2].Reason);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_answers_in_noise_and_another_seed_others()
    {
        Corpus corpus = ReadTalk();
        EvaluationOptions options = new() { Modalities = new ModalityChoice(false, true), NoiseDecibels = 0, Seed = 1 };

        double[][] first = Answers(await EvaluateAsync(corpus, options));
        double[][] second = Answers(await EvaluateAsync(corpus, options));
        double[][] other = Answers(await EvaluateAsync(corpus, options with { Seed = 2 }));
        double[][] clean = Answers(await EvaluateAsync(corpus, options with { NoiseDecibels = null }));

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first, clean);
    }

    [Fact]
    public async Task Sound_is_read_once_for_all_bundles()
    {
        Corpus corpus = ReadTalk();
        int encoded = 0;
        CorpusEvaluator evaluator = new(corpus, new EvaluationOptions(), samples =>
        {
            encoded++;
            return TinyBundle.EncodeSound(samples);
        });

        CorpusEvaluation first = await evaluator.RunAsync(_bundle, null, TestContext.Current.CancellationToken);
        CorpusEvaluation second = await evaluator.RunAsync(_bundle, null, TestContext.Current.CancellationToken);

        Assert.Equal(3, encoded);
        Assert.Equal(Answers(first), Answers(second));

        // Seeds that learned their own weights of the encoder's layers hear otherwise.
        string seed = TinyBundle.Create(_folder.At("seed")), config = Path.Combine(seed, BundleConfig.FileName);
        JsonNode parts = JsonNode.Parse(File.ReadAllText(config))!;
        parts["audio_encoder"] = new JsonObject { ["kind"] = "hubert", ["folder"] = "nowhere", ["layer_weights"] = new JsonArray(0.5, 0.5) };
        File.WriteAllText(config, parts.ToJsonString());
        using Bundle other = Bundle.Open(seed, EncoderLocations.None);
        await evaluator.RunAsync(other, null, TestContext.Current.CancellationToken);
        await evaluator.RunAsync(other, null, TestContext.Current.CancellationToken);
        Assert.Equal(6, encoded);
    }

    [Fact]
    public void Modalities_that_the_split_lacks_are_refused_with_what_it_has()
    {
        Corpus dev = ReadTalk();
        EvaluationOptions options = new() { Split = Split.Dev, Modalities = ModalityChoice.Parse("audio") };

        EvaluationException none = Assert.Throws<EvaluationException>(() => new CorpusEvaluator(dev, options));
        EvaluationException empty = Assert.Throws<EvaluationException>(
            () => new CorpusEvaluator(dev, new EvaluationOptions { Split = Split.Train }));
        EvaluationException noise = Assert.Throws<EvaluationException>(
            () => new CorpusEvaluator(dev, new EvaluationOptions { Split = Split.Dev, NoiseDecibels = 15 }));

        Assert.EndsWith("dev: found text only, expected audio", none.Message);
        Assert.EndsWith("train: found no utterances, expected at least one", empty.Message);
        Assert.Contains("15 dB", noise.Message);
        Assert.Equal(["text"], new CorpusEvaluator(dev, new EvaluationOptions { Split = Split.Dev }).Modalities.Names);
        Assert.Throws<EvaluationException>(() => ModalityChoice.Parse("text,smell"));
        Assert.Equal(new ModalityChoice(true, true), ModalityChoice.Parse("audio, text"));
    }

    [Fact]
    public void Text_that_is_the_same_for_every_emotion_is_never_used()
    {
        _folder.WriteTone("03-01-05-01-01-01-17.wav", 800, 0.5);
        Corpus corpus = RavdessCorpus.Read(_folder.Path);

        Assert.Equal(["audio"], new CorpusEvaluator(corpus, new EvaluationOptions()).Modalities.Names);
        Assert.Equal(
            ["audio"],
            new CorpusEvaluator(corpus, new EvaluationOptions { Modalities = new ModalityChoice(true, true) }).Modalities.Names);
        Assert.Throws<EvaluationException>(
            () => new CorpusEvaluator(corpus, new EvaluationOptions { Modalities = new ModalityChoice(true, false) }));
    }

    [Fact]
    public async Task Where_a_corpus_has_fewer_emotions_only_these_are_answered_in_their_proportions()
    {
        Corpus talk = ReadTalk();
        int[] some = [(int)Emotion.Joy, (int)Emotion.Anger];

        CorpusEvaluation all = await EvaluateAsync(talk, new EvaluationOptions());
        CorpusEvaluation few = await EvaluateAsync(talk with { Classes = [.. LabelSet.Emotions.Indices.Except([(int)Emotion.Surprise])] }, new EvaluationOptions());
        CorpusEvaluation two = await EvaluateAsync(talk, new EvaluationOptions { Classes = some });

        foreach ((Prediction before, Prediction after) in all.Predictions.Where(p => p.Truth != (int)Emotion.Surprise).Zip(few.Predictions))
        {
            Assert.Equal(0, after.Probabilities[(int)Emotion.Surprise]);
            Assert.Equal(1, after.Probabilities.Sum(), 1e-9);
            Assert.Equal(
                before.Probabilities[0] / (1 - before.Probabilities[(int)Emotion.Surprise]), after.Probabilities[0], 1e-9);
        }

        Assert.Equal(all.Predictions.Where(p => some.Contains(p.Truth)).Select(p => p.Id), two.Predictions.Select(p => p.Id));
        Assert.All(two.Predictions, p => Assert.Contains(p.Answer, some));
        Assert.Contains(new UtteranceGap("a0", "fear is not among the classes", true), two.Gaps);
        Assert.NotEmpty(two.Predictions);
    }

    [Fact]
    public async Task A_cancelled_evaluation_ends()
    {
        CorpusEvaluator evaluator = new(ReadTalk(), new EvaluationOptions(), TinyBundle.EncodeSound);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => evaluator.RunAsync(_bundle, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Every_labeled_text_of_meld_is_answered()
    {
        Corpus meld = MeldCorpus.Read(TestPaths.Shared("data/meld"));
        Corpus part = meld with { Dialogues = [.. meld.In(Split.Test).Take(20)] };

        CorpusEvaluation evaluation = await EvaluateAsync(
            part, new EvaluationOptions { Modalities = new ModalityChoice(true, false) });

        Assert.Equal(part.Utterances.Select(u => u.Id), evaluation.Predictions.Select(p => p.Id));
        Assert.Empty(evaluation.Gaps);
    }

    private Corpus ReadTalk()
    {
        _folder.WriteTone("a0.wav", 8_000, 0.5);
        _folder.WriteTone("a4.wav", 4_000, 0.1);
        return Read(Talk);
    }

    private Corpus Read(string lines) => Manifest.Read(_folder.Write("manifest.jsonl", lines));

    private Task<CorpusEvaluation> EvaluateAsync(Corpus corpus, EvaluationOptions options) =>
        new CorpusEvaluator(corpus, options, TinyBundle.EncodeSound)
            .RunAsync(_bundle, null, TestContext.Current.CancellationToken);

    private float[] Text(string text)
    {
        using TensorScope scope = new();
        return _bundle.TextEncoder.Encode([_bundle.TextEncoder.Tokenize(text)]);
    }

    // As WriteTone writes it and 16 bits keep it.
    private static float[]? Sound(int samples, double level) => TinyBundle.EncodeSound(
        [.. Enumerable.Range(0, samples).Select(i => (short)(level * short.MaxValue * Math.Sin(i * 0.2)) / 32_768f)]).Values;

    private static double[][] Answers(CorpusEvaluation evaluation) =>
        [.. evaluation.Predictions.Select(prediction => prediction.Probabilities.ToArray())];

    private static double Distance(Prediction a, Prediction b) =>
        a.Probabilities.Zip(b.Probabilities, (x, y) => Math.Abs(x - y)).Max();

    private static void AssertClose(double[] expected, Prediction prediction)
    {
        foreach ((double wanted, double got) in expected.Zip(prediction.Probabilities))
            Assert.Equal(wanted, got, 1e-4);
    }
}
