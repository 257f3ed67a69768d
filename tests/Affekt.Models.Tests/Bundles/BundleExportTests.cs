using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Onnx.Sessions;
using Affekt.Tests.Audio;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Affekt.Tests.Bundles;

/// <summary>What is exported, run by ONNX Runtime from its files alone.</summary>
[Collection(nameof(Alone))]
public sealed class BundleExportTests : IDisposable
{
    private static readonly FusionConfig _fusion = new()
    {
        Kind = FusionKind.Experts,
        Experts = new ExpertsConfig(new ExpertConfig(0.8) { Trust = 0.7 }, new ExpertConfig(0.6), new ExpertConfig(0.9)),
    };

    private readonly TemporaryFolder _target = new();
    private readonly Random _random = new(7);

    public void Dispose() => _target.Dispose();

    [Fact]
    public async Task Exported_networks_that_were_moved_say_what_the_bundles_say_and_the_readme_names_all_that_goes_in_and_out()
    {
        string moonshine = await MoonshineFile.PathAsync();
        float[] samples = Values(16_000), words = Values(16), sound = Values(1728), next = Values(1728), frames = Values(4 * 6), tokens = Values(3 * 16);
        float[] faces = [.. Values(2 * 48 * 48).Select(value => 100 + (100 * value))];
        long[] ids = [2, 5, 6, 3], mask = [1, 1, 1, 1], categories = [1, 2, 1, 2, 3];
        MetadataFeatures metadata = new(1, 2, 1, 2, 3);
        float[] states, expression;
        double[] first, second, heard, seen;
        List<float[]> layers = [];
        DialogueState memory;
        using (BundleFolder folder = new(new BundleCalibration(2, 0.5, 3, 0) { Video = 0.7 }, _fusion, sound: true))
        {
            using (ExpressionNetwork random = new())
                NetworkState.Save(random, folder["video-encoder.safetensors"]);
            using Bundle bundle = folder.Open();
            states = bundle.TextEncoder.Network.LastStates(1, ids, mask, TestContext.Current.CancellationToken);
            (first, memory) = bundle.AudioText.Next(words, sound, metadata, null);
            second = bundle.AudioText.Next(null, next, metadata, memory).Logits;
            heard = bundle.Sound!.Logits(sound, VoiceBaseline.None.With(next));
            seen = bundle.Video!.Logits(new FrameFeatures(frames, [true, false, true, true], null, []), tokens, metadata);
            using (ExpressionEncoder encoder = ExpressionEncoder.Load(folder["video-encoder.safetensors"]))
                expression = encoder.Encode(faces);
            using (Network encoder = MoonshineGraphs.FirstLayers(moonshine, 3))
            using (NetworkTensor input = NetworkTensor.Over(samples, 1, samples.Length))
            using (NetworkOutputs outputs = encoder.Run(("input_values", input)))
                layers.AddRange(Enumerable.Range(0, 3).Select(i => outputs[i].ToArray<float>()));

            await BundleExport.WriteAsync(folder.Path, _target.At("first"), null, TestContext.Current.CancellationToken);
        }

        // Nothing of the bundle is left, and the files lie elsewhere.
        Directory.Move(_target.At("first"), _target.At("moved"));
        AssertClose([states], Run("text-encoder", Longs("input_ids", ids, 1, 4), Longs("attention_mask", mask, 1, 4)));
        AssertClose([.. layers], Run("audio-encoder", Floats("input_values", samples, 1, samples.Length)));
        AssertClose(
            [Single(first), memory.Hidden, memory.Cell],
            Run(
                "audio-text", Floats("text", words, 1, 1, 16), Floats("has_text", [1], 1, 1, 1), Floats("audio", sound, 1, 1, 1728),
                Floats("has_audio", [1], 1, 1, 1), Longs("metadata", categories, 1, 1, 5), Floats("hidden", new float[8], 1, 1, 8),
                Floats("cell", new float[8], 1, 1, 8)));
        AssertClose(
            [Single(second)],
            Run(
                "audio-text", Floats("text", new float[16], 1, 1, 16), Floats("has_text", [0], 1, 1, 1), Floats("audio", next, 1, 1, 1728),
                Floats("has_audio", [1], 1, 1, 1), Longs("metadata", categories, 1, 1, 5), Floats("hidden", memory.Hidden, 1, 1, 8),
                Floats("cell", memory.Cell, 1, 1, 8))[..1]);
        AssertClose([Single(heard)], Run("sound", Floats("features", sound, 1, 1728), Floats("baseline", next, 1, 1728), Floats("utterances", [1], 1, 1)));
        AssertClose([expression], Run("expression", Floats("faces", faces, 2, 1, 48, 48))[..1]);
        AssertClose(
            [Single(seen)],
            Run(
                "video", Floats("frames", frames, 1, 4, 6), Floats("has_frame", [1, 0, 1, 1], 1, 4, 1), Floats("tokens", tokens, 1, 3, 16),
                Floats("has_token", [1, 1, 1], 1, 3, 1), Longs("metadata", categories, 1, 5)));

        string readme = File.ReadAllText(_target.At("moved/README.md"));
        Assert.Equal(6, Directory.GetFiles(_target.At("moved"), "*.onnx").Length);
        Assert.All(Directory.GetFiles(_target.At("moved"), "*.onnx"), file =>
        {
            using InferenceSession session = new(file);
            string part = readme.Split($"\n## {Path.GetFileName(file)}\n")[1].Split("\n## ")[0];
            Assert.All(session.InputNames, name => Assert.Contains($"| in | `{name}` | ", part, StringComparison.Ordinal));
            Assert.All(session.OutputNames, name => Assert.Contains($"| out | `{name}` | ", part, StringComparison.Ordinal));
        });
        Assert.Contains("neutral, joy, sadness, anger, fear, disgust, surprise", readme, StringComparison.Ordinal);
        Assert.Contains("temperature 2 with text alone, 0.5 with sound alone, 3 with both", readme, StringComparison.Ordinal);
        Assert.Contains("| text | 0.8 | 0.7 | 0 | uniform | as prior |", readme, StringComparison.Ordinal);
        Assert.True(File.Exists(_target.At("moved/tokenizer/vocab.txt")) && File.Exists(_target.At("moved/config.json")));
    }

