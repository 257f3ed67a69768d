namespace Affekt.Tests;

/// <summary>Products, layers and convolutions in bfloat16, on a processor with its instructions or without.</summary>
public sealed class EmulatedBFloat16Tests
{
    [Fact]
    public Task Packed_layers_hold_in_bfloat16() => EmulatedBFloat16.RunAsync(typeof(PackedLayerTests));
}
