using Affekt.Torch.Native;

namespace Affekt.Torch;

/// <summary>A value that only operators understand, such as the packed weights of a quantized layer.</summary>
public sealed class TorchObject : IDisposable
{
    internal TorchObject(ObjectHandle handle) => Handle = handle;

    internal ObjectHandle Handle { get; }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
