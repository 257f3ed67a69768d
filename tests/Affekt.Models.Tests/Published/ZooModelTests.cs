using System.Text.Json;
using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Published;
using Affekt.Models.Text;
using Affekt.Onnx.StateFiles;

namespace Affekt.Tests.Published;

/// <summary>Published families with their preprocessing and their classifiers, against what Hugging Face's transformers gives.</summary>
public sealed class ZooModelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    [InlineData("roberta")]
    [InlineData("roberta-multilabel")]
    [InlineData("xlm-roberta")]
    [InlineData("electra")]
    [InlineData("roberta-onnx", "roberta", false)]
    public void Text_gives_the_reference_ids_states_logits_and_scores(string name, string? reference = null, bool states = true)
    {
        Dictionary<string, PublishedFeatures> expected = Zoo.Outputs(reference ?? name);
        using PublishedText model = (PublishedText)Open(name, states);
        Assert.Empty(model.Unused);

        string[] rows = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(Zoo.Folder(reference ?? name), "rows.json")))!;
        for (int row = 0; row < rows.Length; row++)
        {
            TokenSequence tokens = model.Tokenizer.Encode(rows[row]);
            PublishedFeatures logits = model.Compute(tokens, PublishedModel.Logits, Token);
            AssertRow(expected["logits"], row, logits.Values);
            AssertRow(expected["scores"], row, model.Config.ToScores(logits.Values));
            for (int layer = 0; states && layer <= Zoo.Layers; layer++)
                AssertRow(expected[PublishedModel.State(layer)], row, model.Compute(tokens, PublishedModel.State(layer), Token).Values);
        }

        using JsonDocument texts = JsonDocument.Parse(File.ReadAllText(Path.Combine(Zoo.Folder(reference ?? name), "texts.json")));
        foreach (JsonElement text in texts.RootElement.EnumerateArray())
        {
            TokenSequence tokens = model.Tokenizer.Encode(text.GetProperty("text").GetString()!);
            Assert.Equal(text.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64()), tokens.Ids.ToArray());
            float[] logits = [.. text.GetProperty("logits").EnumerateArray().Select(logit => logit.GetSingle())];
            Stored.Close(logits, model.Compute(tokens, PublishedModel.Logits, Token).Values, Zoo.Tolerance, text.GetProperty("text").GetString()!);
        }
    }

    [Theory]
    [InlineData("wav2vec2")]
    [InlineData("wav2vec2-large")]
    [InlineData("wav2vec2-dimensions")]
    [InlineData("hubert")]
    [InlineData("hubert-large")]
    [InlineData("wavlm")]
    [InlineData("wavlm-large")]
    [InlineData("whisper")]
    [InlineData("hubert-onnx", "hubert", false)]
    public async Task Sound_gives_the_reference_input_states_and_logits(string name, string? reference = null, bool states = true)
    {
        Dictionary<string, PublishedFeatures> expected = Zoo.Outputs(reference ?? name);
        using PublishedSound model = (PublishedSound)Open(name, states);
        Assert.Empty(model.Unused);

        for (int clip = 0; clip < 3; clip++)
        {
            PublishedFeatures input = model.Prepare(await Zoo.SoundAsync(clip));
            if (expected.TryGetValue($"input_values{clip}", out PublishedFeatures? samples))
                Stored.Close(samples.Values, input.Values[..samples.Values.Length], 1e-5, $"clip {clip}");
            else
                AssertBands(expected[$"input_features{clip}"], input);
            PublishedFeatures logits = model.Compute(input, PublishedModel.Logits, Token);
            Zoo.Close(expected[$"logits{clip}"], logits, $"clip {clip}");
            if (expected.TryGetValue("batch_logits", out PublishedFeatures? batch))
                AssertRow(batch, clip, logits.Values);
            for (int layer = 0; states && layer <= Zoo.Layers; layer++)
            {
                AssertBeginning(
                    expected[$"hidden_states{clip}.{layer}"], model.Compute(input, PublishedModel.State(layer), Token), $"clip {clip}, layer {layer}");
            }
        }
    }

    [Theory]
    [InlineData("distilbert")]
    [InlineData("wav2vec2-large")]
    [InlineData("whisper")]
    [InlineData("vit")]
    public async Task A_mixture_of_layers_is_the_sum_of_the_references_states(string name)
    {
        double[] weights = [0.25, 0, -0.5, 1.25];
        Dictionary<string, PublishedFeatures> reference = Zoo.Outputs(name);
        using PublishedModel model = PublishedModel.Open(Zoo.Folder(name), new PublishedOutputs { Mix = weights });

        float[] found = model switch
        {
            PublishedText text => text.Compute(
                text.Tokenizer.Encode(JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(Zoo.Folder(name), "rows.json")))![0]), PublishedModel.LastStates, Token).Values,
            PublishedSound sound => sound.Compute(sound.Prepare(await Zoo.SoundAsync(0)), PublishedModel.LastStates, Token).Values,
            _ => await SeeAsync((PublishedPictures)model),
        };

        float[][] states = [.. weights.Select((_, layer) => reference.GetValueOrDefault($"hidden_states0.{layer}", reference.GetValueOrDefault($"hidden_states.{layer}")!).Values)];
        int count = Math.Min(found.Length, states[0].Length);
        Stored.Close([.. Enumerable.Range(0, count).Select(i => (float)weights.Zip(states).Sum(pair => pair.First * pair.Second[i]))], found[..count], Zoo.Tolerance, name);
        ModelException wrong = Assert.Throws<ModelException>(() => PublishedModel.Open(Zoo.Folder(name), new PublishedOutputs { Mix = [1, 1] }));
        Assert.Contains("3, and the weights 1 1", wrong.Message);
        Assert.Contains("expected 4 weights", wrong.Message);

        static async Task<float[]> SeeAsync(PublishedPictures pictures)
        {
            Picture face = await Zoo.PictureAsync(0);
            return pictures.Compute(pictures.Prepare(face.Rgb, face.Width, face.Height), PublishedModel.LastStates, Token).Values;
        }
    }

    [Theory]
    [InlineData("vit")]
    [InlineData("vit-bicubic")]
    [InlineData("vit-onnx", "vit", false)]
    public async Task A_picture_gives_the_reference_pixels_states_and_logits(string name, string? reference = null, bool states = true)
    {
        Dictionary<string, PublishedFeatures> expected = Zoo.Outputs(reference ?? name);
        using PublishedPictures model = (PublishedPictures)Open(name, states);
        Assert.Empty(model.Unused);

        for (int face = 0; face < 3; face++)
        {
            Picture picture = await Zoo.PictureAsync(face);
            PublishedFeatures input = model.Prepare(picture.Rgb, picture.Width, picture.Height);
            Assert.Equal(expected[$"pixel_values{face}"].Values, input.Values);
            Zoo.Close(expected[$"logits{face}"], model.Compute(input, PublishedModel.Logits, Token), $"face {face}");
            for (int layer = 0; states && layer <= Zoo.Layers; layer++)
                Zoo.Close(expected[$"hidden_states{face}.{layer}"], model.Compute(input, PublishedModel.State(layer), Token), $"face {face}, layer {layer}");
        }
    }

    private static PublishedModel Open(string name, bool states) => states
        ? Zoo.Open(name)
        : PublishedModel.Open(Zoo.Folder(name), new PublishedOutputs { Classifier = true });

    // As transformers' pipelines have it: a share of one label would be 1 whatever the network says.
    [Fact]
    public void One_label_alone_is_scored_by_itself_unless_it_is_a_measure()
    {
        using TemporaryFolder folder = new();

        Assert.Equal([0.8807971f], Of("").ToScores([2]));
        Assert.Equal([2f], Of(""", "problem_type": "regression" """).ToScores([2]));
        Assert.Equal([0.8807971f], Of(""", "problem_type": "single_label_classification" """).ToScores([2]));

        PublishedConfig Of(string kind)
        {
            File.WriteAllText(folder.At("config.json"), $$"""{"model_type": "bert", "num_labels": 1{{kind}}}""");
            return PublishedConfig.Load(folder.Path);
        }
    }

    [Fact]
    public void Weights_in_shards_of_PyTorchs_own_format_are_read()
    {
        using TemporaryFolder folder = new();
        string fixture = TestPaths.Shared("data/fixtures/huggingface/wav2vec2-layer");
        File.Copy(Path.Combine(fixture, "config.json"), folder.At("config.json"));
        File.Copy(Path.Combine(fixture, "pytorch_model.bin"), folder.At("pytorch_model-00001-of-00001.bin"));
        using (StateFile whole = StateFile.Open(Path.Combine(fixture, "pytorch_model.bin")))
        {
            File.WriteAllText(folder.At("pytorch_model.bin.index.json"), JsonSerializer.Serialize(
                new { weight_map = whole.Tensors.Keys.ToDictionary(name => name, _ => "pytorch_model-00001-of-00001.bin") }));
        }

        using PublishedModel model = PublishedModel.Open(folder.Path);

        Assert.Equal("pytorch_model-00001-of-00001.bin", PublishedHub.FilesOf(folder.Path)[^1]);
        using StateFile io = StateFile.Open(Path.Combine(fixture, "io.safetensors"));
        float[] input = io.Tensors["input_values0"].ToFloats();
        PublishedFeatures found = ((PublishedSound)model).Compute(new PublishedFeatures(input, [input.Length]), PublishedModel.LastStates, Token);
        Stored.Close(io.Tensors["output0"].ToFloats(), found.Values, Zoo.Tolerance, "states");
    }

    // Of a padded batch a row's beginning is what the row gives alone.
    private static void AssertRow(PublishedFeatures batch, int row, float[] found)
    {
        int size = batch.Values.Length / (int)batch.Shape[0];
        Stored.Close(batch.Values.AsSpan(row * size, found.Length).ToArray(), found, Zoo.Tolerance, $"row {row}");
    }

    // Of what is long, the reference has the first frames.
    private static void AssertBeginning(PublishedFeatures expected, PublishedFeatures found, string what) =>
        Stored.Close(expected.Values, found.Values[..expected.Values.Length], Zoo.Tolerance, what);

    // Where a band is nearly silent beside others, the reference's own transform, in single precision, is off by more than 1e-5.
    private static void AssertBands(PublishedFeatures expected, PublishedFeatures found)
    {
        int kept = (int)expected.Shape[2], all = (int)found.Shape[1], farther = 0;
        for (int band = 0; band < found.Shape[0]; band++)
        {
            for (int frame = 0; frame < kept; frame++)
            {
                float distance = MathF.Abs(expected.Values[(band * kept) + frame] - found.Values[(band * all) + frame]);
                Assert.True(distance <= 5e-5, $"band {band}, frame {frame}: {distance}");
                farther += distance > 1e-5 ? 1 : 0;
            }
        }

        Assert.InRange(farther, 0, expected.Values.Length / 10_000);
    }
}
