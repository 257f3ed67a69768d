using Affekt.Models.Branches;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Networks;

/// <summary>What the video branch reads of B utterances with T frames and texts of up to L tokens.</summary>
/// <param name="Frames">Features of each frame [B, T, frame width]; anything where the frame is missing.</param>
/// <param name="HasFrame">1 where there is a frame, else 0, [B, T, 1].</param>
/// <param name="Tokens">States of the text's tokens [B, L, token width], L at least 1; anything where there is no token.</param>
/// <param name="HasToken">1 for a token, 0 for padding and all along a text that is missing, [B, L, 1].</param>
/// <param name="Metadata">Category indexes [B, categories], Int64.</param>
public sealed record VideoInput(Tensor Frames, Tensor HasFrame, Tensor Tokens, Tensor HasToken, Tensor Metadata)
{
    /// <summary>The same on a device.</summary>
    public VideoInput To(Device device) =>
        new(Frames.To(device), HasFrame.To(device), Tokens.To(device), HasToken.To(device), Metadata.To(device));
}

/// <summary>
/// The video branch: frames + sinusoidal positions -> post-norm transformer -> mean over the frames; joined with attended text
/// and metadata -> linear -> ReLU -> dropout -> linear -> 7 logits. Together with a 3-d convolutional trunk this is the
/// "MIMAMO Net" (modality-invariant multi-modal attention network) of the source, which is not the AAAI 2020 network of that
/// name (Deng et al., micro and macro motion).
/// </summary>
/// <remarks>
/// A frame that is missing is attended to by none and left out of the mean; the others keep their positions. Where all are
/// missing, a learned vector takes the place of the mean, as one does for a text that is missing.
/// </remarks>
public sealed class VideoBranch : Module
{
    private readonly Linear? _projection;
    private readonly TransformerBlock[] _blocks;
    private readonly Tensor _missingVideo;
    private readonly TokenAttention? _text;
    private readonly Embedding[] _categories;
    private readonly Linear? _metadata;
    private readonly Linear _hidden;
    private readonly Linear _output;
    private readonly Dropout _dropout;

    /// <summary>A branch with random weights.</summary>
    /// <exception cref="ArgumentException">The heads do not divide the width, or the width is odd.</exception>
    public VideoBranch(VideoConfig config)
    {
        if (config.ModelWidth % 2 != 0)
            throw new ArgumentException($"{config.ModelWidth} features, expected an even number", nameof(config));
        Config = config;
        if (config.FrameWidth != config.ModelWidth)
            _projection = Child("projection", new Linear(config.FrameWidth, config.ModelWidth));
        _blocks =
        [
            .. Enumerable.Range(0, config.Blocks).Select(i => Child(
                $"layers.{i}",
                new TransformerBlock(config.ModelWidth, config.Heads, config.FeedForwardWidth, config.BlockDropout))),
        ];
        _missingVideo = Parameter("missing_video", Tensor.Zeros(config.ModelWidth));
        if (config.ReadsText)
            _text = Child("text", new TokenAttention(config.TokenWidth, config.TextWidth));
        _categories =
        [
            .. config.MetadataSizes.Select((size, i) =>
                Child($"metadata.categories.{i}", new Embedding(size, config.MetadataEmbeddingWidth))),
        ];
        if (config.ReadsMetadata)
        {
            _metadata = Child(
                "metadata.projection",
                new Linear(config.MetadataSizes.Count * config.MetadataEmbeddingWidth, config.MetadataWidth));
        }

        int joined = config.ModelWidth + (config.ReadsText ? config.TextWidth : 0) + (config.ReadsMetadata ? config.MetadataWidth : 0);
        _hidden = Child("head.hidden", new Linear(joined, config.HeadWidth));
        _output = Child("head.output", new Linear(config.HeadWidth, config.Outputs));
        _dropout = Child("dropout", new Dropout(config.Dropout));
    }

    /// <summary>The sizes.</summary>
    public VideoConfig Config { get; }

    /// <summary>Whether training multiplies in bfloat16; see <see cref="Linear.UseMixedPrecision"/>.</summary>
    public void UseMixedPrecision(bool on)
    {
        foreach (Linear layer in Modules().OfType<Linear>())
            layer.UseMixedPrecision(on);
    }

    /// <summary>Logits [B, 7]; gradients flow into the frames and the tokens where they ask for them.</summary>
    public Tensor Forward(VideoInput input)
    {
        List<Tensor> parts = [Picture(input.Frames, input.HasFrame)];
        if (_text is not null)
            parts.Add(_text.Forward(input.Tokens, input.HasToken));
        if (_metadata is not null)
        {
            Tensor[] embedded = [.. _categories.Select((table, i) => table.Forward(input.Metadata.Select(1, i)))];
            parts.Add(_metadata.Forward(Tensor.Concat(embedded, 1)));
        }

        Tensor joined = Tensor.Concat([.. parts], 1);
        return _output.Forward(_dropout.Forward(_hidden.Forward(joined).Relu()));
    }

    /// <summary>
    /// Sinusoidal positions [T, D] (Vaswani et al., 2017, section 3.5): sines at even features, cosines at odd ones.
    /// </summary>
    internal static float[] Positions(int frames, int width)
    {
        float[] positions = new float[frames * width];
        for (int frame = 0; frame < frames; frame++)
        {
            for (int i = 0; i < width; i += 2)
            {
                (double sine, double cosine) = Math.SinCos(frame * Math.Pow(10_000, -(double)i / width));
                positions[(frame * width) + i] = (float)sine;
                positions[(frame * width) + i + 1] = (float)cosine;
            }
        }

        return positions;
    }

    // Frames [B, T, frame width] to [B, D].
    private Tensor Picture(Tensor frames, Tensor hasFrame)
    {
        long batch = frames.Shape[0], time = frames.Shape[1];
        Tensor x_BTD = MissingInputs.ZeroMissing(frames, hasFrame);
        if (_projection is not null)
            x_BTD = _projection.Forward(x_BTD);
        if (Config.Positions)
            x_BTD += Tensor.From<float>(Positions((int)time, Config.ModelWidth), time, Config.ModelWidth).To(frames.Device);
        Tensor mask = MissingInputs.ScoreMask(hasFrame).Reshape(batch, 1, 1, time);
        foreach (TransformerBlock block in _blocks)
            x_BTD = block.Forward(x_BTD, mask);
        Tensor count_B1 = hasFrame.Sum(1);
        Tensor mean_BD = (x_BTD * hasFrame).Sum(1) / count_B1.Clamp(1, null);
        return MissingInputs.FillMissing(mean_BD, count_B1.Clamp(0, 1), _missingVideo);
    }
}
