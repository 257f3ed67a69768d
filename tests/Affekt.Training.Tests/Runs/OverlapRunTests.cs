using System.Text.Json;
using Affekt.Models.Audio;
using Affekt.Models.Persons;
using Affekt.Training;
using Affekt.Training.Recipes;
using Affekt.Training.Sounds;

namespace Affekt.Tests.Runs;

/// <summary>The starter's recipe for what tells where two people speak at once, followed on tones; what it left, on voices.</summary>
public sealed class OverlapRunTests : IDisposable
{
    private readonly SmallCorpora _corpora = new();

    public void Dispose() => _corpora.Dispose();

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/starter/overlap.json")]
    public void The_overlap_recipe_leaves_a_map_and_what_it_misses_and_wrongly_tells()
    {
        _corpora.WriteSounds();
        OverlapRecipe recipe = Load("held_out=0.5", "most_utterances=2", "sounds=8", "threshold_sounds=8", "measured_sounds=2");

        OverlapRun.Follow(recipe, new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken);

        _ = VoiceOverlap.Load(_corpora.Path($"run/{VoiceOverlap.FileName}"));
        JsonElement[] rows = [.. JsonDocument.Parse(File.ReadAllText(_corpora.Path($"run/{OverlapRun.ReportFile}"))).RootElement.EnumerateArray()];
        Assert.Equal([true, false], rows.Select(row => row.GetProperty("is_held_out").GetBoolean()).Distinct());
        Assert.Equal(
            [.. Enumerable.Repeat((string[])["clean", "noise", "music", "room", "phone"], 2).SelectMany(all => all)],
            rows.Select(row => row.GetProperty("condition").GetString()!));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("missed").GetDouble(), 0, 1));
    }

    [Fact]
    public void Two_voices_are_together_for_as_long_as_both_last()
    {
        float[] low = Tone(0.05f), high = Tone(0.2f);
        OverlapVoices voices = new("tones", [[low], [high]]);
        Random random = new(1);
        for (int i = 0; i < 10; i++)
        {
            OverlapSound pair = voices.Draw(OverlapKind.Pair, [], random), turns = voices.Draw(OverlapKind.Turns, [], random);

            double shared = (low.Length + high.Length - pair.Samples.Length) / (double)MoonshineEncoder.FrameStep;
            Assert.InRange(pair.Together.Count(together => together), shared - 3, shared + 3);
            Assert.DoesNotContain(true, turns.Together);
            Assert.True(turns.Samples.Length >= low.Length + high.Length);
        }
    }

    [Fact]
    public void The_feature_that_tells_of_two_voices_gets_the_weight()
    {
        Random random = new(1);
        OverlapRun.ComposedFrames[] sounds = [.. Enumerable.Range(0, 40).Select(_ =>
        {
            bool[] together = [.. Enumerable.Range(0, 30).Select(_ => random.Next(2) == 0)];
            float[] states = [.. Enumerable.Range(0, 30 * MoonshineEncoder.FrameWidth).Select(i =>
                (float)random.NextDouble() + (i % MoonshineEncoder.FrameWidth == 7 && together[i / MoonshineEncoder.FrameWidth] ? 2 : 0))];
            return new OverlapRun.ComposedFrames(new OverlapSound(OverlapKind.Pair, [], together), new SoundFrames([.. Enumerable.Range(0, 30)], states));
        })];

        float[] weights = OverlapRun.Fit(sounds, 1);

        Assert.Equal(7, Array.IndexOf(weights, weights.Max()));
        Assert.True(weights[7] > 3 * weights.Where((_, i) => i != 7).Max(Math.Abs));
    }

    [Fact]
    public void Of_real_voices_two_at_once_are_told_and_one_alone_is_not()
    {
        OverlapRecipe recipe = Load(
            $$"""train=[{"corpus":"ravdess","root":"{{TestPaths.Shared("data/ravdess")}}","splits":["test"]}]""", "most_utterances=1");
        OverlapVoices voices = OverlapVoices.Read(recipe, recipe.Train[0], Silent.Progress, TestContext.Current.CancellationToken);
        using MoonshineEncoder encoder = MoonshineEncoder.Load(VoicedSounds.Moonshine(TestContext.Current.CancellationToken));

        Assert.All(voices.Speakers, voice => Assert.Equal(0, encoder.Encode(voice[0]).Overlap));
        for (int i = 1; i < voices.Speakers.Count; i++)
        {
            float[] one = voices.Speakers[i - 1][0], other = voices.Speakers[i][0];
            float[] both = [.. one.Zip(other, (a, b) => a + b)];
            Assert.True(encoder.Encode(both).Overlap > 0.3, $"{encoder.Encode(both).Overlap} of speakers {i - 1} and {i}");
        }
    }

    [Theory]
    [InlineData("train=[]", "train")]
    [InlineData("""measure=[{"corpus":"tess","root":"x","splits":["nights"]}]""", "measure.splits")]
    [InlineData("held_out=1", "held_out")]
    [InlineData("ridge=0", "ridge")]
    [InlineData("false_alarms=0", "false_alarms")]
    public void A_value_that_cannot_be_is_named(string setting, string field) =>
        Assert.Contains(field, Assert.Throws<RecipeException>(() => Load(setting)).Message, StringComparison.Ordinal);

    [Fact]
    public void Speakers_who_are_too_few_to_be_held_out_are_named()
    {
        _corpora.WriteSounds();

        RecipeException refused = Assert.Throws<RecipeException>(() =>
            OverlapRun.Follow(Load("held_out=0.3"), new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken));

        Assert.Contains("held_out", refused.Message, StringComparison.Ordinal);
    }

    private static float[] Tone(float step) => [.. Enumerable.Range(0, 16_000).Select(i => MathF.Sin(i * step) / 8)];

    private OverlapRecipe Load(params string[] settings) => (OverlapRecipe)Recipe.Load(TestPaths.InRepository("recipes/starter/overlap.json"),
    [
        $$"""train=[{"corpus":"ravdess","root":"{{_corpora.Path("ravdess")}}","splits":["train","dev","test"]}]""",
        $$"""measure=[{"corpus":"ravdess","root":"{{_corpora.Path("ravdess")}}","splits":["train"]}]""", .. settings,
    ]);
}
