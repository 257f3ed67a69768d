using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Tests;
using Affekt.Training.Evaluations;

namespace Affekt.Training.Tests.Evaluations;

/// <summary>Evaluation with pictures, and with each choice of modalities.</summary>
public sealed class SubsetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Bundle _bundle;
    private readonly BrightnessEncoder _eyes = new();

    public SubsetTests() => _bundle = Bundle.Open(TinyBundle.Create(_folder.Path, video: true), EncoderLocations.None);

    public void Dispose()
    {
        _bundle.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_choice_of_modalities_is_scored_as_if_it_had_been_the_only_one()
    {
        Corpus corpus = ReadTalk();
        CorpusEvaluation all = await EvaluateAsync(corpus, new EvaluationOptions { Subsets = true });

        Assert.Equal(7, all.Subsets.Count);
        Assert.Equal(["text", "audio", "video"], all.Subsets[^1].Modalities);
        foreach ((ModalityChoice choice, SubsetScores subset) in ModalityChoice.Subsets.Zip(all.Subsets))
        {
            CorpusEvaluation alone = await EvaluateAsync(corpus, new EvaluationOptions { Modalities = choice });
            IReadOnlyList<string> names = choice.Names;
            Assert.Equal(names, subset.Modalities);
            SubsetScores expected = SubsetScores.Of(names, alone.Predictions, alone.Skipped);
            Assert.Equal(expected.Answers, subset.Answers);
            Assert.Equal(expected with { Answers = null }, subset with { Modalities = names, Answers = null });
        }

        // a0 has all three, a1 text only, a2 a picture that is black, b0 no text: 4 utterances in all.
        Assert.Equal([3, 2, 2, 4, 4, 2, 4], all.Subsets.Select(subset => subset.N));
        Assert.Equal([1, 2, 2, 0, 0, 2, 0], all.Subsets.Select(subset => subset.Skipped));
    }

    [Fact]
    public async Task Pictures_are_answered_as_the_branches_and_their_fusion_answer()
    {
        Corpus corpus = ReadTalk();
        CorpusEvaluation evaluation = await EvaluateAsync(
            corpus, new EvaluationOptions { Modalities = ModalityChoice.Parse("video") });
        Assert.Equal(["a0", "b0"], evaluation.Predictions.Select(p => p.Id));
        Assert.Equal(["a1", "a2"], evaluation.Gaps.Select(gap => gap.Id));
        Assert.Equal(["no picture", "black"], evaluation.Gaps.Select(gap => gap.Reason));
        Assert.NotEqual(evaluation.Predictions[0].Probabilities, evaluation.Predictions[1].Probabilities);
        Assert.Equal(3, _eyes.Encoded);
    }

    [Fact]
    public async Task A_bundle_without_a_video_branch_leaves_pictures_out_and_says_so_in_the_subsets()
    {
        using TemporaryFolder folder = new();
        using Bundle blind = Bundle.Open(TinyBundle.Create(folder.Path), EncoderLocations.None);
        Corpus corpus = ReadTalk();
        CorpusEvaluator evaluator = new(corpus, new EvaluationOptions { Subsets = true }, TinyBundle.EncodeSound, _eyes);
        CorpusEvaluation evaluation = await evaluator.RunAsync(blind, null, TestContext.Current.CancellationToken);
        Assert.Equal(["text", "audio"], evaluator.Modalities.Names);
        Assert.Equal(0, _eyes.Encoded);
        Assert.Equal(
            [null, null, "no video here", null, "no video here", "no video here", "no video here"],
            evaluation.Subsets.Select(subset => subset.Note));

        CorpusEvaluator seeing = new(corpus, new EvaluationOptions { Modalities = ModalityChoice.Parse("video") });
        EvaluationException error = await Assert.ThrowsAsync<EvaluationException>(
            () => seeing.RunAsync(blind, null, TestContext.Current.CancellationToken));
        Assert.Contains("expected a bundle with a video branch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_with_subsets_reads_back()
    {
        Prediction[] predictions = [new("u", "d", 1, [0, 1, 0, 0, 0, 0, 0])];
        EvaluationReport report = EvaluationReport.Create(
            new EvaluationSubject(new BundleIdentity("b", "1", "h"), "c", "test", ["text"], 0, null), predictions) with
        {
            Subsets = [SubsetScores.Of(["text"], predictions, 0), new SubsetScores(["video"], 0, 1) { Note = "no video here" }],
        };
        string json = report.ToJson();
        Assert.Contains("\"subsets\"", json, StringComparison.Ordinal);
        Assert.Contains("\"weighted_f1\": 1", json, StringComparison.Ordinal);
        Assert.Equal(json, EvaluationReport.FromJson(json).ToJson());
    }

    private Corpus ReadTalk()
    {
        _folder.WriteClip("a0.mp4", "color=red:s=32x24:r=8:d=0.5", sound: true);
        _folder.WriteClip("a2.mp4", "color=black:s=32x24:r=8:d=0.5", sound: false);
        _folder.WriteClip("b0.mp4", "color=blue:s=32x24:r=8:d=0.5", sound: true);
        return Manifest.Read(_folder.Write("manifest.jsonl", """
            {"id":"a0","dialogue":"a","index":0,"speaker":"Ann","text":"oh no!","emotion":"fear","split":"test","media":"a0.mp4","start_ms":0,"end_ms":500}
            {"id":"a1","dialogue":"a","index":1,"speaker":"Bob","text":"stop it now!","emotion":"anger","split":"test"}
            {"id":"a2","dialogue":"a","index":2,"speaker":"Ann","text":"yes?","emotion":"joy","split":"test","media":"a2.mp4","start_ms":0,"end_ms":500}
            {"id":"b0","dialogue":"b","index":0,"speaker":"Bob","emotion":"joy","split":"test","media":"b0.mp4","start_ms":0,"end_ms":500}
            """));
    }

    private Task<CorpusEvaluation> EvaluateAsync(Corpus corpus, EvaluationOptions options) =>
        new CorpusEvaluator(corpus, options, TinyBundle.EncodeSound, _eyes)
            .RunAsync(_bundle, null, TestContext.Current.CancellationToken);
}
