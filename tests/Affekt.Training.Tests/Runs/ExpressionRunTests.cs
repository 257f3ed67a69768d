using System.Diagnostics;
using System.Text.Json;
using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Video;
using Affekt.Training;
using Affekt.Training.Expression;
using Affekt.Training.Fusion;
using Affekt.Training.Recipes;

namespace Affekt.Tests.Runs;

/// <summary>The starter's recipes for the picture, followed on small faces that a glance tells apart.</summary>
public sealed class ExpressionRunTests : IDisposable
{
    private const int PerClass = 24;
    private const int Side = 48;

    private static readonly string[] s_classes = ["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"];

    private readonly TemporaryFolder _folder = new();

    public ExpressionRunTests() => WriteFaces("train", PerClass);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_expression_recipe_gives_the_same_metrics_and_weights_when_followed_twice_whatever_the_threads()
    {
        ExpressionRecipe recipe = Expression("expression.json", "stages=[{\"size\":16,\"epochs\":2}]", "mixing=0.2");

        ExpressionRun.Follow(recipe, new RunContext(At("once"), false, Silent.Progress), TestContext.Current.CancellationToken);
        ExpressionRun.Follow(recipe, new RunContext(At("twice"), false, Silent.Progress), TestContext.Current.CancellationToken);

        foreach (string file in (string[])["metrics.jsonl", ExpressionRun.WeightsFile])
            Assert.Equal(File.ReadAllBytes(At($"once/{file}")), File.ReadAllBytes(At($"twice/{file}")));
    }

    [Fact]
    public void More_faces_in_a_batch_than_there_are_or_none_held_out_is_an_error_before_anything_is_written()
    {
        ExpressionRecipe recipe = Expression("expression.json", "batch=192");

        string message = Assert.Throws<RecipeException>(
            () => ExpressionRun.Follow(recipe, new RunContext(At("run"), false, Silent.Progress), TestContext.Current.CancellationToken)).Message;

        Assert.Contains("batch: found batch 192 and held_out 0.2 for 168 faces, which leaves 135 to train on and 33 held out", message);
        Assert.Contains("held_out", Assert.Throws<RecipeException>(() => Expression("expression.json", "held_out=0")).Message);
        Assert.False(Directory.Exists(At("run")));
    }

