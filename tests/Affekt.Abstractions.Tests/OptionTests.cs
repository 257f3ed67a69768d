using Affekt.Models.Speech;
using Affekt.Models.Video;
using Affekt.Recognition;

namespace Affekt.Tests;

/// <summary>A value that an option cannot have is told where it is set, and not passed over.</summary>
public sealed class OptionTests
{
    public static TheoryData<string, Action> Impossible => new()
    {
        { "MinConfidence", () => _ = new RecognitionRequest("a.wav") { MinConfidence = 1.01 } },
        { "MinConfidence", () => _ = new RecognitionRequest("a.wav") { MinConfidence = double.NaN } },
        { "SpeakerCount", () => _ = new RecognitionRequest("a.wav") { SpeakerCount = 0 } },
        { "MinConfidence", () => _ = new LiveOptions { MinConfidence = -0.01 } },
        { "SpeakerCount", () => _ = new LiveOptions { SpeakerCount = -1 } },
        { "MostPixels", () => _ = new LiveOptions { MostPixels = 0 } },
        { "LeastSound", () => _ = new LiveOptions { LeastSound = TimeSpan.FromTicks(-1) } },
        { "RunningSound", () => _ = new LiveOptions { RunningSound = TimeSpan.Zero } },
        { "RunningWords", () => _ = new LiveOptions { RunningWords = TimeSpan.FromTicks(-1) } },
        { "StartAt", () => _ = new SegmentationOptions { StartAt = 0 } },
        { "PauseBelow", () => _ = new SegmentationOptions { PauseBelow = double.NaN } },
        { "Pause", () => _ = new SegmentationOptions { Pause = TimeSpan.Zero } },
        { "ShortestSpeech", () => _ = new SegmentationOptions { ShortestSpeech = TimeSpan.FromTicks(-1) } },
        { "Margin", () => _ = new SegmentationOptions { Margin = TimeSpan.FromTicks(-1) } },
        { "Longest", () => _ = new SegmentationOptions { Longest = TimeSpan.FromSeconds(31) } },
        { "Duration", () => _ = new MemoryRecording { Duration = TimeSpan.Zero } },
        { "count", () => _ = new VideoFrames(default, -1, 2, 2) },
        { "width", () => _ = new VideoFrames(new byte[12], 1, -2, -2) },
        { "height", () => _ = new VideoFrames(default, 1, 2, 0) },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void An_impossible_value_is_refused_by_the_options_name(string name, Action set) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(set).ParamName);

    [Fact]
    public void Live_sound_is_cut_somehow() => Assert.Throws<ArgumentNullException>(() => new LiveOptions { Segmentation = null! });
}
