using System.Text;
using Affekt.Torch;
using Affekt.Torch.Training;
using Affekt.Training;
using Affekt.Training.Recipes;

namespace Affekt.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    private const string Stage = "train";

    private readonly TemporaryFolder _folder = new();
    private readonly Tensor _weight = Tensor.From<float>([1, 2, 3], 3);
    private readonly AdamW _optimizer;

    public RunFolderTests() => _optimizer = new AdamW([new ParameterGroup([("w", _weight)], 1e-3, new AdamWOptions())]);

    public void Dispose()
    {
        _optimizer.Dispose();
        _weight.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_best_and_the_last_epoch_are_kept_and_no_other()
    {
        RunFolder run = Open(resume: false);
        End(run, 1, 0.5, 10);
        End(run, 2, 0.7, 20);
        End(run, 3, 0.6, 30);
        End(run, 4, 0.7, 40);

        RunFolder again = Open(resume: true);
        again.RestoreBest([("w", _weight)]);
        Assert.Equal([20f, 20, 20], _weight.ToArray<float>());
        again.RestoreLast([("w", _weight)], _optimizer);
        Assert.Equal([40f, 40, 40], _weight.ToArray<float>());
        Assert.Equal((4, 2, 0.7), (again.State.Epoch, again.State.BestEpoch, again.State.BestScore));
        Assert.Equal(
            ["best-train-2.safetensors", "last-train-4.safetensors"],
            Directory.GetFiles(again.Folder("checkpoints")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_run_has_stalled_when_its_patience_is_over()
    {
        RunFolder run = Open(resume: false);
        Assert.False(run.State.HasStalled(Stage, 2));
        End(run, 1, 0.5, 0);
        End(run, 2, 0.4, 0);
        Assert.False(run.State.HasStalled(Stage, 2));
        End(run, 3, 0.5, 0);
        Assert.True(run.State.HasStalled(Stage, 2));
        Assert.False(run.State.HasStalled(Stage, null));
        Assert.False(run.State.HasStalled("next", 2));
    }

    [Fact]
    public void What_an_unfinished_epoch_wrote_is_gone_when_the_run_goes_on()
    {
        RunFolder run = Open(resume: false);
        run.Log(Stage, 1, new Dictionary<string, double> { ["loss"] = 2 });
        End(run, 1, 0.5, 10);
        byte[] metrics = File.ReadAllBytes(run.File("metrics.jsonl")), events = File.ReadAllBytes(run.File("events.out.tfevents.affekt"));
        run.Log(Stage, 2, new Dictionary<string, double> { ["loss"] = 1 });
        File.WriteAllText(run.File("checkpoints/last-train-2.safetensors.0123456789abcdef0123456789abcdef.tmp"), "half");
        File.WriteAllText(run.File(".affekt-0123456789abcdef0123456789abcdef.tmp"), "half");
        Directory.CreateDirectory(run.File("stage"));
        File.WriteAllText(run.File("stage/model.safetensors.0123456789abcdef0123456789abcdef.tmp"), "half");
        File.WriteAllText(run.File("stage/vocab.txt.0123456789abcdef0123456789abcdef.tmp"), "half");
        File.WriteAllText(run.File("stage/notes.tmp.txt"), "somebody's own");
        File.WriteAllText(run.File("checkpoints/last-train-2.safetensors"), "not in the state");

        RunFolder again = Open(resume: true);

        Assert.Equal(metrics, File.ReadAllBytes(again.File("metrics.jsonl")));
        Assert.Equal(events, File.ReadAllBytes(again.File("events.out.tfevents.affekt")));
        Assert.Empty(Directory.GetFiles(again.Path, "*.tmp", SearchOption.AllDirectories));
        Assert.True(File.Exists(again.File("stage/notes.tmp.txt")));
        again.RestoreLast([("w", _weight)], _optimizer);
        Assert.Equal([10f, 10, 10], _weight.ToArray<float>());
    }

    [Fact]
    public void A_state_that_is_damaged_or_a_checkpoint_of_another_network_is_an_error_that_names_the_file()
    {
        RunFolder run = Open(resume: false);
        End(run, 1, 0.5, 10);
        using Tensor other = Tensor.Zeros(4);
        Assert.Contains("last-train-1", Assert.Throws<RecipeException>(() => run.RestoreLast([("w", other)])).Message);
        Assert.Contains("last-train-1", Assert.Throws<RecipeException>(() => run.RestoreLast([("v", _weight)])).Message);

        File.WriteAllText(run.File("state.json"), "{");
        Assert.Contains("state.json", Assert.Throws<RecipeException>(() => Open(resume: true)).Message);
    }

    [Fact]
    public void A_run_is_not_overwritten_unless_it_is_given_up_and_no_file_is_touched_that_no_run_wrote()
    {
        RunFolder run = Open(resume: false);
        End(run, 1, 0.5, 10);
        string[] foreign =
        [
            run.File("notes.tmp"), run.File("checkpoints/mine.safetensors"), run.File("checkpoints/notes.tmp"), Path.Combine(run.Folder("deep"), "mine.tmp"),
        ];
        foreach (string file in foreign)
            File.WriteAllText(file, "mine");
        Recipe recipe = Recipe.Load(TestPaths.InRepository("recipes/starter/text.json"));

        string message = Assert.Throws<RecipeException>(() => Open(resume: false)).Message;
        Assert.Contains(run.Path, message);
        Assert.Contains("--resume", message);
        Assert.Contains("--overwrite", message);
        Assert.Equal(message, Assert.Throws<RecipeException>(() => RunFiles.Claim(run.Path, recipe, resume: false, overwrite: false)).Message);
        End(Open(resume: true), 2, 0.6, 20);
        Assert.Equal(2, Open(resume: true).State.Epoch);

        RunFiles.Claim(run.Path, recipe, resume: false, overwrite: true);
        End(Open(resume: false), 1, 0.1, 30);
        Assert.All(foreign, file => Assert.Equal("mine", File.ReadAllText(file)));
        Assert.Equal(
            ["best-train-1.safetensors", "last-train-1.safetensors", "mine.safetensors", "notes.tmp"],
            Directory.GetFiles(run.File("checkpoints")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_run_of_another_seed_or_recipe_in_the_folder_is_not_gone_on_with_or_written_beside()
    {
        Recipe recipe = Recipe.Load(TestPaths.InRepository("recipes/starter/text.json"));
        RunFolder run = RunFolder.Open(_folder.At("run/seed-7"), recipe, resume: false);
        End(run, 1, 0.5, 10);
        Recipe other = Recipe.Load(TestPaths.InRepository("recipes/starter/text.json"), ["learning_rate=1e-3"]);

        Assert.Contains("seed-7", Assert.Throws<RecipeException>(() => RunFiles.Claim(_folder.At("run"), recipe, false, false)).Message);
        Assert.Contains("learning_rate", Assert.Throws<RecipeException>(() => RunFiles.Claim(_folder.At("run"), other, true, false)).Message);
        RunFiles.Claim(_folder.At("run"), recipe, resume: true, overwrite: false);
        RunFiles.Claim(_folder.At("none"), recipe, resume: false, overwrite: false);
    }

    [Theory]
    [InlineData("recipe.json")]
    [InlineData("config.json")]
    [InlineData("metrics.jsonl")]
    [InlineData("state.json")]
    public void A_folder_with_a_file_of_a_run_s_name_that_no_run_wrote_is_refused(string name)
    {
        string file = _folder.Write($"run/{name}", "{\"mine\":1}");

        Assert.Contains(name, Assert.Throws<RecipeException>(() => Open(resume: false)).Message);
        Assert.Equal("{\"mine\":1}", File.ReadAllText(file));
        Assert.Single(Directory.GetFiles(_folder.At("run")));
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_not_kept_and_the_epoch_before_stays()
    {
        RunFolder run = Open(resume: false);
        End(run, 1, 0.5, 10);

        Assert.Contains("train, epoch 2: found values in w", Assert.Throws<TrainingException>(() => End(run, 2, 0.6, float.NaN)).Message);

        RunFolder again = Open(resume: true);
        again.RestoreLast([("w", _weight)], _optimizer);
        Assert.Equal((1, 10f), (again.State.Epoch, _weight.ToArray<float>()[0]));
    }

    [Fact]
    public void A_metric_that_is_no_number_is_written_as_none()
    {
        RunFolder run = Open(resume: false);

        run.Log(Stage, 1, new Dictionary<string, double> { ["loss"] = double.NaN, ["uar"] = 0.5 });

        Assert.Equal("""{"stage":"train","epoch":1,"loss":null,"uar":0.5}""" + "\n", File.ReadAllText(run.File("metrics.jsonl")));
    }

    // A reader of TFRecord framing and of the event's fields would see this; the checksums are Castagnoli's, whose values
    // for these inputs RFC 3720, appendix B.4, gives.
    [Fact]
    public void Checksums_are_those_of_the_standard()
    {
        Assert.Equal(0x8a9136aau, EventFile.Checksum(new byte[32]));
        Assert.Equal(0x62a8ab43u, EventFile.Checksum(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46dd794eu, EventFile.Checksum([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    [Fact]
    public void An_events_file_begins_as_tensorflows_do_and_holds_each_metric()
    {
        RunFolder run = Open(resume: false);
        run.Log(Stage, 3, new Dictionary<string, double> { ["loss"] = 0.5 });
        byte[] bytes = File.ReadAllBytes(run.File("events.out.tfevents.affekt"));

        // The first record's length is 24, whose masked checksum is the same in every file that TensorFlow writes.
        Assert.Equal("18-00-00-00-00-00-00-00-A3-7F-4B-22-09", BitConverter.ToString(bytes, 0, 13));
        Assert.Contains("brain.Event:2", Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
        byte[] point = [0x0a, 0x0a, .. "train/loss"u8, 0x15, 0, 0, 0, 0x3f];
        Assert.True(bytes.AsSpan().IndexOf((byte[])[0x10, 3, 0x2a, (byte)(point.Length + 2), 0x0a, (byte)point.Length, .. point]) > 0);
    }

    [Fact]
    public void Epochs_seeds_and_stages_have_random_numbers_of_their_own()
    {
        HashSet<int> seen = [];
        for (int seed = 0; seed < 20; seed++)
        {
            for (int stage = 0; stage < 3; stage++)
            {
                for (int epoch = 1; epoch <= 50; epoch++)
                    Assert.True(seen.Add(RunSeeds.Mix(seed, stage, epoch)), $"{seed} {stage} {epoch}");
            }
        }
    }

    private RunFolder Open(bool resume) =>
        RunFolder.Open(_folder.At("run"), Recipe.Load(TestPaths.InRepository("recipes/starter/text.json")), resume);

    private void End(RunFolder run, int epoch, double score, float value)
    {
        _weight.Fill(value);
        run.EndEpoch(Stage, epoch, score, [("w", _weight)], _optimizer);
    }
}
