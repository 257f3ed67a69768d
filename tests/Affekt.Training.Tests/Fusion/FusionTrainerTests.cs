using System.Text.Json;
using Affekt.Models.Fusion;
using Affekt.Tests;
using Affekt.Training.Fusion;
using Affekt.Training.Recipes;

namespace Affekt.Training.Tests.Fusion;

/// <summary>Deep fusion's numbers against those that PyTorch trains; see make_fusion.py beside the fixture.</summary>
public sealed class FusionTrainerTests : IDisposable
{
    private const double Tolerance = 2e-3;

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly TemporaryFolder _folder = new();
    private readonly Reference _reference = JsonSerializer.Deserialize<Reference>(
        File.ReadAllText(TestPaths.InRepository("tests/Affekt.Training.Tests/Fusion/fixtures/fusion.json")), _json)!;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(FusionKind.PerClass, FusionInput.Probabilities, 9)]
    [InlineData(FusionKind.PerClass, FusionInput.LogProbabilities, 9)]
    [InlineData(FusionKind.Affine, FusionInput.Probabilities, 58)]
    [InlineData(FusionKind.Affine, FusionInput.LogProbabilities, 58)]
    public void Training_finds_the_numbers_that_PyTorch_finds(FusionKind kind, FusionInput reads, int parameters)
    {
        FusionConfig found = FusionTrainer.Train(Pairs(), kind, reads, Recipe(), TestContext.Current.CancellationToken);
        Form form = Assert.Single(
            _reference.Forms, f => f.Kind == (kind == FusionKind.Affine ? "affine" : "per-class")
                && f.Reads == (reads == FusionInput.Probabilities ? "probabilities" : "log-probabilities"));
        Assert.Equal(parameters, found.ParameterCount);
        Close(form.Mix, [found.AudioText, found.Video]);
        Close(form.Scale, kind == FusionKind.Affine ? [.. found.Matrix!.SelectMany(row => row)] : found.Scales!);
        Close(form.Bias, found.Bias ?? []);

        BranchFusion fusion = new(found);
        Close(form.Answer, [.. Pairs().Take(5).SelectMany(pair => fusion.Fuse(pair.AudioText, pair.Video).Probabilities)]);
    }

    [Fact]
    public void A_branch_that_is_always_wrong_gets_no_weight_and_the_weights_stay_on_the_simplex()
    {
        AnsweredPair[] pairs =
        [
            .. Pairs().Select(pair => pair with { AudioText = Sure(pair.Truth), Video = Sure((pair.Truth + 1) % Emotions.Count) }),
        ];
        FusionConfig found = FusionTrainer.Train(
            pairs, FusionKind.PerClass, FusionInput.Probabilities, Recipe(), TestContext.Current.CancellationToken);
        Assert.Equal((1.0, 0.0), (found.AudioText, found.Video));
    }

    [Fact]
    public void Kept_answers_read_back_under_their_key_only()
    {
        string file = _folder.At("answers.jsonl");
        Assert.Null(AnswerFile.TryRead(file, "a"));
        AnsweredPair[] pairs = Pairs();
        AnswerFile.Write(file, "a", pairs);
        IReadOnlyList<AnsweredPair> read = AnswerFile.TryRead(file, "a")!;
        Assert.Equal(pairs.Length, read.Count);
        Assert.Equal(
            pairs.SelectMany(pair => (double[])[.. pair.AudioText, .. pair.Video, (double)pair.Truth]),
            read.SelectMany(pair => (double[])[.. pair.AudioText, .. pair.Video, (double)pair.Truth]));
        Assert.Null(AnswerFile.TryRead(file, "b"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"set\":\"s\",\"held\":false,\"id\":\"i\",\"dialogue\":\"d\",\"truth\":9,\"audio_text\":[0,0,0,0,0,0,1],\"video\":[0,0,0,0,0,0,1]}")]
    [InlineData("{\"set\":\"s\",\"held\":false,\"id\":\"i\",\"dialogue\":\"d\",\"truth\":1,\"audio_text\":[1],\"video\":[0,0,0,0,0,0,1]}")]
    [InlineData("{\"set\":")]
    public void A_damaged_line_of_kept_answers_is_named(string line)
    {
        string file = _folder.At("answers.jsonl");
        AnswerFile.Write(file, "a", Pairs()[..2]);
        File.AppendAllText(file, line + "\n");
        RecipeException error = Assert.Throws<RecipeException>(() => AnswerFile.TryRead(file, "a"));
        Assert.Contains("line 4", error.Message, StringComparison.Ordinal);
    }

    private static double[] Sure(int label) => [.. Enumerable.Range(0, Emotions.Count).Select(i => i == label ? 1.0 : 0)];

    private static void Close(double[] expected, IReadOnlyList<double> found)
    {
        Assert.Equal(expected.Length, found.Count);
        Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second - pair.First, -Tolerance, Tolerance));
    }

    private FusionRecipe Recipe() => new()
    {
        Name = "test",
        Version = "0.0.0",
        AudioText = "none",
        Steps = _reference.Steps,
        LearningRate = _reference.LearningRate,
        Warmup = _reference.Warmup,
    };

    private AnsweredPair[] Pairs() =>
    [
        .. _reference.Labels.Select((label, i) => new AnsweredPair(
            "made up", false, $"{i}", $"{i}", label, _reference.AudioText[i], _reference.Video[i])),
    ];

    private sealed record Reference(
        int Steps, double LearningRate, double Warmup, int[] Labels, double[][] AudioText, double[][] Video, Form[] Forms);

    private sealed record Form(string Kind, string Reads, double[] Mix, double[] Scale, double[] Bias, double[] Answer);
}
