namespace Affekt.Torch.Layers;

/// <summary>The arithmetic of the large matrix products in use; everything around them stays in single precision.</summary>
public enum Precision
{
    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>bfloat16 operands, accumulated in single precision.</summary>
    BFloat16,

    /// <summary>Weights as int8 with a scale for each row, activations quantized as they come.</summary>
    Int8,
}
