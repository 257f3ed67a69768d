using Affekt.Models;
using Affekt.Models.Audio;
using Affekt.Models.Bundles;
using Affekt.Models.Text;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Tests.Audio;
using Affekt.Tests.Video;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests;

/// <summary>The published encoders on a device beside the processor give what they give on the processor.</summary>
public sealed class EncodersOnDeviceTests(TorchvisionMc3 mc3) : IClassFixture<TorchvisionMc3>, IDisposable
{
    // Of bfloat16's 8 bits; the processor's own kernels round in other places.
    private const double LeastCosineOfHalf = 0.999;

    private readonly GradMode _noGrad = GradMode.NoGrad();
    private readonly TensorScope _scope = new();

    public void Dispose()
    {
        _scope.Dispose();
        _noGrad.Dispose();
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void BERT(Precision precision) => Compare(
        precision,
        device =>
        {
            TextEncoderPart part = new() { Folder = TestPaths.InRepository("bundles/starter/text-encoder"), MaxTokens = 64 };
            using TextEncoder encoder = BundleEncoders.OpenText("", part, On(device, precision));
            return encoder.Encode([encoder.Tokenize("But then who?"), encoder.Tokenize("The waitress I went out with last month?")]);
        });

    [Theory]
    [InlineData("group", Precision.Float32)]
    [InlineData("group", Precision.BFloat16)]
    [InlineData("layer", Precision.Float32)]
    public void Wav2Vec2(string name, Precision precision) => Compare(
        precision,
        device =>
        {
            AudioEncoderPart part = new() { Kind = AudioEncoderPart.Wav2Vec2 };
            using var encoder = (Wav2Vec2Encoder)BundleEncoders.OpenAudio(part, Wav2Vec2Fixture.Folder(name), On(device, precision));
            return [.. encoder.Encode(Wav2Vec2Fixture.Io(name, "wave")).SelectMany(features => features.Values!)];
        });

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void MC3(Precision precision) => Compare(
        precision,
        device =>
        {
            using IFrameEncoder encoder = new TorchEncoders(precision, device).OpenPictures(mc3.StateFile, Mc3Encoder.PaperSide);
            return encoder.Encode(mc3.Pictures).Values!;
        });

    [Fact]
    public void Int8_is_for_the_processor()
    {
        using Linear layer = new(4, 4);
        layer.To(FakeDevice.Device);
        Assert.Contains("xpu", Assert.Throws<NotSupportedException>(() => layer.Prepare(Torch.Layers.Precision.Int8)).Message);
    }

    private static EncoderOptions On(Device device, Precision precision) => new() { Accelerator = new TorchEncoders(precision, device) };

    private static void Compare(Precision precision, Func<Device, float[]> encode)
    {
        float[] expected = encode(Device.Cpu), found = encode(FakeDevice.Device);
        Assert.Equal(expected.Length, found.Length);
        if (precision == Precision.Float32)
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        else
            Assert.InRange(
                Stored.Cosine(Tensor.From<float>(expected, expected.Length), Tensor.From<float>(found, found.Length)), LeastCosineOfHalf, 1.000001);
    }
}
