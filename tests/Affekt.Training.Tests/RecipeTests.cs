using Affekt.Training.Recipes;

namespace Affekt.Tests;

public sealed class RecipeTests
{
    public static TheoryData<string> Recipes =>
    [
        .. Directory.GetFiles(TestPaths.InRepository("recipes"), "*.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(TestPaths.Root, file)),
    ];

    [Fact]
    public void The_starter_has_two_recipes() =>
        Assert.Equal(2, Recipes.Count(row => row.Data.Contains("starter", StringComparison.Ordinal)));

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
    public void A_field_that_is_left_out_has_the_default_that_it_declares()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("affekt-recipe-").FullName, "short.json");
        File.WriteAllText(file, """
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
}
