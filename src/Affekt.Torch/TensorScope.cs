namespace Affekt.Torch;

/// <summary>
/// Frees, when disposed, every tensor that its thread made since: a step's intermediate results go at once, without
/// waiting for a finalizer. Scopes nest; a scope is opened and closed on one thread, with no <c>await</c> between.
/// </summary>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? _current;

    private readonly TensorScope? _outer = _current;

    private readonly List<Tensor> _tensors = [];

    private bool _closed;

    /// <summary>Opens a scope on the calling thread.</summary>
    public TensorScope() => _current = this;

    /// <summary>Hands a tensor to the scope outside this one, or to the caller where there is none.</summary>
    public Tensor Keep(Tensor tensor)
    {
        // What is kept is mostly what was made last.
        int at = _tensors.LastIndexOf(tensor);
        if (at >= 0)
        {
            _tensors.RemoveAt(at);
            _outer?._tensors.Add(tensor);
        }

        return tensor;
    }

    /// <summary>Takes a tensor out of every scope: it lives until it is disposed of by itself.</summary>
    public static Tensor Detached(Tensor tensor)
    {
        for (TensorScope? scope = _current; scope is not null; scope = scope._outer)
        {
            int at = scope._tensors.LastIndexOf(tensor);
            if (at >= 0)
            {
                scope._tensors.RemoveAt(at);
                break;
            }
        }

        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_closed)
            return;
        if (_current != this)
            throw new InvalidOperationException("a TensorScope was closed out of order, or on another thread");
        _closed = true;
        _current = _outer;
        foreach (Tensor tensor in _tensors)
            tensor.Dispose();
        _tensors.Clear();
    }

    internal static void Register(Tensor tensor) => _current?._tensors.Add(tensor);
}
