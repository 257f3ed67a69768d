using Affekt.Models.Fusion;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Training.Fusion;

/// <summary>
/// Deep fusion with gradients; <see cref="BranchFusion"/> computes the same with the numbers that come out. N utterances.
/// </summary>
internal sealed class FusionNetwork : Module
{
    private readonly FusionKind _kind;
    private readonly Tensor _mix;
    private readonly Tensor _scale;
    private readonly Tensor? _bias;

    /// <summary>Equal weights, and an enhancement that changes nothing.</summary>
    public FusionNetwork(FusionKind kind, int labels)
    {
        _kind = kind;
        _mix = Parameter("mix", Tensor.Full(0.5, 2));
        if (kind == FusionKind.PerClass)
        {
            _scale = Parameter("scales", Tensor.Full(1, labels));
            return;
        }

        float[] identity = new float[labels * labels];
        for (int i = 0; i < labels; i++)
            identity[i * (labels + 1)] = 1;
        _scale = Parameter("matrix", Tensor.From<float>(identity, labels, labels));
        _bias = Parameter("bias", Tensor.Zeros(labels));
    }

    /// <summary>Logits [N, C] from what each branch says [N, C], as probabilities or as their logarithms.</summary>
    public Tensor Forward(Tensor audioText, Tensor video)
    {
        Tensor sum_NC = (audioText * _mix.Narrow(0, 0, 1)) + (video * _mix.Narrow(0, 1, 1));
        return _kind == FusionKind.PerClass ? sum_NC * _scale : sum_NC.Linear(_scale, _bias);
    }

    /// <summary>Brings the weights back to a + b = 1 and a, b >= 0.</summary>
    public void Project()
    {
        using GradMode noGrad = GradMode.NoGrad();
        float[] mix = _mix.ToArray<float>();
        (double audioText, double video) = BranchFusion.Project(mix[0], mix[1]);
        using TensorScope scope = new();
        _mix.CopyFrom(Tensor.From<float>([(float)audioText, (float)video], 2));
    }

    /// <summary>The numbers, as a bundle keeps them.</summary>
    public FusionConfig ToConfig(FusionInput reads)
    {
        double audioText = _mix.ToArray<float>()[0];
        double[] scale = Array.ConvertAll(_scale.ToArray<float>(), value => (double)value);
        FusionConfig config = new() { Kind = _kind, Reads = reads, AudioText = audioText, Video = 1 - audioText };
        return _kind == FusionKind.PerClass
            ? config with { Scales = scale }
            : config with
            {
                Matrix = [.. scale.Chunk((int)_scale.Shape[0])],
                Bias = Array.ConvertAll(_bias!.ToArray<float>(), value => (double)value),
            };
    }
}
