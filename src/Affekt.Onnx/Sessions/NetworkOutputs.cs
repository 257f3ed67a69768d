using System.Collections;

namespace Affekt.Onnx.Sessions;

/// <summary>What a call of a network gave, in the order in which it was asked for. Disposing it frees all of them.</summary>
public sealed class NetworkOutputs : IReadOnlyList<NetworkTensor>, IDisposable
{
    private readonly IReadOnlyList<string> _names;
    private readonly NetworkTensor[] _tensors;

    internal NetworkOutputs(IReadOnlyList<string> names, NetworkTensor[] tensors) => (_names, _tensors) = (names, tensors);

    /// <inheritdoc/>
    public int Count => _tensors.Length;

    /// <inheritdoc/>
    public NetworkTensor this[int index] => _tensors[index];

    /// <summary>The output of this name.</summary>
    /// <exception cref="KeyNotFoundException">The call was not asked for it.</exception>
    public NetworkTensor this[string name]
    {
        get
        {
            for (int i = 0; i < _tensors.Length; i++)
            {
                if (_names[i] == name)
                    return _tensors[i];
            }

            throw new KeyNotFoundException($"no output {name} among {string.Join(", ", _names)}");
        }
    }

    /// <inheritdoc/>
    public IEnumerator<NetworkTensor> GetEnumerator() => _tensors.AsEnumerable().GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NetworkTensor tensor in _tensors)
            tensor.Dispose();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
