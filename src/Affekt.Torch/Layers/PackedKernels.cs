namespace Affekt.Torch.Layers;

/// <summary>
/// The native part's own kernels for use without training: products with weights packed once, norms and attention, with
/// bias, activation and residual in the same pass. They need a processor with AVX-512 VNNI; elsewhere networks run on
/// ATen's operators, as they do on other devices.
/// </summary>
public static class PackedKernels
{
    private static readonly Lazy<int> _level = new(() =>
    {
        if (!Operator.Exists("affekt::kernel_level"))
            return 0;
        using Tensor level = Operator.Get("affekt::kernel_level").Call();
        return (int)level.Item();
    });

    /// <summary>Whether this processor and this native part have them.</summary>
    public static bool Available => _level.Value > 0;

    /// <summary>Whether they multiply in bfloat16 too (AVX-512 BF16).</summary>
    public static bool HasBFloat16 => _level.Value > 1;

    /// <summary>Where there are no kernels for a network, prepares a network's linear layers for ATen's operators instead.</summary>
    /// <param name="network">A network whose transformer would be packed.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <returns>Whether that was done, so that nothing is to be packed.</returns>
    public static bool PrepareWithoutKernels(Module network, Precision precision)
    {
        if (Available && network.Device == Device.Cpu)
            return false;
        foreach (Linear layer in network.Modules().OfType<Linear>())
            layer.Prepare(precision);
        return true;
    }
}
