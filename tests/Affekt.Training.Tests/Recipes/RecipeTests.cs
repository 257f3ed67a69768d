using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Affekt.Training;
using Affekt.Training.Recipes;

namespace Affekt.Tests.Recipes;

public sealed partial class RecipeTests : IDisposable
{
    private const int Mutations = 1_000;

    // Milliseconds. Nothing is measured: a reader that hangs ends the test, and not the whole run.
    private const int Bound = 120_000;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Recipes =>
    [
        .. Directory.GetFiles(TestPaths.InRepository("recipes"), "*.json", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != Path.GetFileName(RecipeSchema.File))
            .Select(file => Path.GetRelativePath(TestPaths.Root, file)),
    ];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_starter_has_twelve_recipes() =>
        Assert.Equal(12, Recipes.Count(row => row.Data.Contains("starter", StringComparison.Ordinal)));

    // In whichever test project: what the attribute says is read from the sources.
    [Fact]
    public void Every_recipe_is_followed_small_by_a_test()
    {
        IEnumerable<string> followed = Directory.GetFiles(TestPaths.InRepository("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => SmallRuns().Matches(File.ReadAllText(file)).Select(mark => mark.Groups[1].Value));

        Assert.Equal(Recipes.Select(row => row.Data).Order(StringComparer.Ordinal), followed.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_recipe_in_the_repository_can_be_read(string file) =>
        Assert.NotNull(Recipe.Load(TestPaths.InRepository(file)));

    [Theory]
    [InlineData("task=nothing", "task")]
    [InlineData("epochs=many", "epochs")]
    [InlineData("epochs=0", "epochs")]
    [InlineData("no_such_field=1", "no_such_field")]
    [InlineData("precision=fp8", "precision")]
    [InlineData("copies=[\"echo\"]", "copies")]
    [InlineData("no.such=1", "--set")]
    [InlineData("seeds", "--set")]
    public void A_setting_that_cannot_be_followed_is_an_error_that_names_it(string setting, string named)
    {
        RecipeException e = Assert.Throws<RecipeException>(
            () => Recipe.Load(TestPaths.InRepository("recipes/starter/audio-text.json"), [setting]));

        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_layers_are_numbers_or_learned_where_a_task_learns_them()
    {
        const string HuBert = """{"kind":"hubert","folder":"encoder","layer_weights":"learned"}""";
        AudioTextFrozenRecipe recipe = (AudioTextFrozenRecipe)Recipe.Load(
            TestPaths.InRepository("recipes/own/audio-text.json"), ["text_encoder.layer_weights=learned", $"audio_encoder={HuBert}"]);

        Assert.Equal([], recipe.TextEncoder.LayerWeights);
        Assert.Equal([], recipe.AudioEncoder.LayerWeights);
        Assert.Equal(2, recipe.ToJson().Split("\"layer_weights\": \"learned\"").Length - 1);
        Refused("audio-text", "text_encoder.layer_weights=lerned", "text_encoder.layer_weights: found \"lerned\", expected a list, each of it a number, or \"learned\"");
        Refused("audio-text", "text_encoder.layer_weights=[]", "found [], expected a list, each of it a number, or \"learned\"");
        Refused("audio-text", "text_encoder.layer_weights=[\"1\"]", "text_encoder.layer_weights[0]: found \"1\", expected a number");
        Refused("audio-text", "audio_encoder.layer_weights=learned", "audio_encoder.layer_weights: found weights of moonshine-tiny, expected none");
        Refused("audio-text", "layer_learning_rate=0", "layer_learning_rate: found 0");
        Refused("video", "text_encoder.layer_weights=learned", "text_encoder.layer_weights: found \"learned\", expected numbers, or audio_text, the run that learned them");

        static void Refused(string name, string setting, string message) => Assert.Contains(
            message, Assert.Throws<RecipeException>(() => Recipe.Load(TestPaths.InRepository($"recipes/own/{name}.json"), [setting])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audio-text")]
    [InlineData("video")]
    [InlineData("fusion")]
    public void Each_stage_of_meld_has_a_recipe_for_the_starters_encoders_and_one_for_the_papers(string stage) => Assert.Equal(
        [$"recipes/meld/{stage}-base.json", $"recipes/meld/{stage}.json"],
        Recipes.Select(row => row.Data).Where(file => file.StartsWith($"recipes/meld/{stage}", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("recipes/own/audio-text.json", "audio-text-features")]
    [InlineData("recipes/own/video.json", "video-features")]
    [InlineData("recipes/starter/video.json", "video-stills")]
    public void A_recipe_may_name_its_task_as_it_was_called_before_and_so_may_the_run_that_is_gone_on_with(string file, string former)
    {
        Recipe today = Recipe.Load(TestPaths.InRepository(file)), before = Recipe.Load(TestPaths.InRepository(file), [$"task={former}"]);
        string run = _folder.Write("recipe.json", today.ToJson().Replace($"\"{TaskOf(today)}\"", $"\"{former}\"", StringComparison.Ordinal));

        Assert.Equal(today.ToJson(), before.ToJson());
        Assert.Contains(former, File.ReadAllText(run), StringComparison.Ordinal);
        RunFiles.RequireSameRecipe(run, today);

        static string TaskOf(Recipe recipe) => JsonNode.Parse(recipe.ToJson())!["task"]!.GetValue<string>();
    }

    // Written anew by this test with AFFEKT_UPDATE=1 in the environment.
    [Fact]
    public void The_schema_for_editors_is_made_from_the_types()
    {
        string file = TestPaths.InRepository(RecipeSchema.File);
        if (Environment.GetEnvironmentVariable("AFFEKT_UPDATE") == "1")
            File.WriteAllText(file, RecipeSchema.Create());

        Assert.Equal(File.ReadAllText(file), RecipeSchema.Create());
    }

    [Theory]
    [InlineData("\"epochs\": 4", "\"epochs\": 4.5", "line 15, epochs: found 4.5, expected a whole number")]
    [InlineData("\"epochs\": 4", "\"epochs\": 40000000000", "line 15, epochs: found 40000000000, expected a whole number")]
    [InlineData("\"epochs\": 4", "\"epoch\": 4", "line 15, epoch: found a field \"epoch\", which this task does not have, expected \"epochs\"")]
    [InlineData("\"epochs\": 4", "\"epochs\": 4, \"epochs\": 5", "epochs")]
    [InlineData("\"epochs\": 4", "\"epochs\": 0", "line 15, epochs: found 0, expected at least 1")]
    [InlineData("\"epochs\": 4", "\"epochs\": null", "line 15, epochs: found null, expected a whole number")]
    [InlineData("\"learning_rate\": 1e-3", "\"learning_rate\": 1e999", "line 22, learning_rate: found 1e999, expected a number")]
    [InlineData("\"seeds\": [1, 2, 3]", "\"seeds\": [1, \"2\", 3]", "line 5, seeds[1]: found \"2\", expected a whole number")]
    [InlineData("\"name\": \"starter\"", "\"title\": \"starter\"", "line 3, title: found a field \"title\"")]
    [InlineData("\"name\": \"starter\",", "", "line 1: found nothing, expected a field \"name\": a text")]
    [InlineData("\"task\": \"audio-text\"", "\"task\": 7", "line 2, task: found 7, expected one of")]
    [InlineData("\"starter\"", "\"\\ud800\"", "found")]
    [InlineData("{", "[", "line ")]
    public void An_error_names_the_line_the_field_what_is_there_and_what_was_expected(string right, string wrong, string message)
    {
        string text = File.ReadAllText(TestPaths.InRepository("recipes/starter/audio-text.json"));
        int place = text.IndexOf(right, StringComparison.Ordinal);
        string file = _folder.Write("recipe.json", text[..place] + wrong + text[(place + right.Length)..]);

        RecipeException e = Assert.Throws<RecipeException>(() => Recipe.Load(file));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_is_wrong_is_not_looked_for_in_the_file()
    {
        RecipeException e = Assert.Throws<RecipeException>(
            () => Recipe.Load(TestPaths.InRepository("recipes/starter/audio-text.json"), ["epochs=0"]));

        Assert.Contains("--set epochs: found 0, expected at least 1", e.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Bound)]
    public Task A_thousand_damaged_recipes_give_a_typed_error_or_a_reading_that_holds_what_is_written() => Task.Run(
        () =>
        {
            Random random = new(1);
            byte[][] recipes = [.. Recipes.Select(row => File.ReadAllBytes(TestPaths.InRepository(row.Data)))];
            int refused = 0;
            for (int i = 0; i < Mutations; i++)
            {
                byte[] damaged = Damage(recipes[i % recipes.Length], random);
                File.WriteAllBytes(_folder.At("damaged.json"), damaged);
                try
                {
                    // What was read says the same when it is written and read again.
                    string read = Recipe.Load(_folder.At("damaged.json")).ToJson();
                    Assert.Equal(read, Recipe.Load(_folder.Write("again.json", read)).ToJson());
                }
                catch (RecipeException e)
                {
                    Assert.StartsWith(_folder.At("damaged.json"), e.Message, StringComparison.Ordinal);
                    refused++;
                }
            }

            Assert.InRange(refused, Mutations / 2, Mutations - 10);
        },
        TestContext.Current.CancellationToken);

    [Fact]
    public void A_field_that_is_left_out_has_the_default_that_it_declares()
    {
        string file = _folder.Write("short.json", """
            {"task": "audio-text", "name": "x", "version": "1.0.0", "text_encoder": "e", "meld": "m", "ravdess": "r",
             "tess": "t", "features": "f"}
            """);

        var recipe = (AudioTextRecipe)Recipe.Load(file);

        Assert.Equal((4, 3e-5, 0.25), (recipe.Epochs, recipe.TextLearningRate, recipe.PairShare));
        Assert.Equal([1], recipe.Seeds);
    }

    [Fact]
    public void A_setting_replaces_the_files_value_and_is_written_into_the_run()
    {
        var recipe = (AudioTextRecipe)Recipe.Load(
            TestPaths.InRepository("recipes/starter/audio-text.json"), ["epochs=9", "name=mine", "seeds=[4,5]"]);

        Assert.Equal((9, "mine", 2), (recipe.Epochs, recipe.Name, recipe.Seeds.Count));
        Assert.Contains("\"epochs\": 9", recipe.ToJson(), StringComparison.Ordinal);
    }

    // A byte changed, a stretch lost, a stretch doubled, the end cut off, or one token put in another's place.
    private static byte[] Damage(byte[] recipe, Random random)
    {
        string[] tokens = ["null", "-1", "1e400", "\"x\"", "[]", "{}", "true", "0", "[[[[", "\u00e9", "\"\\udc00\""];
        int at = random.Next(recipe.Length), length = Math.Min(random.Next(1, 12), recipe.Length - at);
        switch (random.Next(5))
        {
            case 0:
                byte[] changed = [.. recipe];
                changed[at] = (byte)random.Next(256);
                return changed;
            case 1:
                return [.. recipe[..at], .. recipe[(at + length)..]];
            case 2:
                return [.. recipe[..(at + length)], .. recipe[at..]];
            case 3:
                return recipe[..at];
            default:
                int colon = Array.IndexOf(recipe, (byte)':', at);
                int end = colon < 0 ? -1 : Array.IndexOf(recipe, (byte)'\n', colon);
                return end < 0
                    ? recipe[..at]
                    : [.. recipe[..(colon + 1)], .. System.Text.Encoding.UTF8.GetBytes(tokens[random.Next(tokens.Length)] + ","), .. recipe[end..]];
        }
    }

    [GeneratedRegex(@"\[Trait\(SmallRun\.Recipe, ""([^""]+)""\)\]")]
    private static partial Regex SmallRuns();
}
