using System.Text.Json;
using Affekt.Models.Bundles;
using Affekt.Training;
using Affekt.Training.AudioText;
using Affekt.Training.Recipes;
using Affekt.Training.Text;

namespace Affekt.Tests.Runs;

/// <summary>The starter's own recipes, followed on small corpora.</summary>
public sealed class TrainingRunTests : IDisposable
{
    private readonly SmallCorpora _corpora = new();

    public void Dispose() => _corpora.Dispose();

    [Fact]
    public void The_text_recipe_gives_the_same_metrics_and_weights_when_followed_twice()
    {
        TextEncoderRecipe recipe = TextRecipe();

        TextEncoderRun.Follow(recipe, _corpora.Path("once"), Silent.Progress, TestContext.Current.CancellationToken);
        TextEncoderRun.Follow(recipe, _corpora.Path("twice"), Silent.Progress, TestContext.Current.CancellationToken);

        foreach (string file in (string[])["metrics.jsonl", "both/model.safetensors", "meld/model.safetensors", "meld/head.safetensors"])
            Assert.Equal(File.ReadAllBytes(_corpora.Path($"once/{file}")), File.ReadAllBytes(_corpora.Path($"twice/{file}")));
    }

    [Fact]
    public void The_text_recipe_learns_words_that_tell_the_emotion()
    {
        TextEncoderRun.Follow(TextRecipe(), _corpora.Path("run"), Silent.Progress, TestContext.Current.CancellationToken);

        Assert.True(LastMetric("run/metrics.jsonl", "dev_accuracy") > 0.6);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void The_audio_text_recipe_writes_a_bundle_that_opens_and_is_repeatable(string trainTextEncoder)
    {
        _corpora.WriteSounds();
        AudioTextRecipe recipe = (AudioTextRecipe)Recipe.Load(TestPaths.InRepository("recipes/starter/audio-text.json"),
        [
            "text_encoder=" + _corpora.Path("encoder"), "meld=" + _corpora.Path("meld"), "ravdess=" + _corpora.Path("ravdess"),
            "tess=" + _corpora.Path("tess"), "features=" + _corpora.Path("features"), "train_text_encoder=" + trainTextEncoder,
            "seeds=[3]", "epochs=2", "sounds=7", "copies=[\"noise\"]", "lstm_width=8", "head_width=8", "max_tokens=8",
        ]);

        AudioTextRun.Follow(recipe, _corpora.Path("once"), Silent.Progress, TestContext.Current.CancellationToken);
        AudioTextRun.Follow(recipe, _corpora.Path("twice"), Silent.Progress, TestContext.Current.CancellationToken);

        using Bundle bundle = Bundle.Open(_corpora.Path("once/seed-3"), audioEncoderFile: null);
        Assert.Equal("seed-3", File.ReadAllText(_corpora.Path("once/best")).Trim());
        Assert.InRange(bundle.AudioText.AudioTrust, 0, 1);
        Assert.True(bundle.Config.Calibration.Text > 0);
        foreach (string file in (string[])["metrics.jsonl", "config.json", "audio-text.safetensors", "text-encoder/model.safetensors"])
            Assert.Equal(File.ReadAllBytes(_corpora.Path($"once/seed-3/{file}")), File.ReadAllBytes(_corpora.Path($"twice/seed-3/{file}")));
    }

    [Fact]
    public void A_run_that_is_cancelled_stops_and_says_so()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => TextEncoderRun.Follow(TextRecipe(), _corpora.Path("run"), Silent.Progress, cancelled.Token));
    }

    private TextEncoderRecipe TextRecipe() => (TextEncoderRecipe)Recipe.Load(TestPaths.InRepository("recipes/starter/text.json"),
    [
        "encoder=" + _corpora.Path("encoder"), "vocabulary=" + _corpora.Path("encoder/vocab.txt"), "meld=" + _corpora.Path("meld"),
        "goemotions=" + _corpora.Path("goemotions"), "max_tokens=8", "batch_tokens=64", "learning_rate=0.01",
    ]);

    private double LastMetric(string file, string name)
    {
        using JsonDocument line = JsonDocument.Parse(File.ReadLines(_corpora.Path(file)).Last());
        return line.RootElement.GetProperty(name).GetDouble();
    }

    private sealed class Silent : IProgress<TrainingProgress>
    {
        public static Silent Progress { get; } = new();

        public void Report(TrainingProgress value)
        {
        }
    }
}