    [Fact]
    public async Task A_folder_with_something_in_it_is_refused_and_left_as_it_is()
    {
        using BundleFolder folder = new();
        File.WriteAllText(_target.At("mine.txt"), "mine");

        ModelException refused = await Assert.ThrowsAsync<ModelException>(
            () => BundleExport.WriteAsync(folder.Path, _target.Path, null, TestContext.Current.CancellationToken));

        Assert.Contains("a folder that is empty or not there yet", refused.Message, StringComparison.Ordinal);
        Assert.Equal([_target.At("mine.txt")], Directory.GetFileSystemEntries(_target.Path));
    }

    [Fact]
    public async Task A_bundle_whose_weights_do_not_fit_leaves_nothing_half_done()
    {
        await MoonshineFile.PathAsync();
        using BundleFolder folder = new(fusion: _fusion, sound: true);

        // The expression network's file is no network here, and others come before it.
        await Assert.ThrowsAsync<ModelException>(
            () => BundleExport.WriteAsync(folder.Path, _target.At("out"), null, TestContext.Current.CancellationToken));

        Assert.Empty(Directory.GetFileSystemEntries(_target.At("out")));
    }

    private static NamedOnnxValue Floats(string name, float[] values, params int[] shape) =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<float>(values, shape));

    private static NamedOnnxValue Longs(string name, long[] values, params int[] shape) =>
        NamedOnnxValue.CreateFromTensor(name, new DenseTensor<long>(values, shape));

    private static float[] Single(double[] values) => Array.ConvertAll(values, value => (float)value);

    private static void AssertClose(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], (a, b) => Math.Abs(a - b) < 1e-5 * Math.Max(1, Math.Abs(a)));
    }

    private float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * _random.NextDouble()) - 1))];

    private float[][] Run(string network, params NamedOnnxValue[] inputs)
    {
        using InferenceSession session = new(_target.At($"moved/{network}.onnx"));
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run(inputs);
        return [.. outputs.Select(output => output.AsTensor<float>().ToArray())];
    }
}
