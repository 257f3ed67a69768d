using Affekt.Corpora;
using Affekt.Tests;
using Affekt.Training.Features;

namespace Affekt.Training.Tests.Features;

public sealed class TextFeatureEncoderTests
{
    // The kernels know no DistilBERT: in int8 too it is ONNX Runtime's.
    [Theory]
    [InlineData("", Precision.Float32)]
    [InlineData("", Precision.Int8)]
    [InlineData("data/fixtures/zoo/distilbert", Precision.Int8)]
    public async Task A_text_has_the_same_features_among_as_many_others_as_share_a_batch(string published, Precision precision)
    {
        string[] words = ["No!", "Oh my god, you came all this way.", "I do not know what to say about that, and I will not say it."];
        using TextFeatureEncoder encoder = TextFeatureEncoder.Load(
            published.Length > 0 ? TestPaths.Shared(published) : TestPaths.InRepository("bundles/starter/text-encoder"), precision, tokens: true);
        List<PreparedInput> texts = [];
        foreach (string text in words)
        {
            texts.Add(await encoder.DecodeAsync(
                new Utterance { Id = text, Dialogue = "d", Index = 0, Split = Split.Test, Text = text }, TestContext.Current.CancellationToken));
        }

        List<StoredFeature[]> together =
            [.. texts.Chunk(encoder.BatchSize).SelectMany(batch => encoder.Encode(batch, TestContext.Current.CancellationToken))];

        foreach ((PreparedInput text, StoredFeature[] found) in texts.Zip(together))
        {
            StoredFeature[] alone = encoder.Encode([text], TestContext.Current.CancellationToken)[0];
            foreach ((StoredFeature expected, StoredFeature feature) in alone.Zip(found, (one, other) => (one, other)))
            {
                Assert.Equal(expected.Shape, feature.Shape);
                Assert.Equal(expected.Values, feature.Values, (a, b) => Math.Abs(a - b) < 1e-5);
            }
        }
    }

    [Fact]
    public void Only_int8_features_depend_on_what_computed_them()
    {
        Assert.NotEqual(EncoderHash.Arithmetic(Precision.Int8, byOnnxRuntime: true), EncoderHash.Arithmetic(Precision.Int8, byOnnxRuntime: false));
        Assert.Equal(EncoderHash.Arithmetic(Precision.Float32, byOnnxRuntime: true), EncoderHash.Arithmetic(Precision.Float32, byOnnxRuntime: false));
    }
}
