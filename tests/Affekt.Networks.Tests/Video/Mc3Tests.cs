using Affekt.Models;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Video;

/// <summary>The trunk against torchvision's mc3_18, run by Debian's Python.</summary>
public sealed class Mc3Tests(TorchvisionMc3 reference) : IClassFixture<TorchvisionMc3>
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void A_state_file_of_torchvision_gives_torchvisions_features()
    {
        using Mc3Encoder encoder = Mc3Encoder.Load(reference.StateFile);
        FrameFeatures found = encoder.Encode(reference.Pictures);

        Assert.Equal(["fc.bias", "fc.weight"], encoder.Unused.Where(name => !name.EndsWith("num_batches_tracked", StringComparison.Ordinal)));
        Assert.Equal(512, encoder.Width);
        Assert.Equal(new FrameRequest(8, 224, Whole: false), encoder.Frames);
        Assert.Null(found.Reason);
        Assert.Equal(8, found.Usable);
        Stored.Close(reference.Features, found.Values!, Tolerance);
    }

    [Fact]
    public void Libtorch_gives_the_same_features()
    {
        using IFrameEncoder encoder = new TorchEncoders(Precision.Float32).OpenPictures(reference.StateFile, Mc3Encoder.PaperSide);
        Stored.Close(reference.Features, encoder.Encode(reference.Pictures).Values!, Tolerance);
    }

    [Fact]
    public void Without_folding_the_features_are_the_same_and_only_the_classifier_is_left_over()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        using Mc3Trunk network = Mc3Trunk.Load(reference.StateFile, out IReadOnlyList<string> unused);
        Assert.Equal(["fc.bias", "fc.weight"], unused);
        Stored.Close(reference.Features, network.Forward(KineticsClips.Normalize(reference.Pictures)).ToArray<float>(), Tolerance);
    }

    [Fact]
    public void In_bfloat16_the_features_point_where_torchvisions_do()
    {
        using TensorScope scope = new();
        using IFrameEncoder encoder = new TorchEncoders(Precision.BFloat16).OpenPictures(reference.StateFile, Mc3Encoder.PaperSide);
        float[] found = encoder.Encode(reference.Pictures).Values!;
        Assert.True(Stored.Cosine(Row(reference.Features), Row(found)) > 0.999);

        static Tensor Row(float[] values) => Tensor.From<float>(values, values.Length);
    }

    [Fact]
    public void Clips_in_a_batch_have_the_features_that_they_have_alone()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        using Mc3Trunk network = Mc3Trunk.Load(reference.StateFile, out _);
        network.Prepare(Precision.Float32);
        Tensor clip = KineticsClips.Normalize(reference.Pictures);
        Tensor both = network.Forward(Tensor.Concat([clip * 0.5, clip], 0));
        Stored.Close(reference.Features, both.Select(0, 1).ToArray<float>(), Tolerance);
    }

    [Fact]
    public void No_picture_is_a_result()
    {
        using Mc3Encoder encoder = Mc3Encoder.Load(reference.StateFile);
        FrameFeatures found = encoder.Encode(new VideoFrames(default, 0, 0, 0));
        Assert.Null(found.Values);
        Assert.Equal("there is no picture", found.Reason);
    }

    [Fact]
    public void What_is_no_mc3_network_is_an_error_that_names_the_tensor()
    {
        using TemporaryFolder folder = new();
        string file = folder.At("linear.safetensors");
        using (Linear linear = new(2, 2))
            NetworkState.Save(linear, file);
        ModelException error = Assert.Throws<ModelException>(() => Mc3Encoder.Load(file));
        Assert.Equal($"{file}, stem.0.weight: found nothing, expected [channels, 3, 3, 7, 7]", error.Message);
        Assert.Throws<ModelException>(() => Mc3Encoder.Load(folder.At("none.pth")));
    }

    [Fact]
    public void A_trained_trunk_of_another_width_is_read_back()
    {
        using TemporaryFolder folder = new();
        string file = folder.At("trunk.safetensors");
        using (Mc3Trunk small = new(stemWidth: 2))
            NetworkState.Save(small, file);
        using Mc3Encoder encoder = Mc3Encoder.Load(file, side: 32);
        Assert.Equal(16, encoder.Width);
        Assert.Equal(32, encoder.Frames.Side);
    }
}
