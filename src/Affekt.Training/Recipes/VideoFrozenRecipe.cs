using Affekt.Models.Bundles;

namespace Affekt.Training.Recipes;

/// <summary>
/// Trains the video branch on a corpus's clips from the features that frozen encoders made of their pictures and words (affekt
/// prepare). Writes what the task "fusion" joins with an audio-text branch that reads with the same text encoder.
/// </summary>
public sealed record VideoFrozenRecipe : FrozenRecipe
{
    /// <summary>
    /// The frame encoder, as the bundle will name it; its weights are relative to the recipe. Of a ViT they may be owner/name, or
    /// owner/name@revision, on Hugging Face's hub; the run keeps a copy.
    /// </summary>
    public required VideoEncoderPart VideoEncoder { get; init; }

    /// <summary>
    /// The bundle, or run with a bundle for each seed, that the video branch will be joined with: its text encoder, with the weights of layers that
    /// it learned, is read with in place of text_encoder. Default: none.
    /// </summary>
    public string? AudioText { get; init; }

    /// <summary>Features inside the branch's transformer.</summary>
    public int ModelWidth { get; init; } = 512;

    /// <summary>Blocks of the branch's transformer.</summary>
    public int Blocks { get; init; } = 4;

    /// <summary>Heads of each block.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>Features inside each block's feed-forward part.</summary>
    public int FeedForwardWidth { get; init; } = 2048;

    /// <summary>Features of the layer before the logits.</summary>
    public int HeadWidth { get; init; } = 256;

    /// <summary>Clips of a step of the optimizer.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Dropout inside the transformer's blocks.</summary>
    public double BlockDropout { get; init; } = 0.1;

    /// <summary>The probability that a clip's text is withheld while training.</summary>
    public double TextDropout { get; init; } = 0.3;

    /// <summary>The probability that a clip's speaker is hidden while training.</summary>
    public double SpeakerDropout { get; init; } = 0.3;

    /// <summary>The text encoder that the branch reads with.</summary>
    /// <exception cref="Models.ModelException">audio_text names no bundle, or no run that has one.</exception>
    public TextEncoderPart FindTextEncoder() => TextEncoderOf(AudioText, TextEncoder);

    private protected override bool LearnsLayers => AudioText is not null;

    /// <inheritdoc/>
    protected override void Check()
    {
        base.Check();
        Require(
            VideoEncoderPart.Kinds.Contains(VideoEncoder.Kind), "video_encoder.kind", $"\"{VideoEncoder.Kind}\"",
            string.Join(", ", VideoEncoderPart.Kinds.Select(kind => $"\"{kind}\"")));
        Require(
            VideoEncoder.Side is null or (>= VideoEncoderPart.LeastSide and <= VideoEncoderPart.LargestSide), "video_encoder.side",
            $"{VideoEncoder.Side}", $"{VideoEncoderPart.LeastSide} to {VideoEncoderPart.LargestSide}");
        RequireTransformer(ModelWidth, Blocks, Heads, FeedForwardWidth);
        RequireCount(HeadWidth, "head_width");
        RequireCount(Batch, "batch");
        RequireShare(BlockDropout, "block_dropout", below1: true);
        RequireShare(TextDropout, "text_dropout");
        RequireShare(SpeakerDropout, "speaker_dropout");
    }
}
