namespace Affekt.Onnx.Sessions;

/// <summary>A network that cannot be loaded or run, or an engine that is not there.</summary>
public sealed class EngineException : Exception
{
    /// <summary>An error about a network.</summary>
    /// <param name="network">Its name, or the file that it is in.</param>
    /// <param name="found">What is there.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="cause">The underlying error, or null.</param>
    public EngineException(string network, string found, string expected, Exception? cause = null)
        : base($"{network}: found {found}, expected {expected}", cause)
    {
    }
}
