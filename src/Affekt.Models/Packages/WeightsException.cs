namespace Affekt.Models.Packages;

/// <summary>
/// Pretrained weights cannot be had, or are not what was pinned. The message says what was wanted, what was found,
/// and what to do by hand.
/// </summary>
public sealed class WeightsException : Exception
{
    /// <summary>Creates the exception.</summary>
    public WeightsException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
