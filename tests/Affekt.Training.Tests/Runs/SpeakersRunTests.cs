using Affekt.Models.Persons;
using Affekt.Onnx;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Training;
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

        SpeakersRun.Follow(recipe, new RunContext(_corpora.Path("run"), false, Silent.Progress), TestContext.Current.CancellationToken);

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
    public void Trained_further_the_map_prefers_the_directions_in_which_speakers_differ_to_those_in_which_they_only_vary()
    {
        // Four speakers differ in two directions, and vary alike in all six.
        Random random = new(1);
        VoicedSounds voices = new("drawn", ["0", "1", "2", "3"],
        [
            .. Enumerable.Range(0, 200).Select(i => new VoicedSound(
                i % 4, i / 4 % 7,
                [[.. Enumerable.Range(0, Width).Select(d => (float)(random.NextDouble() - 0.5 + (0.5 * (d == 0 ? Math.Cos(i % 4 * Math.PI / 2) : d == 1 ? Math.Sin(i % 4 * Math.PI / 2) : 0))))]])),
        ]);
        SpeakersRecipe recipe = Load("learning_rate=0.01", "steps=100");

        using TensorScope scope = new();
        (Tensor mean, Tensor weight) = SpeakersRun.Adapt([voices], recipe);
        Tensor refined = SpeakersRun.Refine([voices], mean, weight, recipe, TestContext.Current.CancellationToken);

        double before = Apart(voices, mean.ToArray<double>(), weight.ToArray<double>()), after = Apart(voices, mean.ToArray<double>(), refined.ToArray<double>());
        Assert.True(after > before + 0.05, $"{before} before, {after} then");
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
    [InlineData("steps=-1", "steps")]
    [InlineData("learning_rate=0", "learning_rate")]
    [InlineData("noise=-0.1", "noise")]
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

    // By how much two utterances of a speaker are more alike, in cosine, than two of different speakers.
    private static double Apart(VoicedSounds voices, double[] mean, double[] map)
    {
        double[][] mapped =
        [
            .. voices.Sounds.Select(sound =>
            {
                double[] vector = Mapped(map, [.. sound.Copies[0].Zip(mean, (value, middle) => (float)(value - middle))]);
                double length = Math.Sqrt(vector.Sum(value => value * value));
                return Array.ConvertAll(vector, value => value / length);
            }),
        ];
        ILookup<bool, double> likeness = voices.Sounds.Index()
            .SelectMany(one => voices.Sounds.Index().Take(one.Index).Select(other => (one, other)))
            .ToLookup(pair => pair.one.Item.Speaker == pair.other.Item.Speaker, pair => mapped[pair.one.Index].Zip(mapped[pair.other.Index], (a, b) => a * b).Sum());
        return likeness[true].Average() - likeness[false].Average();
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
