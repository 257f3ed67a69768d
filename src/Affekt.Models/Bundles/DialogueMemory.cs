using Affekt.Corpora;
using Affekt.Models.Branches;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Bundles;

/// <summary>What is known of an utterance: features of the modalities that are there, and metadata.</summary>
/// <param name="Text">Text features; null where there is no text.</param>
/// <param name="Audio">Audio features; null where there is no usable sound.</param>
/// <param name="Metadata">The five categories.</param>
public sealed record UtteranceFeatures(float[]? Text, float[]? Audio, MetadataFeatures Metadata);

/// <summary>
/// Follows one dialogue: each utterance is answered with what came before in mind, at the same cost however long the
/// dialogue is. For use by one thread at a time.
/// </summary>
/// <param name="bundle">The models; they stay open as long as this is used.</param>
public sealed class DialogueMemory(Bundle bundle) : IDisposable
{
    private LstmState? _state;

    /// <summary>
    /// Seven calibrated probabilities of the utterance with some of its modalities, or null where none is there. Nothing is
    /// remembered.
    /// </summary>
    public double[]? Ask(UtteranceFeatures utterance)
    {
        if (utterance is { Text: null, Audio: null })
            return null;
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        return Probabilities(utterance, Run(utterance).Logits);
    }

    /// <summary>
    /// As <see cref="Ask"/>, and the utterance is remembered; one without any modality is remembered as such.
    /// </summary>
    public double[]? Next(UtteranceFeatures utterance)
    {
        double[] logits = NextLogits(utterance);
        return utterance is { Text: null, Audio: null } ? null : Probabilities(utterance, logits);
    }

    /// <summary>As <see cref="Next"/>, before calibration; for fitting temperatures.</summary>
    public double[] NextLogits(UtteranceFeatures utterance)
    {
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        (double[] logits, LstmState after) = Run(utterance);
        Forget();
        _state = new LstmState(TensorScope.Detached(after.Hidden), TensorScope.Detached(after.Cell));
        return logits;
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();

    private (double[] Logits, LstmState After) Run(UtteranceFeatures utterance)
    {
        AudioTextConfig sizes = bundle.AudioText.Config;
        long[] categories = new long[MetadataFeatures.Names.Count];
        utterance.Metadata.CopyTo(categories);
        AudioTextInput input = new(
            Row(utterance.Text, sizes.TextWidth), Flag(utterance.Text), Row(utterance.Audio, sizes.AudioWidth),
            Flag(utterance.Audio), Tensor.From<long>(categories, 1, 1, categories.Length));
        (Tensor logits, LstmState after) = bundle.AudioText.Forward(input, _state ?? bundle.AudioText.Start(1));
        return (Array.ConvertAll(logits.ToArray<float>(), value => (double)value), after);
    }

    private double[] Probabilities(UtteranceFeatures utterance, double[] logits)
    {
        double temperature = bundle.Config.Calibration.Temperature(utterance.Text is not null, utterance.Audio is not null);
        double most = logits.Max();
        double[] powers = [.. logits.Select(logit => Math.Exp((logit - most) / temperature))];
        double sum = powers.Sum();
        return [.. powers.Select(power => power / sum)];
    }

    private static Tensor Row(float[]? features, int width) =>
        features is null ? Tensor.Zeros(1, 1, width) : Tensor.From<float>(features, 1, 1, width);

    private static Tensor Flag(float[]? features) => Tensor.Full(features is null ? 0 : 1, 1, 1, 1);

    private void Forget()
    {
        _state?.Hidden.Dispose();
        _state?.Cell.Dispose();
        _state = null;
    }
}
