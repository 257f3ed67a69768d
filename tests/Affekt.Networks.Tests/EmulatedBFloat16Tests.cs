using Affekt.Tests.Text;
using Affekt.Tests.Weights;

namespace Affekt.Tests;

/// <summary>The encoders in bfloat16, on a processor with its instructions or without.</summary>
public sealed class EmulatedBFloat16Tests
{
    [Fact]
    public Task Encoders_hold_in_bfloat16() =>
        EmulatedBFloat16.RunAsync(typeof(BertParityTests), typeof(LinearPrecisionTests));
}
