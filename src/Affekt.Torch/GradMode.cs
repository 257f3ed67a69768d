using Affekt.Torch.Native;

namespace Affekt.Torch;

/// <summary>
/// Switches what autograd records on the calling thread; disposing goes back. Modes nest: the last one opened is closed
/// first, on the thread that opened it, with no <c>await</c> between.
/// </summary>
public sealed class GradMode : IDisposable
{
    [ThreadStatic]
    private static GradMode? _current;

    private readonly GradMode? _outer = _current;
    private readonly bool _before;
    private readonly nint _inference;
    private bool _closed;

    private GradMode(bool before, nint inference)
    {
        _before = before;
        _inference = inference;
        _current = this;
    }

    /// <summary>Nothing is recorded; tensors made here may still be used by autograd later.</summary>
    public static GradMode NoGrad()
    {
        Interop.Check(Interop.SetGradMode(0, out int before, out NativeError error), error);
        return new GradMode(before != 0, 0);
    }

    /// <summary>Nothing is recorded, with the least bookkeeping; what is made here never takes part in autograd.</summary>
    public static GradMode Inference()
    {
        Interop.Check(Interop.InferenceEnter(out nint mode, out NativeError error), error);
        return new GradMode(false, mode);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It is not the last mode opened on this thread.</exception>
    public void Dispose()
    {
        if (_closed)
            return;
        if (_current != this)
            throw new InvalidOperationException("a GradMode was closed out of order, or on another thread");
        _closed = true;
        _current = _outer;
        if (_inference != 0)
            Interop.InferenceLeave(_inference);
        else
            Interop.Check(Interop.SetGradMode(_before ? 1 : 0, out _, out NativeError error), error);
    }
}
