using System.Text.Json;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Training;
using Affekt.Training.Recipes;
using Affekt.Training.Sounds;

namespace Affekt.Tests.Runs;

/// <summary>The starter's recipe for sound, followed on tones.</summary>
public sealed class SoundRunTests : IDisposable
{
    private readonly SmallCorpora _corpora = new();

    public void Dispose() => _corpora.Dispose();

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/starter/sound.json")]
    public void The_sound_recipe_learns_tones_and_is_the_same_after_a_break()
    {
        _corpora.WriteSounds();
        SoundRecipe recipe = Load();

        SoundRun.Follow(recipe, new RunContext(_corpora.Path("once"), false, Silent.Progress), TestContext.Current.CancellationToken);
        using BreakOff breakOff = new(50);
        Assert.Throws<OperationCanceledException>(
            () => SoundRun.Follow(recipe, new RunContext(_corpora.Path("twice"), false, breakOff), breakOff.Token));
        SoundRun.Follow(recipe, new RunContext(_corpora.Path("twice"), true, Silent.Progress), TestContext.Current.CancellationToken);

        foreach (string file in (string[])["metrics.jsonl", "state.json", SoundFolder.FileName, "sound.safetensors"])
            Assert.Equal(File.ReadAllBytes(_corpora.Path($"once/{file}")), File.ReadAllBytes(_corpora.Path($"twice/{file}")));
        JsonElement last = JsonDocument.Parse(File.ReadLines(_corpora.Path("once/metrics.jsonl")).Last()).RootElement;
        Assert.True(last.GetProperty("ravdess_none_uar").GetDouble() > 0.7);

        SoundFolder left = SoundFolder.Load(_corpora.Path("once"));
        Assert.Equal(["OAF", "actor 01", "actor 02"], left.TrainingSpeakers);
        using SoundBranch branch = new(left.Network);
        NetworkState.Load(branch, _corpora.Path("once/sound.safetensors"));
        branch.Train(false);
        Assert.Equal(7, branch.Logits(new float[MoonshineEncoder.Width], VoiceBaseline.None).Length);
        Assert.True(branch.Config is { HomeNetworks: 2, FarthestVoice: > 0.5 });
        Assert.True(branch.Temperatures is { Unknown: > 0, Known: > 0, Home: > 0 });
    }

    [Fact]
    public void A_corpus_is_measured_by_a_run_that_heard_nothing_of_it()
    {
        _corpora.WriteSounds();
        string ravdess = _corpora.Path("ravdess"), tess = _corpora.Path("tess");
        SoundRecipe recipe = Load(
            "epochs=1",
            $$"""choose=[{"corpus":"ravdess","root":"{{ravdess}}","splits":["dev"]},{"corpus":"tess","root":"{{tess}}","splits":["test"]}]""");

        SoundCorporaReport report = SoundCorporaRun.Measure(recipe, _corpora.Path("left"), Silent.Progress, TestContext.Current.CancellationToken);

        Assert.Equal([("ravdess", true), ("tess", true)], report.Rows.Select(row => (row.Corpus, row.Trained)));
        Assert.Equal(["OAF"], SoundFolder.Load(_corpora.Path("left/ravdess")).TrainingSpeakers);
        Assert.Equal(["actor 01", "actor 02"], SoundFolder.Load(_corpora.Path("left/tess")).TrainingSpeakers);
        Assert.All(report.Rows.SelectMany(row => row.Scores), score => Assert.InRange(score.Uar, 0, 1));
        Assert.Contains("| tess | yes | 1 |", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Leaving_out_the_only_corpus_that_chooses_is_refused()
    {
        _corpora.WriteSounds();
        RecipeException error = Assert.Throws<RecipeException>(() => SoundCorporaRun.Measure(
            Load(), _corpora.Path("left"), Silent.Progress, TestContext.Current.CancellationToken));
        Assert.Contains("choose", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""choose=[{"corpus":"ravdess","root":"ravdess","splits":["nights"]}]""", "choose.splits")]
    [InlineData("""choose=[{"corpus":"nonsense","root":"x"}]""", "choose.corpus")]
    [InlineData("""choose=[{"corpus":"emodb","root":"x","fold":6}]""", "choose.fold")]
    [InlineData("""choose=[{"corpus":"ravdess","root":"x","fold":1}]""", "choose.fold")]
    [InlineData("""choose=[{"corpus":"emodb","root":"x","map":["boredom=dull"]}]""", "choose.map")]
    [InlineData("copies=[\"cave\"]", "copies")]
    [InlineData("seeds=[1,2]", "seeds")]
    [InlineData("shrinkage=0", "shrinkage")]
    [InlineData("""train=[{"corpus":"ravdess","root":"ravdess"}]""", "home_networks")]
    [InlineData("""train=[{"corpus":"ravdess","root":"ravdess","home":true,"weight":0},{"corpus":"tess","root":"tess"}]""", "weight")]
    [InlineData("home_odds=0", "home_odds")]
    [InlineData("voice_share=1.5", "voice_share")]
    public void A_value_that_cannot_be_is_named(string setting, string field)
    {
        RecipeException error = Assert.Throws<RecipeException>(() => Load(setting));
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corpus_whose_splits_hold_no_sound_is_named()
    {
        _corpora.WriteSounds();
        SoundRecipe recipe = Load($$"""choose=[{"corpus":"tess","root":"{{_corpora.Path("tess")}}"}]""");
        RecipeException error = Assert.Throws<RecipeException>(
            () => SoundRun.Follow(recipe, new RunContext(_corpora.Path("none"), false, Silent.Progress), TestContext.Current.CancellationToken));
        Assert.Contains("no usable sound with a label and a speaker in train of tess", error.Message, StringComparison.Ordinal);
    }

    private SoundRecipe Load(params string[] settings)
    {
        string ravdess = _corpora.Path("ravdess"), tess = _corpora.Path("tess");
        return (SoundRecipe)Recipe.Load(TestPaths.InRepository("recipes/starter/sound.json"),
        [
            $$"""train=[{"corpus":"ravdess","root":"{{ravdess}}","home":true},{"corpus":"tess","root":"{{tess}}","splits":["test"]}]""",
            $$"""choose=[{"corpus":"ravdess","root":"{{ravdess}}","splits":["dev"]}]""",
            $"features={_corpora.Path("features")}", "copies=[\"room+phone\"]", "batch=21", "epochs=20", "hidden_width=16", "networks=2", "home_networks=2",
            .. settings,
        ]);
    }
}
