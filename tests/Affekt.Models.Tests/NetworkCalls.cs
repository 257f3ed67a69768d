using Affekt.Onnx.Sessions;
using Affekt.Torch;

namespace Affekt.Tests;

/// <summary>Networks of ONNX Runtime called with libtorch's tensors, to be compared with what libtorch gives.</summary>
internal static class NetworkCalls
{
    public static Dictionary<string, Tensor> Call(this Network network, params (string Name, Tensor Value)[] inputs)
    {
        List<(string, NetworkTensor)> fed = [];
        foreach ((string name, Tensor value) in inputs)
            fed.Add((name, ToNetwork(value)));
        using NetworkOutputs outputs = network.Run(fed);
        Dictionary<string, Tensor> found = [];
        for (int i = 0; i < outputs.Count; i++)
            found[network.Outputs[i]] = Tensor.From<float>(outputs[i].ToArray<float>(), [.. outputs[i].Shape]);
        foreach ((_, NetworkTensor tensor) in fed)
            tensor.Dispose();
        return found;
    }

    private static NetworkTensor ToNetwork(Tensor value) => value.Dtype switch
    {
        Dtype.Int64 => NetworkTensor.Over(value.ToArray<long>(), [.. value.Shape]),
        Dtype.UInt8 => NetworkTensor.Over(value.ToArray<byte>(), [.. value.Shape]),
        _ => NetworkTensor.Over(value.ToArray<float>(), [.. value.Shape]),
    };
}
