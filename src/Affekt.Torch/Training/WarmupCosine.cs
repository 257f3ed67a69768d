namespace Affekt.Torch.Training;

/// <summary>
/// A learning-rate schedule: linear from 0 over the first share of the steps, then half a cosine down to 0.
/// </summary>
/// <param name="Steps">Steps of the whole run, at least 1.</param>
/// <param name="Warmup">The share of the steps that warms up, in [0, 1].</param>
public sealed record WarmupCosine(long Steps, double Warmup)
{
    /// <summary>The factor on the learning rate at a step, counted from 0, in [0, 1].</summary>
    public double Factor(long step)
    {
        double warmup = Math.Max(1, Steps * Warmup);
        if (step < warmup)
            return (step + 1) / warmup;
        double done = (step - warmup) / Math.Max(1, Steps - warmup);
        return 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, done)));
    }
}
