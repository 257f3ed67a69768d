using System.Globalization;
using Affekt.Torch.Training;

namespace Affekt.Training;

/// <summary>A training that cannot go on, such as one whose loss is no number any more.</summary>
/// <param name="message">What was found, what was expected, and where.</param>
public sealed class TrainingException(string message) : Exception(message)
{
    private const string WhatToDo = "the last epoch that was finished stays as it is; a smaller learning_rate or clip_norm may help";

    /// <summary>Throws unless a step's loss and its gradients are numbers; to be asked before the weights are moved.</summary>
    /// <param name="meter">Tells which step it is.</param>
    /// <param name="loss">The step's loss.</param>
    /// <param name="gradientLength">The gradients' joint length; null where nobody needed it, so that it is asked only for the message.</param>
    /// <param name="optimizer">Has the gradients.</param>
    /// <param name="scale">The schedule's factor on the learning rate.</param>
    internal static void ThrowUnlessFinite(EpochMeter meter, double loss, double? gradientLength, AdamW optimizer, double scale)
    {
        if (double.IsFinite(loss) && double.IsFinite(gradientLength ?? 0))
            return;
        throw new TrainingException(string.Create(
            CultureInfo.InvariantCulture,
            $"{meter.NextStep}: found a loss of {loss} at a learning rate of {optimizer.Rate(scale):0.###e+0} and a gradient norm of {gradientLength ?? optimizer.GradientLength():0.###e+0}, expected numbers; {WhatToDo}"));
    }

    /// <summary>What an epoch that left weights which are no numbers ends with.</summary>
    internal static TrainingException OfWeights(string stage, int epoch, string name) => new(string.Create(
        CultureInfo.InvariantCulture, $"{stage}, epoch {epoch}: found values in {name} that are no numbers, expected numbers; {WhatToDo}"));
}
