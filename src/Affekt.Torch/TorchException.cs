namespace Affekt.Torch;

/// <summary>libtorch refused a call, or could not be loaded. The message is libtorch's own, or says what was tried.</summary>
public sealed class TorchException : Exception
{
    /// <summary>An error with a message.</summary>
    public TorchException(string message) : base(message)
    {
    }

    /// <summary>An error with a message and its cause.</summary>
    public TorchException(string message, Exception cause) : base(message, cause)
    {
    }
}
