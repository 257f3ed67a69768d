using System.Text.Json.Nodes;
using Affekt.Tests;
using Affekt.Training.Recipes;

namespace Affekt.Training.Tests.Runs;

/// <summary>What a run was made with and from, and that it goes on with the same.</summary>
public sealed class RunOriginTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("goemotions", "manifest.jsonl")]
    [InlineData("meld", "tables/train.csv")]
    public void A_run_whose_corpus_has_changed_is_not_gone_on_with_and_the_field_is_named(string field, string file)
    {
        Recipe recipe = Write();
        RunFolder.Open(_folder.At("run"), recipe, resume: false).Finish();
        RunFolder.Open(_folder.At("run"), recipe, resume: true);
        File.WriteAllText(_folder.At("tables/clip.mp4"), "no table");
        RunFiles.Claim(_folder.At("run"), recipe, resume: true, overwrite: false);

        File.AppendAllText(_folder.At(file), "more\n");

        string message = Assert.Throws<RecipeException>(() => RunFolder.Open(_folder.At("run"), recipe, resume: true)).Message;
        Assert.Contains($"{field}: found a content of {_folder.At(file.Split('/')[0])} that has changed since the run began", message);
        Assert.Equal(message, Assert.Throws<RecipeException>(() => RunFiles.Claim(_folder.At("run"), recipe, resume: true, overwrite: false)).Message);
        RunFiles.Claim(_folder.At("run"), recipe, resume: false, overwrite: true);
        RunFolder.Open(_folder.At("run"), recipe, resume: false);
        RunFolder.Open(_folder.At("run"), recipe, resume: true);
    }

    [Fact]
    public void A_run_of_before_goes_on_from_what_is_there_then_and_a_run_that_is_an_input_may_be_gone_on_with()
    {
        Recipe recipe = Write();
        RunFolder.Open(_folder.At("run"), recipe, resume: false).Finish();
        File.Delete(_folder.At("run/origin.json"));
        File.AppendAllText(_folder.At("manifest.jsonl"), "more\n");
        RunFolder.Open(_folder.At("run"), recipe, resume: true);
        _folder.Write("tables/origin.json", "{}");
        RunFolder.Open(_folder.At("run"), recipe, resume: true);

        File.AppendAllText(_folder.At("manifest.jsonl"), "more\n");
        Assert.Throws<RecipeException>(() => RunFolder.Open(_folder.At("run"), recipe, resume: true));
    }

    [Fact]
    public void Of_a_long_file_another_end_is_seen_and_of_very_many_tables_another_name()
    {
        const long Length = 100_000_000;
        Recipe recipe = Write();
        using (FileStream file = File.OpenWrite(_folder.At("manifest.jsonl")))
            file.SetLength(Length);
        foreach (int table in Enumerable.Range(0, 1_001))
            _folder.Write($"tables/{table}.txt", "words");
        RunFolder.Open(_folder.At("run"), recipe, resume: false).Finish();
        RunFolder.Open(_folder.At("run"), recipe, resume: true);

        File.Move(_folder.At("tables/7.txt"), _folder.At("tables/seven.txt"));
        Assert.Contains("meld: found", Assert.Throws<RecipeException>(() => RunFolder.Open(_folder.At("run"), recipe, resume: true)).Message);
        File.Move(_folder.At("tables/seven.txt"), _folder.At("tables/7.txt"));
        using (FileStream file = File.OpenWrite(_folder.At("manifest.jsonl")))
        {
            file.Position = Length - 1;
            file.WriteByte(1);
        }

        Assert.Contains("goemotions: found", Assert.Throws<RecipeException>(() => RunFolder.Open(_folder.At("run"), recipe, resume: true)).Message);
    }

    [Fact]
    public void Program_library_and_machine_are_noted_once_and_again_where_they_are_others()
    {
        Recipe recipe = Write();
        RunFolder.Open(_folder.At("run"), recipe, resume: false).Finish();
        RunFolder.Open(_folder.At("run"), recipe, resume: true);
        JsonObject origin = Read();
        JsonObject made = Assert.Single(origin["made_with"]!.AsArray())!.AsObject();
        Assert.All(["affekt", "libtorch", "dotnet", "system", "threads"], name => Assert.NotEmpty($"{made[name]}"));

        made["libtorch"] = "0.9";
        File.WriteAllText(_folder.At("run/origin.json"), origin.ToJsonString());
        RunFolder.Open(_folder.At("run"), recipe, resume: true);
        Assert.Single(Read()["made_with"]!.AsArray());
        string state = _folder.At("run/state.json");
        File.WriteAllText(state, File.ReadAllText(state).Replace("true", "false", StringComparison.Ordinal));
        RunFolder.Open(_folder.At("run"), recipe, resume: true);

        Assert.Equal(["0.9", Affekt.Torch.TorchRuntime.Version], Read()["made_with"]!.AsArray().Select(one => $"{one!["libtorch"]}"));
    }

    [Fact]
    public void A_folder_that_another_is_at_is_refused_and_one_that_held_nothing_goes()
    {
        IDisposable held = RunFiles.Hold(_folder.At("run"));
        Assert.Contains("a run that another process is at", Assert.Throws<RecipeException>(() => RunFiles.Hold(_folder.At("run"))).Message);
        held.Dispose();

        Assert.False(Directory.Exists(_folder.At("run")));
        using (RunFiles.Hold(_folder.At("run")))
            File.WriteAllText(_folder.At("run/mine"), "mine");
        Assert.Equal([_folder.At("run/mine")], Directory.GetFileSystemEntries(_folder.At("run")));
    }

    private JsonObject Read() => JsonNode.Parse(File.ReadAllText(_folder.At("run/origin.json")))!.AsObject();

    private Recipe Write()
    {
        _folder.Write("tables/train.csv", "a,b\n");
        _folder.Write("manifest.jsonl", "{}\n");
        _folder.Write("text.json", File.ReadAllText(TestPaths.InRepository("recipes/starter/text.json")));
        return Recipe.Load(_folder.At("text.json"), ["meld=tables", "goemotions=manifest.jsonl"]);
    }
}
