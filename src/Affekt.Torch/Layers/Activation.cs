namespace Affekt.Torch.Layers;

/// <summary>What packed layers can put after a product; the numbers of the native part's <c>Activation</c>.</summary>
public enum Activation
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>max(x, 0).</summary>
    Relu = 1,

    /// <summary>x times the normal distribution's share below x (Hendrycks and Gimpel, 2016), by erf.</summary>
    Gelu = 2,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh = 3,
}
