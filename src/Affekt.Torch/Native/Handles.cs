using Microsoft.Win32.SafeHandles;

namespace Affekt.Torch.Native;

/// <summary>Owns one <c>att_tensor</c>.</summary>
internal sealed class TensorHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public TensorHandle(nint handle) : base(ownsHandle: true) => SetHandle(handle);

    protected override bool ReleaseHandle()
    {
        Interop.TensorFree(handle);
        return true;
    }
}

/// <summary>Owns one <c>att_object</c>.</summary>
internal sealed class ObjectHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public ObjectHandle(nint handle) : base(ownsHandle: true) => SetHandle(handle);

    protected override bool ReleaseHandle()
    {
        Interop.ObjectFree(handle);
        return true;
    }
}
