namespace Affekt.Models.Text;

/// <summary>A vocabulary or a tokenizer's configuration cannot be used; the message says what, where and why.</summary>
public sealed class TokenizerException : Exception
{
    /// <summary>Creates the exception with its message.</summary>
    public TokenizerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its message and what led to it.</summary>
    public TokenizerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
