using Affekt.Onnx.StateFiles;

namespace Affekt.Cli.Features;

/// <summary>An encoder's folder, opened: inputs to tensors.</summary>
internal interface IFeatureEncoder : IDisposable
{
    /// <summary>What it reads, for messages.</summary>
    string Reads { get; }

    /// <summary>The levels that it has, of <see cref="FeatureLevel"/>.</summary>
    IReadOnlyList<string> Levels { get; }

    /// <summary>Stored tensors that the network has no place for.</summary>
    IReadOnlyList<string> Unused { get; }

    /// <summary>Whether it reads inputs of this kind.</summary>
    bool CanRead(FeatureInput input);

    /// <summary>
    /// The tensor of one input. The network may run as late as the bytes are written, so that they need not all be kept.
    /// </summary>
    Task<TensorToWrite> EncodeAsync(FeatureInput input, string level, CancellationToken cancellation);
}
