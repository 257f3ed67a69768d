using Affekt.Models.Text;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Published;

/// <summary>Finds a folder's weights and makes networks of them.</summary>
internal sealed record PublishedNetworks(string Folder, PublishedConfig Config, PublishedOutputs Outputs, EngineOptions? Options, bool Int8)
{
    // What classifiers' tensors are called, and poolers', which not every use of a network reads.
    private static readonly string[] _heads = ["classifier.", "pre_classifier.", "projector.", "layer_weights", "pooler."];

    /// <summary>The ONNX file that stands for weights, where there are no others; null where there are.</summary>
    public string? OnnxFile { get; } = PublishedFolder.HasWeights(Folder)
        ? null
        : PublishedFolder.OnnxNames.Select(name => Path.Combine(Folder, name)).FirstOrDefault(File.Exists)
            ?? throw PublishedFolder.Without(Folder, [.. PublishedFolder.FileNames, PublishedFolder.OnnxNames[0]]);

    /// <summary>How many labels a graph gives scores for.</summary>
    public int Labels => Outputs.Classifier ? Config.Labels.Length : 0;

    /// <summary>How many layers' states stand side by side in the last states, once <see cref="RequireLayers"/> knows.</summary>
    public int SideBySide { get; private set; } = 1;

    /// <summary>Throws unless there are the layers that are asked for.</summary>
    /// <param name="layers">How many there are.</param>
    /// <exception cref="ModelException">There are not.</exception>
    public void RequireLayers(int layers)
    {
        foreach (int layer in Outputs.States)
        {
            if (layer < 0 || layer > layers)
                throw new ModelException(Config.File, "layers", $"{layers}", $"one with the number {layer}, which is asked for");
        }

        if (Outputs.Mix is { } mix && (mix.Count > 0 || Config.Input == PublishedInput.Picture))
            LayerMix.Require(Config.File, mix, layers);
        SideBySide = LayerMix.SideBySide(Outputs.Mix, layers);
        if (Outputs.Mix is not null && OnnxFile is not null)
            throw new ModelException(OnnxFile, "outputs", "one network as it is", "safetensors, for a mixture of its layers");
    }

    /// <summary>Builds and loads graphs from the folder's weights.</summary>
    /// <param name="rename">Gives the network's name for a stored tensor.</param>
    /// <param name="unused">Tensors that nothing reads.</param>
    /// <param name="build">Builds the graphs.</param>
    public Network[] Load(Func<string, string?> rename, out IReadOnlyList<string> unused, params Func<NetworkWeights, NetworkGraph>[] build)
    {
        using NetworkWeights weights = PublishedFolder.Open(Folder, rename);
        NetworkGraph[] graphs;
        try
        {
            graphs = [.. build.Select(make => make(weights))];
        }
        catch (WeightsMismatchException e) when (Outputs.Classifier && !Config.TellsLabels)
        {
            throw new ModelException(Config.File, "id2label", $"nothing, which stands for {Config.Labels.Length} labels", $"a name for each of the classifier's outputs ({e.Message})", e);
        }

        List<Network> networks = [];
        try
        {
            foreach (NetworkGraph graph in graphs)
                networks.Add(Network.Open(Int8 ? graph.ToInt8() : graph, Options));
        }
        catch
        {
            foreach (Network network in networks)
                network.Dispose();
            throw;
        }

        unused = [.. weights.Unused.Where(name => Outputs.Classifier || !_heads.Any(head => name.StartsWith(head, StringComparison.Ordinal)))];
        return [.. networks];
    }

    /// <summary>Loads the ONNX file. Only its own outputs are available.</summary>
    /// <param name="known">The inputs that can be given.</param>
    public Network LoadOnnx(params ReadOnlySpan<string> known)
    {
        Network network;
        try
        {
            network = Network.Open(OnnxFile!, Options);
        }
        catch (EngineException e)
        {
            throw new ModelException(OnnxFile!, null, e.InnerException?.Message ?? e.Message, "an ONNX model that can be loaded", e);
        }

        try
        {
            foreach (string input in network.Inputs)
            {
                if (!known.Contains(input))
                    throw new ModelException(OnnxFile!, "inputs", input, string.Join(", ", known.ToArray()));
            }

            foreach (string output in Outputs.States.Select(TextGraph.State).Concat(Outputs.Classifier ? [TextGraph.Logits] : []))
                Require(network, output);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Tells that an ONNX file doesn't give what is wanted.</summary>
    public static void Require(Network network, string output)
    {
        if (!network.Outputs.Contains(output))
            throw new ModelException(network.Name, "outputs", string.Join(", ", network.Outputs), output);
    }
}
