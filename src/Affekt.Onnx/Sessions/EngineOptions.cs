namespace Affekt.Onnx.Sessions;

/// <summary>How networks are computed.</summary>
public sealed record EngineOptions
{
    /// <summary>
    /// How networks are computed that are told nothing else: on the processor, with all of its threads. A program may set it before it
    /// loads any.
    /// </summary>
    public static EngineOptions Default { get; set; } = new();

    /// <summary>Threads that one call may use, at least 1; 0, the default, or more than this process has processors for as many as those.</summary>
    public int Threads { get; init; }

    /// <summary>What computes. The default is the processor.</summary>
    public ExecutionProvider Provider { get; init; }

    /// <summary>Which one, where the machine has several GPUs; from 0.</summary>
    public int Device { get; init; }

    /// <summary>
    /// Whether threads without work look for more for a moment before they sleep. It answers a few per cent sooner and takes processor
    /// time from everything else on the machine. The default is not to.
    /// </summary>
    public bool Spinning { get; init; }

    /// <summary>
    /// Whether memory for intermediate results is kept between calls. The default is not to: a call takes what it needs, uses it again from
    /// layer to layer and gives it back at its end, so that one long input doesn't hold memory for ever.
    /// </summary>
    public bool KeepsMemory { get; init; }
}

/// <summary>A network that cannot be loaded or run, or an engine that is not there.</summary>
/// <param name="network">Its name, or the file that it is in.</param>
/// <param name="found">What is there.</param>
/// <param name="expected">What should be there.</param>
/// <param name="cause">The underlying error, or null.</param>
public sealed class EngineException(string network, string found, string expected, Exception? cause = null)
    : Exception($"{network}: found {found}, expected {expected}", cause);

/// <summary>What computes a network.</summary>
public enum ExecutionProvider
{
    /// <summary>The processor; always there.</summary>
    Cpu,

    /// <summary>A GPU of NVIDIA's: <c>cuda</c>.</summary>
    Cuda,

    /// <summary>Any GPU under Windows: <c>directml</c>.</summary>
    DirectMl,

    /// <summary>Apple's GPU and neural engine: <c>coreml</c>.</summary>
    CoreMl,
}
