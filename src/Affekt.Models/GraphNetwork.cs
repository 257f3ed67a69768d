using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Models;

/// <summary>A network in ONNX Runtime, frozen and ready for use. Any number of threads may call it at once.</summary>
/// <typeparam name="TConfig">Its sizes.</typeparam>
public abstract class GraphNetwork<TConfig> : IDisposable
{
    private readonly Network[] _parts;

    private protected GraphNetwork(TConfig config, NetworkWeights weights, IReadOnlyList<string> statistics, params Network[] parts)
    {
        Config = config;
        Unused = weights.Unused;
        ParameterCount = weights.CountParameters([.. statistics, .. Unused]);
        _parts = parts;
    }

    /// <summary>The sizes.</summary>
    public TConfig Config { get; }

    /// <summary>How many numbers were trained.</summary>
    public long ParameterCount { get; }

    /// <summary>Tensors of the weights' file that the network has no place for, in its names, sorted.</summary>
    public IReadOnlyList<string> Unused { get; }

    private protected Network Network => _parts[0];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Network part in _parts)
            part.Dispose();
        GC.SuppressFinalize(this);
    }
}