    [Fact]
    public void Pictures_that_cannot_be_read_are_named_and_left_out()
    {
        File.WriteAllText(At("fer/train/happy/stray.jpg"), "no picture");
        List<string> told = [];

        (Faces train, Faces heldOut) = Faces.Read(At("fer"), 0.2, told.Add, TestContext.Current.CancellationToken);

        Assert.Equal(PerClass * s_classes.Length, train.Count + heldOut.Count);
        Assert.Equal((train.Count + heldOut.Count) * Side * Side, train.Gray.Length + heldOut.Gray.Length);
        Assert.Contains("stray.jpg", Assert.Single(told));
    }

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/starter/expression.json")]
    [Trait(SmallRun.Recipe, "recipes/starter/expression-fine.json")]
    [Trait(SmallRun.Recipe, "recipes/starter/expression-votes.json")]
    [Trait(SmallRun.Recipe, "recipes/starter/expression-corrected.json")]
    [Trait(SmallRun.Recipe, "recipes/starter/video.json")]
    public void The_recipes_learn_expressions_and_then_clips_of_them_that_are_told_from_a_still()
    {
        ExpressionRun.Follow(
            Expression("expression.json", "stages=[{\"size\":24,\"epochs\":12}]"), new RunContext(At("expression"), false, Silent.Progress), TestContext.Current.CancellationToken);
        ExpressionRun.Follow(
            Expression("expression-fine.json", "stages=[{\"size\":24,\"epochs\":2}]", $"start={At($"expression/{ExpressionRun.WeightsFile}")}"),
            new RunContext(At("fine"), false, Silent.Progress), TestContext.Current.CancellationToken);
        ExpressionRun.Follow(
            Expression(
                "expression-votes.json", "stages=[{\"size\":24,\"epochs\":1}]", $"start={At($"fine/{ExpressionRun.WeightsFile}")}",
                $"targets.ferplus={WriteVotes()}", "targets.teacher=0.2",
                "augmentation.shift=0.04", "augmentation.scale=0.05"),
            new RunContext(At("votes"), false, Silent.Progress), TestContext.Current.CancellationToken);
        ExpressionRun.Follow(
            Expression(
                "expression-corrected.json", "stages=[{\"size\":24,\"epochs\":2}]", "learning_rate=5e-4", $"start={At($"votes/{ExpressionRun.WeightsFile}")}",
                $"targets.ferplus={WriteVotes()}", "augmentation.shift=0.04", "augmentation.scale=0.05", "augmentation.rotation=5"),
            new RunContext(At("corrected"), false, Silent.Progress), TestContext.Current.CancellationToken);
        VideoImagesRun.Follow(Video(), new RunContext(At("video"), false, Silent.Progress), TestContext.Current.CancellationToken);

        Assert.True(Last("expression", "held_out_accuracy") > 0.7);
        Assert.True(Last("fine", "held_out_accuracy") > 0.7);
        Assert.True(Last("votes", "held_out_accuracy") > 0.7);
        Assert.True(Last("votes", "held_out_votes") > 0.7);
        Assert.True(Last("corrected", "held_out_accuracy") > 0.7);

        // Of 33 faces; chance is a seventh, and processors differ by a few.
        Assert.True(Last("video", "held_out_accuracy") > 0.5);
        Assert.True(Last("video", "held_out_votes") > 0.5);
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(At($"video/{VideoImagesRun.ConfigFile}")));
        Assert.InRange(config.RootElement.GetProperty("temperature").GetDouble(), 0.05, 20);
        VideoFolder written = VideoFolder.Load(At("video"));
        Assert.Equal(1, written.Prior!.Sum(), 1e-6);
        Assert.All(written.Prior!, share => Assert.InRange(share, 1e-6, 0.5));
        using ExpressionEncoder encoder = ExpressionEncoder.Load(At($"expression/{ExpressionRun.WeightsFile}"));
        Assert.Equal(ExpressionEncoder.Width, encoder.Encode(new float[Side * Side]).Length);
    }

    [Fact]
    public void A_branch_that_begins_as_the_networks_head_says_what_the_network_says_however_many_frames_are_missing()
    {
        ExpressionRun.Follow(
            Expression("expression.json", "stages=[{\"size\":16,\"epochs\":2}]"), new RunContext(At("expression"), false, Silent.Progress), TestContext.Current.CancellationToken);
        VideoImagesRecipe recipe = (VideoImagesRecipe)Recipe.Load(
            TestPaths.InRepository("recipes/starter/video.json"),
            [
                $"fer2013={At("fer")}", $"expression={At($"expression/{ExpressionRun.WeightsFile}")}", "held_out=0.2", $"targets.ferplus={WriteVotes()}",
                "from_head=true", "epochs=0", "faces=8", "scales=[1,0.8]", "shift=2",
            ]);
        VideoImagesRun.Follow(recipe, new RunContext(At("video"), false, Silent.Progress), TestContext.Current.CancellationToken);

        VideoFolder written = VideoFolder.Load(At("video"));
        Assert.Equal([1, 0.8], written.VideoEncoder.Scales!);
        Assert.Equal(2, written.VideoEncoder.Shift);
        Random random = new(3);
        float[] faces = [.. Enumerable.Range(0, 8 * Side * Side).Select(_ => (float)random.Next(256))];
        using ExpressionEncoder encoder = ExpressionEncoder.Load(At($"video/{ExpressionRun.WeightsFile}"), scales: written.VideoEncoder.Scales, shift: 2);
        using VideoNetwork branch = VideoNetwork.Load(written.Network, At("video/video.safetensors"));
        foreach (int[] seen in (int[][])[[0, 1, 2, 3, 4, 5, 6, 7], [2, 7]])
        {
            double[] logits = branch.Logits(
                new FrameFeatures(encoder.Encode(faces), [.. Enumerable.Range(0, 8).Select(frame => seen.Contains(frame))], null, []),
                null, new MetadataFeatures(0, 0, 0, 0, 0));
            float[] own = encoder.Logits(faces);
            for (int label = 0; label < 7; label++)
                Assert.Equal(seen.Average(frame => own[(frame * 7) + label]), logits[label], 0.01);
        }
    }

    // The committed bundle has both branches.
    [Fact]
    [Trait(SmallRun.Recipe, "recipes/starter/fusion-branches.json")]
    public void The_fusion_recipe_joins_branches_on_pairs_made_by_label()
    {
        using SmallCorpora corpora = new();
        corpora.WriteSounds();
        WriteFaces("validation", 2);
        FusionRecipe recipe = (FusionRecipe)Recipe.Load(
            TestPaths.InRepository("recipes/starter/fusion-branches.json"),
            [
                "video=null", $"meld={corpora.Path("meld")}", $"ravdess={corpora.Path("ravdess")}", $"tess={corpora.Path("tess")}",
                $"fer2013={At("fer")}", "steps=20",
            ]);

        FusionRun.Follow(recipe, new RunContext(At("fusion"), false, Silent.Progress), TestContext.Current.CancellationToken);

        using Bundle bundle = Bundle.Open(At("fusion"), EncoderLocations.None);
        Assert.Equal("per-class on log-probabilities", bundle.Fusion.Config.Name);
        Assert.Contains("tess sound + faces", File.ReadAllText(At($"fusion/{FusionRun.TablesFile}")));
    }

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/starter/fusion.json")]
    public void The_fusion_recipe_joins_experts_on_pairs_drawn_with_peoples_votes()
    {
        using SmallCorpora corpora = new();
        corpora.WriteSounds();
        WriteFaces("validation", 2);
        string[] meant = ["ANG", "DIS", "FEA", "HAP", "NEU", "SAD"];
        File.WriteAllLines(At("votes.csv"),
        [
            "clip,shown,A,D,F,H,N,S",
            .. meant.SelectMany((name, i) => new[] { "voice", "face" }.Select(
                shown => $"1001_IEO_{name}_XX,{shown},{string.Join(',', Enumerable.Range(0, 6).Select(vote => vote == i ? 8 : 1))}")),
        ]);
        FusionRecipe recipe = (FusionRecipe)Recipe.Load(
            TestPaths.InRepository("recipes/starter/fusion.json"),
            [
                "video=null", "sound=null", "features=null", $"meld={corpora.Path("meld")}", $"votes={At("votes.csv")}",
                $"voices=[{{\"name\":\"ravdess\",\"root\":\"{corpora.Path("ravdess")}\",\"split\":\"train\"}}]",
                $"faces=[{{\"root\":\"{At("fer")}\"}}]", "draws=4", "steps=20",
            ]);

        FusionRun.Follow(recipe, new RunContext(At("experts"), false, Silent.Progress), TestContext.Current.CancellationToken);

        using Bundle bundle = Bundle.Open(At("experts"), EncoderLocations.None);
        Assert.Equal(FusionKind.Experts, bundle.Config.Fusion!.Kind);
        Assert.Equal(EmotionPrior.Meld.Values, bundle.Config.Fusion.Experts!.Text.Prior);
        Assert.Equal(recipe.AbstainBelow, bundle.Config.Calibration.AbstainBelow);
        JsonElement report = JsonDocument.Parse(File.ReadAllText(At($"experts/{FusionRun.ReportFile}"))).RootElement;
        Assert.Equal("experts", report.GetProperty("chosen").GetString());
        Assert.Equal(14, report.GetProperty("subsets").GetArrayLength());
        Assert.Contains("per-class on log-probabilities", File.ReadAllText(At($"experts/{FusionRun.TablesFile}")));
    }

    [Fact]
    public void A_motion_of_nothing_leaves_a_face_as_it_is_and_a_mirror_image_mirrored_again_too()
    {
        byte[] face = [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(i * 7))];
        float[] same = new float[face.Length], mirrored = new float[face.Length];

        FaceMotion.None.Apply(face, Side, same, Side);
        (FaceMotion.None with { Mirror = true }).Apply(face, Side, mirrored, Side);

        Assert.Equal(face.Select(gray => (float)gray), same);
        Assert.Equal(face.Chunk(Side).SelectMany(row => row.Reverse()).Select(gray => (float)gray), mirrored);
    }

    private string At(string name) => _folder.At(name);

    private double Last(string run, string metric) => File.ReadLines(At($"{run}/metrics.jsonl"))
        .Select(line => JsonDocument.Parse(line).RootElement).Last(line => line.TryGetProperty(metric, out _))
        .GetProperty(metric).GetDouble();

    private ExpressionRecipe Expression(string file, params string[] settings) => (ExpressionRecipe)Recipe.Load(
        TestPaths.InRepository($"recipes/starter/{file}"),
        [$"fer2013={At("fer")}", "batch=24", "held_out=0.2", "precision=fp32", "average=0.8", .. settings]);

    private VideoImagesRecipe Video() => (VideoImagesRecipe)Recipe.Load(
        TestPaths.InRepository("recipes/starter/video.json"),
        [
            $"fer2013={At("fer")}", $"expression={At($"expression/{ExpressionRun.WeightsFile}")}", "held_out=0.2", "batch=16", $"targets.ferplus={WriteVotes()}",
            "motion.shift=0.04", "motion.scale=0.05", "epochs=6", "learning_rate=1e-3",

            // Where a bar lies tells the class here: a face of another size is another.
            "scales=[1]",
        ]);

    // For each face as its label, with a vote astray.
    private string WriteVotes()
    {
        string[] columns = ["neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise"];
        File.WriteAllLines(
            At("votes.csv"),
            [
                $"zip_name,match_score,{string.Join(',', columns)}",
                .. s_classes.Index().SelectMany(name => Enumerable.Range(1, PerClass).Select(i =>
                    $"train/{name.Item}/{i}.jpg,0.99,{string.Join(',', columns.Index().Select(column =>
                        column.Index == name.Index ? 9 : column.Index == (name.Index + 1) % 7 ? 1 : 0))}")),
            ]);
        return At("votes.csv");
    }

    // Noise with a bright bar, whose height tells the class.
    private void WriteFaces(string split, int perClass)
    {
        Random random = new(5);
        foreach ((int label, string name) in s_classes.Index())
        {
            string folder = Directory.CreateDirectory(At($"fer/{split}/{name}")).FullName;
            byte[] raw = new byte[perClass * Side * Side];
            random.NextBytes(raw);
            for (int i = 0; i < raw.Length; i++)
            {
                int row = i / Side % Side;
                raw[i] = (byte)((raw[i] / 4) + (row >= 4 + (6 * label) && row < 9 + (6 * label) ? 180 : 20));
            }

            File.WriteAllBytes(At("raw"), raw);
            using Process ffmpeg = Process.Start("ffmpeg",
            [
                "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", $"{Side}x{Side}", "-i", At("raw"), "-q:v", "2",
                Path.Combine(folder, "%d.jpg"),
            ]);
            ffmpeg.WaitForExit();
            Assert.Equal(0, ffmpeg.ExitCode);
        }
    }
}
