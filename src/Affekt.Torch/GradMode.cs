using Affekt.Torch.Native;

namespace Affekt.Torch;

/// <summary>Switches what autograd records on the calling thread; disposing goes back. Nests; no <c>await</c> between.</summary>
public sealed class GradMode : IDisposable
{
    private readonly bool _before;
    private readonly nint _inference;
    private bool _closed;

    private GradMode(bool before, nint inference)
    {
        _before = before;
        _inference = inference;
    }

    /// <summary>Nothing is recorded; tensors made here may still be used by autograd later.</summary>
    public static GradMode NoGrad()
    {
        Interop.Check(Interop.SetGradMode(0, out int before, out NativeError error), error);
        return new GradMode(before != 0, 0);
    }

    /// <summary>Nothing is recorded, with the least bookkeeping; tensors made here can never take part in autograd.</summary>
    public static GradMode Inference()
    {
        Interop.Check(Interop.InferenceEnter(out nint mode, out NativeError error), error);
        return new GradMode(false, mode);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        if (_inference != 0)
            Interop.InferenceLeave(_inference);
        else
            Interop.Check(Interop.SetGradMode(_before ? 1 : 0, out _, out NativeError error), error);
    }
}
