using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Tests.Branches;

/// <summary>The video branch against PyTorch, and what it is made of.</summary>
public sealed class VideoBranchTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private static readonly VideoConfig _small = new()
    {
        FrameWidth = 10,
        TokenWidth = 12,
        MetadataSizes = [3, 4],
        ModelWidth = 16,
        Blocks = 2,
        Heads = 2,
        FeedForwardWidth = 24,
        TextWidth = 6,
        MetadataEmbeddingWidth = 2,
        MetadataWidth = 3,
        HeadWidth = 8,
    };

    private readonly TensorScope _scope = new();
    private readonly Dictionary<string, Tensor> _expected = Stored.Read(Stored.Fixture("video/branch.safetensors"));

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1e30)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Logits_and_gradients_are_PyTorchs_over_the_frames_and_tokens_that_are_there(double elsewhere)
    {
        using VideoBranch branch = Load();
        Tensor hasFrame = _expected["has_frame"], hasToken = _expected["has_token"];
        Tensor frames = _expected["frames"].MaskedFill(hasFrame.EqualTo(0), elsewhere);
        Tensor tokens = _expected["tokens"].MaskedFill(hasToken.EqualTo(0), elsewhere);
        frames.RequiresGrad = tokens.RequiresGrad = true;

        Tensor logits = branch.Forward(new VideoInput(frames, hasFrame, tokens, hasToken, _expected["metadata"]));
        (logits * logits).Sum().Backward();

        Stored.Close(_expected["logits"], logits, Tolerance);
        Stored.Close(_expected["frames_grad"], frames.Grad!, Tolerance);
        Stored.Close(_expected["tokens_grad"], tokens.Grad!, Tolerance);
        foreach ((string name, Tensor parameter) in branch.NamedParameters())
            Stored.Close(_expected[$"grad/{name}"], parameter.Grad!, 10 * Tolerance, name);
    }

    [Fact]
    public void The_order_of_the_frames_counts()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using VideoBranch branch = Load();
        VideoInput input = Input();
        Tensor backwards = Tensor.From<long>([7, 6, 5, 4, 3, 2, 1, 0], 8);
        float[] logits = branch.Forward(input).Narrow(0, 0, 1).ToArray<float>();
        float[] reversed = branch.Forward(input with { Frames = input.Frames.IndexSelect(1, backwards) }).Narrow(0, 0, 1).ToArray<float>();
        Assert.True(logits.Zip(reversed).Max(pair => Math.Abs(pair.First - pair.Second)) > 1e-2);
    }

    [Fact]
    public void Dropout_changes_the_logits_only_while_training()
    {
        using GradMode noGrad = GradMode.NoGrad();
        using VideoBranch branch = Load();
        Assert.Equal(Logits(), Logits());
        branch.Train();
        Assert.NotEqual(Logits(), Logits());

        float[] Logits() => branch.Forward(Input()).ToArray<float>();
    }

    [Fact]
    public void The_paper_grade_branch_has_these_tensors()
    {
        using IDisposable skipped = Initial.Skipped();
        using VideoBranch branch = new(new VideoConfig
        {
            FrameWidth = 512,
            TokenWidth = 768,
            MetadataSizes = MetadataVocabulary.Empty.Sizes,
        });
        string[] block =
        [
            "self_attn.in_proj_weight [1536, 512]", "self_attn.in_proj_bias [1536]", "self_attn.out_proj.weight [512, 512]",
            "self_attn.out_proj.bias [512]", "norm1.weight [512]", "norm1.bias [512]", "linear1.weight [2048, 512]",
            "linear1.bias [2048]", "linear2.weight [512, 2048]", "linear2.bias [512]", "norm2.weight [512]", "norm2.bias [512]",
        ];
        string[] expected =
        [
            .. Enumerable.Range(0, 4).SelectMany(i => block.Select(tensor => $"layers.{i}.{tensor}")),
            "missing_video [512]", "text.query [128, 1]", "text.missing [128]", "text.key.weight [128, 768]", "text.key.bias [128]",
            "text.value.weight [128, 768]", "text.value.bias [128]",
            "metadata.categories.0.weight [1, 32]", "metadata.categories.1.weight [9, 32]", "metadata.categories.2.weight [7, 32]",
            "metadata.categories.3.weight [3, 32]", "metadata.categories.4.weight [8, 32]",
            "metadata.projection.weight [128, 160]", "metadata.projection.bias [128]",
            "head.hidden.weight [256, 768]", "head.hidden.bias [256]", "head.output.weight [7, 256]", "head.output.bias [7]",
        ];
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            branch.State().Select(entry => $"{entry.Name} [{string.Join(", ", entry.Tensor.Shape)}]").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_paper_grade_network_trains_about_25_million_parameters()
    {
        using IDisposable skipped = Initial.Skipped();
        using Mc3Trunk trunk = new();
        using VideoBranch branch = new(new VideoConfig
        {
            FrameWidth = trunk.Width,
            TokenWidth = 768,
            MetadataSizes = MetadataVocabulary.Empty.Sizes,
        });

        // torchvision says 11,695,440 for mc3_18, of which its classifier has 512 * 400 + 400.
        Assert.Equal(11_695_440 - 205_200, trunk.ParameterCount);
        Assert.InRange(trunk.ParameterCount + branch.ParameterCount, 24_000_000, 26_000_000);
    }

    [Fact]
    public void Sizes_that_do_not_fit_together_are_an_error()
    {
        Assert.Throws<ArgumentException>(() => new VideoBranch(_small with { ModelWidth = 15, Heads = 1 }));
        Assert.Throws<ArgumentException>(() => new VideoBranch(_small with { Heads = 3 }));
    }

    private VideoInput Input() => new(
        _expected["frames"], _expected["has_frame"], _expected["tokens"], _expected["has_token"], _expected["metadata"]);

    private VideoBranch Load()
    {
        VideoBranch branch = new(_small);
        Assert.Empty(branch.LoadState(
            _expected.Where(entry => entry.Key.StartsWith("state/", StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key["state/".Length..], entry => entry.Value),
            "fixture"));
        return branch;
    }
}
