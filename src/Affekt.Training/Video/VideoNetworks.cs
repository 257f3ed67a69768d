using Affekt.Models;
using Affekt.Models.Branches;
using Affekt.Models.Text;
using Affekt.Networks;
using Affekt.Torch;
using Affekt.Training.Recipes;

namespace Affekt.Training.Video;

/// <summary>What a video run trains, and the frozen text encoder beside it.</summary>
internal sealed class VideoNetworks : IDisposable
{
    private readonly bool _trainTrunk;
    private readonly bool _batchStatistics;
    private readonly Device _device;

    public VideoNetworks(VideoRecipe recipe, TextEncoder text, MetadataVocabulary vocabulary, Device device)
    {
        _device = device;
        Text = text;
        _trainTrunk = recipe.TrainTrunk;
        _batchStatistics = recipe.BatchStatistics;
        Trunk = recipe.Trunk is { } file ? Mc3Trunk.Load(recipe.Resolve(file), out _) : new Mc3Trunk(recipe.TrunkWidth);
        Branch = new VideoBranch(new VideoConfig
        {
            FrameWidth = Trunk.Width,
            TokenWidth = text.Width,
            MetadataSizes = vocabulary.Sizes,
            Outputs = recipe.LabelSet.Count,
            ModelWidth = recipe.ModelWidth,
            Blocks = recipe.Blocks,
            Heads = recipe.Heads,
            FeedForwardWidth = recipe.FeedForwardWidth,
            Dropout = recipe.Dropout,
            BlockDropout = recipe.BlockDropout,
        });
        Trunk.To(device);
        Branch.To(device);
        Branch.UseMixedPrecision(recipe.Precision == "bf16");
        Trunk.RequireGrad(recipe.TrainTrunk);
        if (recipe.TrainTrunk)
            Trunk.UseMixedPrecision(recipe.Precision == "bf16");
        else
            Trunk.Prepare(recipe.Precision == "bf16" ? Precision.BFloat16 : Precision.Float32);
    }

    /// <summary>Words to token states.</summary>
    public TextEncoder Text { get; }

    /// <summary>Pictures to features.</summary>
    public Mc3Trunk Trunk { get; }

    /// <summary>Features to emotions.</summary>
    public VideoBranch Branch { get; }

    /// <summary>All that is trained or gathered, by name.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State() => Named(_trainTrunk ? Trunk.State() : [], Branch.State());

    /// <summary>What the optimizer moves, by name.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Parameters() =>
        Named(_trainTrunk ? Trunk.NamedParameters() : [], Branch.NamedParameters());

    /// <summary>Switches between training and use.</summary>
    public void Train(bool on)
    {
        Branch.Train(on);
        Trunk.Train(on && _trainTrunk);
        Trunk.UseBatchStatistics(on && _trainTrunk && _batchStatistics);
    }

    /// <summary>Logits [B, C].</summary>
    /// <param name="pixels">Normalized pixels of each clip [1, 3, T, H, W]; null where a clip has no pictures.</param>
    /// <param name="tokens">Token ids of each clip; empty where there is no text.</param>
    /// <param name="metadata">Categories of each clip.</param>
    public Tensor Forward(IReadOnlyList<Tensor?> pixels, IReadOnlyList<long[]> tokens, IReadOnlyList<MetadataFeatures> metadata)
    {
        long batch = pixels.Count;
        (Tensor states, Tensor hasToken) = TokenStates(tokens);
        (Tensor frames, Tensor hasFrame) = Frames(pixels);
        long[] categories = new long[batch * MetadataFeatures.Names.Count];
        for (int row = 0; row < batch; row++)
            metadata[row].CopyTo(categories.AsSpan(row * MetadataFeatures.Names.Count));
        return Branch.Forward(new VideoInput(
            frames, hasFrame, states, hasToken, Tensor.From<long>(categories, batch, MetadataFeatures.Names.Count)).To(_device));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Trunk.Dispose();
        Branch.Dispose();
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Named(
        IEnumerable<(string Name, Tensor Tensor)> trunk, IEnumerable<(string Name, Tensor Tensor)> branch) =>
        trunk.Select(entry => ($"trunk.{entry.Name}", entry.Tensor)).Concat(branch.Select(entry => ($"branch.{entry.Name}", entry.Tensor)));

    private (Tensor States, Tensor HasToken) TokenStates(IReadOnlyList<long[]> tokens)
    {
        if (tokens.All(text => text.Length == 0))
            return (Tensor.Zeros(tokens.Count, 1, Text.Width), Tensor.Zeros(tokens.Count, 1, 1));
        TokenStates states = Text.TokenStates(tokens);
        float[] present = new float[tokens.Count * states.Longest];
        for (int row = 0; row < tokens.Count; row++)
            present.AsSpan(row * states.Longest, tokens[row].Length).Fill(1);
        return (
            Tensor.From<float>(states.Values, tokens.Count, states.Longest, Text.Width),
            Tensor.From<float>(present, tokens.Count, states.Longest, 1));
    }

    // Only clips with pictures pass the trunk.
    private (Tensor Frames, Tensor HasFrame) Frames(IReadOnlyList<Tensor?> pixels)
    {
        Tensor[] there = [.. pixels.OfType<Tensor>()];
        if (there.Length == 0)
            return (Tensor.Zeros(pixels.Count, 1, Trunk.Width), Tensor.Zeros(pixels.Count, 1, 1));
        Tensor features_NTC = Features(Tensor.Concat(there, 0).To(_device));
        long[] rows = new long[pixels.Count];
        float[] present = new float[pixels.Count];
        for (int row = 0, next = 0; row < rows.Length; row++)
        {
            if (pixels[row] is null)
                continue;
            (rows[row], present[row]) = (next++, 1);
        }

        long time = features_NTC.Shape[1];
        return (
            features_NTC.IndexSelect(0, Tensor.From<long>(rows, rows.Length).To(_device)),
            Tensor.From<float>(present, rows.Length, 1, 1).Expand(-1, time, 1));
    }

    private Tensor Features(Tensor pixels)
    {
        if (_trainTrunk)
            return Trunk.Forward(pixels);
        using GradMode noGrad = GradMode.NoGrad();
        return Trunk.Forward(pixels);
    }
}
