using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Tests;
using Affekt.Training.AudioText;
using Affekt.Training.Evaluations;

namespace Affekt.Training.Tests.Evaluations;

/// <summary>Which folders go into one mean, and what a packed bundle says of itself.</summary>
public sealed class BundleOrRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Seeds_of_one_recipe_are_found_and_one_of_another_is_refused_by_name()
    {
        _folder.Write("run/best", "seed-2\n");
        _folder.Write("run/seed-1/recipe.json", """{"task":"audio-text","seeds":[1,2],"epochs":3}""");
        _folder.Write("run/seed-2/recipe.json", """{"task":"audio-text","seeds":[1,2],"epochs":3}""");
        _folder.Write("run/seed-5/recipe.json", """{"task":"audio-text","seeds":[5],"epochs":3}""");

        Assert.Equal([1, 2, 5], BundleOrRun.Find(_folder.At("run")).Bundles.Select(seed => seed.Seed));

        _folder.Write("run/seed-5/recipe.json", """{"task":"audio-text","seeds":[5],"epochs":9}""");
        string message = Assert.Throws<ModelException>(() => BundleOrRun.Find(_folder.At("run"))).Message;
        Assert.Contains("seed-5", message);
        Assert.Contains("epochs", message);

        File.Delete(_folder.At("run/seed-5/recipe.json"));
        Assert.Contains("seed-5", Assert.Throws<ModelException>(() => BundleOrRun.Find(_folder.At("run"))).Message);
    }

    [Fact]
    public void A_packed_bundle_says_what_it_was_trained_on_and_nothing_else()
    {
        TinyBundle.Create(_folder.At("run"), ["Ann"]);
        _folder.Write("run/recipe.json", """{"task":"audio-text-frozen","seeds":[1],"corpus":"manifest","root":"calls.jsonl"}""");
        _folder.Write("run/metrics.jsonl", """{"stage":"train","epoch":2,"dev_uar":0.5}""" + "\n");

        BundlePacker.Pack(_folder.At("run"), _folder.At("packed"), new DateOnly(2030, 1, 2));

        string card = File.ReadAllText(_folder.At("packed/card.md"));
        Assert.Contains("BERT of 1 layers, 8 wide", card);
        Assert.Contains("| manifest calls.jsonl | its owner's |", card);
        Assert.Contains("| dev_uar | 0.5 |", card);
        Assert.All((string[])["MiniLM", "RAVDESS", "MELD", "GoEmotions", "FER2013"], other => Assert.DoesNotContain(other, card));
    }

    [Fact]
    public void Packing_takes_along_an_encoder_that_lies_elsewhere()
    {
        TinyBundle.Create(_folder.At("run"));
        Directory.Move(_folder.At("run/text"), _folder.At("elsewhere"));
        string config = _folder.At("run/config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"folder\": \"text\"", $"\"folder\": \"{_folder.At("elsewhere")}\"", StringComparison.Ordinal));

        BundlePacker.Pack(_folder.At("run"), _folder.At("packed"), new DateOnly(2030, 1, 2));

        Directory.Delete(_folder.At("elsewhere"), recursive: true);
        using Bundle packed = Bundle.Open(_folder.At("packed"), EncoderLocations.None);
        Assert.Equal("text-encoder", packed.Config.TextEncoder.Folder);
    }
}
