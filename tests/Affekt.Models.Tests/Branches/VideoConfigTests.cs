using Affekt.Models;
using Affekt.Models.Branches;

namespace Affekt.Tests.Branches;

/// <summary>Sizes of a video branch that come from a file.</summary>
public sealed class VideoConfigTests
{
    private static readonly VideoConfig _paper = new() { FrameWidth = 512, TokenWidth = 768, MetadataSizes = [3, 9, 7, 3, 8] };

    [Fact]
    public void The_papers_sizes_are_taken() => _paper.Check("config.json", "network");

    [Fact]
    public void Sizes_that_no_network_can_have_are_refused_by_name()
    {
        (VideoConfig Config, string Field)[] wrong =
        [
            (_paper with { Heads = 0 }, "network.heads"), (_paper with { Heads = -8 }, "network.heads"),
            (_paper with { Heads = 7 }, "network.model_width"), (_paper with { ModelWidth = 0 }, "network.model_width"),
            (_paper with { ModelWidth = 9, Heads = 3 }, "network.model_width"), (_paper with { Blocks = -1 }, "network.blocks"),
            (_paper with { FeedForwardWidth = 0 }, "network.feed_forward_width"), (_paper with { HeadWidth = 0 }, "network.head_width"),
            (_paper with { TokenWidth = 0 }, "network.token_width"), (_paper with { FrameWidth = int.MaxValue }, "network.frame_width"),
        ];
        foreach ((VideoConfig config, string field) in wrong)
        {
            string message = Assert.Throws<ModelException>(() => config.Check("config.json", "network")).Message;
            Assert.Contains(field, message, StringComparison.Ordinal);
        }
    }
}
