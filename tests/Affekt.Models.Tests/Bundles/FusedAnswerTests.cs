using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Tests.Bundles;

/// <summary>What a bundle with both branches says, whatever is missing.</summary>
[Collection(nameof(Alone))]
public sealed class FusedAnswerTests : IDisposable
{
    private static readonly FusionConfig _perClass = new()
    {
        Kind = FusionKind.PerClass,
        AudioText = 0.7,
        Video = 0.3,
        Scales = [4, 5, 6, 7, 6, 5, 4],
    };

    private readonly BundleFolder _folder = new(
        new BundleCalibration(2, 0.5, 3, 0) { Video = 0.7, Fused = 0.6 }, _perClass);

    private readonly Bundle _bundle;
    private readonly UtteranceFeatures _whole;

    public FusedAnswerTests()
    {
        _bundle = _folder.Open();
        Random random = new(3);
        VideoConfig sizes = _bundle.Config.Video!.Network;
        _whole = new UtteranceFeatures(
            Values(_bundle.Config.AudioText.Network.TextWidth), Values(_bundle.Config.AudioText.Network.AudioWidth),
            new MetadataTracker(_bundle.Metadata).Next("Joey", 1500))
        {
            Tokens = Values(3 * sizes.TokenWidth),
            Frames = new FrameFeatures(Values(4 * sizes.FrameWidth), [true, false, true, true], null, []),
        };

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_video_branch_reads_frames_words_and_metadata_and_is_softened_by_its_temperature()
    {
        using TensorScope scope = new();
        VideoConfig sizes = _bundle.Config.Video!.Network;
        long[] metadata = new long[5];
        _whole.Metadata.CopyTo(metadata);
        VideoInput input = new(
            Tensor.From<float>(_whole.Frames!.Values!, 1, 4, sizes.FrameWidth), Tensor.From<float>([1f, 0, 1, 1], 1, 4, 1),
            Tensor.From<float>(_whole.Tokens!, 1, 3, sizes.TokenWidth), Tensor.Full(1, 1, 3, 1),
            Tensor.From<long>(metadata, 1, 5));
        using VideoBranch trained = _folder.VideoBranch();
        float[] expected = (trained.Forward(input) / 0.7).Softmax(1).ToArray<float>();
        Stored.Close(expected, Floats(Ask(_whole).Video!.Probabilities), 1e-5);

        // Without words the learned stand-in is read.
        VideoInput silent = input with { Tokens = Tensor.Zeros(1, 1, sizes.TokenWidth), HasToken = Tensor.Zeros(1, 1, 1) };
        expected = (trained.Forward(silent) / 0.7).Softmax(1).ToArray<float>();
        Stored.Close(expected, Floats(Ask(_whole.Keep(text: false, audio: false, video: true)).Video!.Probabilities), 1e-5);
    }

    [Fact]
    public void Both_branches_are_fused_and_softened()
    {
        UtteranceAnswer answer = Ask(_whole);
        Assert.Equal((0.7, 0.3), (answer.AudioText!.Weight, answer.Video!.Weight));
        double[] fused = new BranchFusion(_perClass).Fuse(answer.AudioText.Probabilities, answer.Video.Probabilities).Probabilities;
        double[] powers = [.. fused.Select(p => Math.Pow(p, 1 / 0.6))];
        Assert.Equal(powers.Select(power => power / powers.Sum()), answer.Probabilities, (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(1, answer.Probabilities.Sum(), 9);
    }

    [Fact]
    public void Sound_without_words_counts_beside_a_picture_as_far_as_it_is_trusted()
    {
        _folder.WriteBranch(audioTrust: 0.25);
        using Bundle bundle = _folder.Open();
        UtteranceAnswer answer = Ask(_whole.Keep(text: false, audio: true, video: true), bundle);
        double[] powers = [.. answer.AudioText!.Probabilities.Select(p => Math.Pow(p, 0.25))];
        double[] evidence = [.. powers.Select(power => power / powers.Sum())];
        Assert.Equal(evidence, answer.AudioText.Evidence, (a, b) => Math.Abs(a - b) < 1e-9);
        double[] fused = new BranchFusion(_perClass).Fuse(evidence, answer.Video!.Probabilities).Probabilities;
        double[] softened = [.. fused.Select(p => Math.Pow(p, 1 / 0.6))];
        Assert.Equal(softened.Select(power => power / softened.Sum()), answer.Probabilities, (a, b) => Math.Abs(a - b) < 1e-9);

        UtteranceAnswer spoken = Ask(_whole, bundle);
        Assert.Equal(spoken.AudioText!.Probabilities, spoken.AudioText.Evidence);
        UtteranceAnswer alone = Ask(_whole.Keep(text: false, audio: true, video: false), bundle);
        Assert.Equal(alone.AudioText!.Probabilities, alone.Probabilities);
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void A_branch_that_is_alone_answers_with_all_the_weight(bool text, bool audio, bool video)
    {
        UtteranceAnswer answer = Ask(_whole.Keep(text, audio, video));
        BranchShare only = (answer.AudioText ?? answer.Video)!;
        Assert.Equal(video, answer.AudioText is null);
        Assert.Equal(!video, answer.Video is null);
        Assert.Equal(1, only.Weight);
        Assert.Equal(only.Probabilities, answer.Probabilities);
    }

    [Fact]
    public void All_seven_subsets_of_the_modalities_answer_and_differ()
    {
        List<double[]> answers = [];
        for (int subset = 1; subset < 8; subset++)
            answers.Add(Ask(_whole.Keep((subset & 1) > 0, (subset & 2) > 0, (subset & 4) > 0)).Probabilities);
        Assert.All(answers, answer => Assert.Equal(1, answer.Sum(), 9));
        Assert.Equal(7, answers.Select(answer => string.Join(' ', answer)).Distinct().Count());
    }

    [Fact]
    public void Pictures_that_cannot_be_used_are_as_good_as_none()
    {
        UtteranceFeatures blind = _whole with { Frames = FrameFeatures.Unusable(8, "no face in 8 of 8 frames") };
        Assert.Equal(Ask(_whole.Keep(true, true, false)).Probabilities, Ask(blind).Probabilities);
        using DialogueMemory memory = new(_bundle);
        Assert.Null(memory.Ask(blind.Keep(text: false, audio: false, video: true)));
    }

    [Fact]
    public void A_bundle_without_a_video_branch_passes_over_pictures()
    {
        using BundleFolder deaf = new();
        using Bundle bundle = deaf.Open();
        using DialogueMemory memory = new(bundle);
        UtteranceFeatures known = _whole with { Metadata = new MetadataTracker(bundle.Metadata).Next("Joey", 1500) };
        Assert.Null(bundle.Video);
        Assert.Null(memory.Ask(known)!.Video);
        Assert.Null(memory.Ask(known.Keep(text: false, audio: false, video: true)));
    }

    [Theory]
    [InlineData("video", "null", "video: found nothing")]
    [InlineData("video_encoder", "null", "video_encoder: found nothing")]
    [InlineData("video_encoder.kind", "\"eyes\"", "video_encoder.kind")]
    [InlineData("video_encoder", "{\"kind\":\"face\",\"weights\":\"video-encoder.safetensors\",\"shift\":9}", "video_encoder.shift")]
    [InlineData("video.weights", "\"elsewhere.safetensors\"", "elsewhere.safetensors")]
    [InlineData("video.network.metadata_sizes", "[1,2]", "video.network.metadata_sizes")]
    [InlineData("video.network.head_width", "5", "head.hidden")]
    [InlineData("fusion.kind", "\"deep\"", "fusion.kind")]
    [InlineData("fusion.audio_text", "0.9", "fusion.audio_text")]
    [InlineData("fusion.scales", "[1]", "fusion.scales")]
    [InlineData("calibration.video", "0", "calibration.video")]
    [InlineData("calibration.fused", "-1", "calibration.fused")]
    public void A_video_part_or_fusion_that_cannot_be_is_refused_by_its_place(string field, string value, string place) =>
        Assert.Contains(place, _folder.RefusedWith(field, value), StringComparison.Ordinal);

    [Fact]
    public void The_hash_covers_the_video_branch()
    {
        string before = _bundle.Hash;
        _folder.WriteVideo(seed: 9);
        using Bundle changed = _folder.Open();
        Assert.NotEqual(before, changed.Hash);
        Assert.Contains("video.safetensors", changed.FileNames);
    }

    private static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);

    private UtteranceAnswer Ask(UtteranceFeatures utterance, Bundle? bundle = null)
    {
        using DialogueMemory memory = new(bundle ?? _bundle);
        UtteranceAnswer asked = memory.Ask(utterance)!;
        Assert.Equal(asked.Probabilities, memory.Next(utterance)!.Probabilities);
        return asked;
    }
}
