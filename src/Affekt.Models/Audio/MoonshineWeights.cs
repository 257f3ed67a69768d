using System.Text.RegularExpressions;
using Affekt.Models.Speech;
using Affekt.Models.Weights;
using Affekt.Onnx;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Models.Audio;

/// <summary>
/// Takes Moonshine's weights out of its ONNX file, where the matrices have lost their names: they are found through the
/// nodes that multiply by them, and lie transposed.
/// </summary>
internal static partial class MoonshineWeights
{
    public static MoonshineEncoder LoadEncoder(string file, int layers)
    {
        using StateFile state = StateFile.Open(file);
        if (state is not OnnxFile onnx)
            throw new ModelException(file, null, "no ONNX file", "Moonshine's encoder_model.onnx");

        using TensorScope scope = new();
        Dictionary<string, Tensor> tensors = [];
        foreach (StoredTensor stored in onnx.Tensors.Values.Where(t => t.Type == ElementType.Float32))
            tensors[stored.Name] = Read(stored);
        foreach (OnnxNode node in onnx.Nodes.Where(node => node.OpType == "MatMul"))
        {
            if (MatrixNode().Match(node.Name) is { Success: true } match && onnx.FindInput(node, 1) is { } matrix
                && matrix.Shape.Length == 2)
            {
                tensors[Published($"{match.Groups[1].Value}.weight")] = Read(matrix).Transpose(0, 1);
            }
        }

        // The group norm's two vectors are the only ones of this shape that a product and a sum read.
        foreach (OnnxNode node in onnx.Nodes.Where(node => GroupNormNode().IsMatch(node.Name)))
        {
            if (onnx.FindInput(node, 1) is { } vector && vector.Shape is [MoonshineEncoder.Width, 1])
                tensors[node.OpType == "Mul" ? "groupnorm.weight" : "groupnorm.bias"] = Read(vector).Reshape(MoonshineEncoder.Width);
        }

        MoonshineEncoder network;
        using (Initial.Skipped())
            network = new MoonshineEncoder(layers);
        try
        {
            network.LoadState(tensors, file);
        }
        catch (StateMismatchException e)
        {
            network.Dispose();
            throw new ModelException(file, null, e.Message, "Moonshine-tiny's encoder", e);
        }

        network.RequireGrad(false);
        return network;
    }

    /// <summary>
    /// The file holds the network twice, with and without what earlier steps left; the second is read, and what both share.
    /// </summary>
    public static MoonshineDecoder LoadDecoder(string file)
    {
        using StateFile state = StateFile.Open(file);
        if (state is not OnnxFile onnx)
            throw new ModelException(file, null, "no ONNX file", "Moonshine's decoder_model_merged.onnx");

        using TensorScope scope = new();
        Dictionary<string, Tensor> tensors = [];
        foreach (StoredTensor stored in onnx.Tensors.Values.Where(t => t.Type == ElementType.Float32))
        {
            if (DecoderVector().Match(stored.Name) is { Success: true } match)
                tensors[Published(match.Groups[1].Value)] = Read(stored);
        }

        foreach (OnnxNode node in onnx.Nodes.Where(node => node.OpType == "MatMul" && node.Scope == "else/"))
        {
            if (DecoderMatrixNode().Match(node.Name) is { Success: true } match && onnx.FindInput(node, 1) is { } matrix)
                tensors[Published($"{match.Groups[1].Value}.weight")] = Read(matrix).Transpose(0, 1);
        }

        MoonshineDecoder network;
        using (Initial.Skipped())
            network = new MoonshineDecoder();
        try
        {
            network.LoadState(tensors, file);
        }
        catch (StateMismatchException e)
        {
            network.Dispose();
            throw new ModelException(file, null, e.Message, "Moonshine-tiny's decoder", e);
        }

        network.RequireGrad(false);
        return network;
    }

    private static Tensor Read(StoredTensor stored) => stored.ToTorch();

    // The graph calls the attentions' "o_proj" "dense", and the decoder's "fc1" and "fc2" "up_proj" and "down_proj".
    private static string Published(string name) => name.Replace('/', '.')
        .Replace("attn.dense", "attn.o_proj", StringComparison.Ordinal)
        .Replace("mlp.up_proj", "mlp.fc1", StringComparison.Ordinal)
        .Replace("mlp.down_proj", "mlp.fc2", StringComparison.Ordinal);

    [GeneratedRegex("^/(layers\\.\\d+/.+)/MatMul$")]
    private static partial Regex MatrixNode();

    [GeneratedRegex("^/model/decoder/(layers\\.\\d+/.+_proj|layers\\.\\d+/.+/dense)/MatMul$")]
    private static partial Regex DecoderMatrixNode();

    [GeneratedRegex("^model\\.decoder\\.(.+\\.(?:weight|bias))_merged_0$")]
    private static partial Regex DecoderVector();

    [GeneratedRegex("^/groupnorm/(Mul|Add)")]
    private static partial Regex GroupNormNode();
}
