using Affekt.Models.Persons;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Training.Recipes;
using Affekt.Training.Sounds;

namespace Affekt.Tests.Runs;

/// <summary>The starter's recipe for what tells speakers apart, followed on tones and on drawn vectors.</summary>
public sealed class SpeakersRunTests : IDisposable
{
    private const int Width = 6;

    private readonly SmallCorpora _corpora = new();

    public void Dispose() => _corpora.Dispose();

    [Fact]
    [Trait(SmallRun.Recipe, "recipes/starter/speakers.json")]
    public void The_speakers_recipe_leaves_a_file_that_voices_are_heard_with()
    {
        _corpora.WriteSounds();
        SpeakersRecipe recipe = Load();

        SpeakersRun.Follow(recipe, _corpora.Path("run"), false, Silent.Progress, TestContext.Current.CancellationToken);

        float[] tone = [.. Enumerable.Range(0, 16_000).Select(i => MathF.Sin(i * 0.1f) / 2)];
        using SpeakerEncoder fitted = SpeakerEncoder.Load(_corpora.Path($"run/{SpeakerEncoder.FileName}")), shipped = SpeakerEncoder.Load();
        Assert.Equal(shipped.EncodeRaw(tone)!, fitted.EncodeRaw(tone)!);
        Assert.Equal(1, fitted.Encode(tone)!.Sum(value => value * value), 1e-3);
        Assert.NotEqual(shipped.Encode(tone)!, fitted.Encode(tone)!);
    }

    [Fact]
    public void Behind_the_map_a_speakers_utterances_vary_alike_in_all_directions()
    {
        SpeakersRecipe recipe = Load("shrinkage=0");
        VoicedSounds voices = Drawn(3, 60);

        using TensorScope scope = new();
        (Tensor mean, Tensor weight) = SpeakersRun.Adapt([voices], recipe);

        double[] map = weight.ToArray<double>();
        double[,] covariance = new double[Width, Width];
        foreach (IGrouping<int, VoicedSound> speaker in voices.Sounds.GroupBy(sound => sound.Speaker))
        {
            double[][] mapped = [.. speaker.Select(sound => Mapped(map, sound.Copies[0]))];
            double[] middle = [.. Enumerable.Range(0, Width).Select(i => mapped.Average(one => one[i]))];
            foreach (double[] one in mapped)
            {
                for (int i = 0; i < Width; i++)
                {
                    for (int j = 0; j < Width; j++)
                        covariance[i, j] += (one[i] - middle[i]) * (one[j] - middle[j]);
                }
            }
        }

        for (int i = 0; i < Width; i++)
        {
            for (int j = 0; j < Width; j++)
                Assert.Equal(i == j ? 1 : 0, covariance[i, j] / covariance[0, 0], 1e-9);
        }

        Assert.Equal(voices.Sounds.Average(sound => (double)sound.Copies[0][0]), mean.ToArray<double>()[0], 1e-6);
    }

    [Fact]
    public void Expressions_that_features_tell_are_scored_highest()
    {
        VoicedSounds sounds = Drawn(4, 70);

        using TensorScope scope = new();
        (Tensor weight, Tensor bias) = SpeakersRun.Express([sounds], Load("ridge=1"));

        double[] rows = weight.ToArray<double>(), added = bias.ToArray<double>();
        int right = sounds.Sounds.Count(sound =>
        {
            double[] scores = [.. Mapped(rows, sound.Copies[0]).Zip(added, (score, one) => score + one)];
            return Array.IndexOf(scores, scores.Max()) == sound.Label;
        });
        Assert.True(right > 0.9 * sounds.Sounds.Count, $"{right} of {sounds.Sounds.Count}");
    }

    [Theory]
    [InlineData("train=[]", "train")]
    [InlineData("""train=[{"corpus":"tess","root":"x","splits":["nights"]}]""", "splits")]
    [InlineData("shrinkage=1.1", "shrinkage")]
    [InlineData("ridge=0", "ridge")]
    public void A_value_that_cannot_be_is_named(string setting, string field) =>
        Assert.Contains(field, Assert.Throws<RecipeException>(() => Load(setting)).Message, StringComparison.Ordinal);

    // Vectors of speakers who vary much in some directions, and in one by the emotion: of label 1 to 6 along it, of 0 not.
    private static VoicedSounds Drawn(int speakers, int each)
    {
        Random random = new(1);
        List<VoicedSound> sounds = [];
        for (int i = 0; i < speakers * each; i++)
        {
            int label = i / speakers % 7;
            float[] vector = [.. Enumerable.Range(0, Width).Select(d => (float)((random.NextDouble() * (d + 1) * 0.1) + (d == label - 1 ? 3 : 0) + (i % speakers * d * 0.1)))];
            sounds.Add(new VoicedSound(i % speakers, label, [vector]));
        }

        return new VoicedSounds("drawn", [.. Enumerable.Range(0, speakers).Select(speaker => $"{speaker}")], sounds);
    }

    private static double[] Mapped(double[] rows, float[] vector) =>
        [.. rows.Chunk(Width).Select(row => row.Zip(vector, (a, b) => a * b).Sum())];

    // The published encoder, from the int8 rows that ship.
    private SpeakersRecipe Load(params string[] settings)
    {
        string encoder = _corpora.Path("encoder.safetensors");
        using (NetworkWeights shipped = new(StateFile.OpenResource(typeof(SpeakerEncoder).Assembly, SpeakerEncoder.FileName)))
        {
            SafetensorsWriter.Write(encoder, [
                .. shipped.Names.Where(name => name.StartsWith('l') && !name.EndsWith(".scale", StringComparison.Ordinal)).Select(name =>
                {
                    StoredTensor stored = shipped.Find(name)!;
                    float[] values = shipped.Floats(name, stored.Shape.AsSpan());
                    byte[] bytes = new byte[values.Length * sizeof(float)];
                    Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
                    return new TensorToWrite(name, ElementType.Float32, stored.Shape, (ReadOnlyMemory<byte>)bytes);
                }),
            ]);
        }

        return (SpeakersRecipe)Recipe.Load(TestPaths.InRepository("recipes/starter/speakers.json"),
        [
            $$"""train=[{"corpus":"ravdess","root":"{{_corpora.Path("ravdess")}}"},{"corpus":"tess","root":"{{_corpora.Path("tess")}}","splits":["test"]}]""",
            $"encoder={encoder}", $"features={_corpora.Path("features")}", .. settings,
        ]);
    }
}
