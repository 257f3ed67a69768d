namespace Affekt.Onnx.Sessions;

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
