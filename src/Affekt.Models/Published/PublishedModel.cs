using Affekt.Models.Text;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Models.Published;

/// <summary>What of a published network is wanted.</summary>
public sealed record PublishedOutputs
{
    /// <summary>Layers whose states come out; 0 for what enters the first one.</summary>
    public IReadOnlyList<int> States { get; init; } = [];

    /// <summary>Whether the classifier's outputs are wanted; a network without one is then refused.</summary>
    public bool Classifier { get; init; }

    /// <inheritdoc cref="TextOutputs.Mix"/>
    public IReadOnlyList<double>? Mix { get; init; }
}

/// <summary>Numbers that a network gave for one input.</summary>
/// <param name="Values">Row by row.</param>
/// <param name="Shape">Sizes, outermost first.</param>
public sealed record PublishedFeatures(float[] Values, IReadOnlyList<long> Shape);

/// <summary>
/// A published network in a folder in Hugging Face's layout, as it was published: its graph points into its safetensors, or its onnx/model.onnx
/// is run. An input's result does not depend on others: each is computed by itself. Any number of threads may call it at once.
/// </summary>
public abstract class PublishedModel : IDisposable
{
    /// <summary>The name of the states after the last layer.</summary>
    public const string LastStates = TextGraph.LastStates;

    /// <summary>The name of a classifier's outputs before softmax.</summary>
    public const string Logits = TextGraph.Logits;

    private readonly Network[] _loaded;

    private protected PublishedModel(PublishedNetworks networks, IReadOnlyList<string> unused, params Network[] loaded) =>
        (Folder, Config, Unused, Layers, _loaded) = (networks.Folder, networks.Config, unused, networks.SideBySide, loaded);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>What it says about itself.</summary>
    public PublishedConfig Config { get; }

    /// <summary>Stored tensors that nothing reads, in the network's names, sorted; those of a classifier that wasn't asked for are not among them.</summary>
    public IReadOnlyList<string> Unused { get; }

    /// <summary>How many layers' states stand side by side in the last states: 1, or all and what enters the first where <see cref="PublishedOutputs.Mix"/> has no weights.</summary>
    public int Layers { get; }

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="outputs">What is wanted of it.</param>
    /// <param name="options">How it is computed.</param>
    /// <param name="int8">Whether the layers' large products multiply int8.</param>
    /// <exception cref="ModelException">A file is missing or is not what it should be, or the family is not known here.</exception>
    /// <exception cref="Onnx.StateFiles.StateFileException">The weights cannot be read.</exception>
    /// <exception cref="WeightsMismatchException">A tensor is missing or has another shape; all such are named.</exception>
    /// <exception cref="EngineException">What should compute is not there.</exception>
    public static PublishedModel Open(string folder, PublishedOutputs? outputs = null, EngineOptions? options = null, bool int8 = false)
    {
        outputs ??= new PublishedOutputs();
        PublishedConfig config = PublishedConfig.Load(folder);
        PublishedNetworks networks = new(folder, config, outputs, options, int8);
        return config.Input switch
        {
            PublishedInput.Text => PublishedText.Open(networks),
            PublishedInput.Picture => PublishedPictures.Open(networks),
            _ => config.Family == "whisper" ? PublishedWhisper.Open(networks) : PublishedSpeech.Open(networks),
        };
    }

    /// <summary>The name of the states after a layer, from 1; 0 for what enters the first one.</summary>
    public static string State(int layer) => TextGraph.State(layer);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Network network in _loaded)
            network.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>One output of a network that reads one tensor.</summary>
    private protected static PublishedFeatures Run(
        Network network, string input, PublishedFeatures prepared, string output, CancellationToken cancellation)
    {
        PublishedNetworks.Require(network, output);
        using NetworkTensor tensor = NetworkTensor.Over(prepared.Values, [1, .. prepared.Shape]);
        using NetworkOutputs outputs = network.Run([(input, tensor)], [output], cancellation);
        return Take(outputs, output);
    }

    /// <summary>One output of a network's call, without the dimension of the batch.</summary>
    private protected static PublishedFeatures Take(NetworkOutputs outputs, string name)
    {
        NetworkTensor tensor = outputs[name];
        return new PublishedFeatures(tensor.ToArray<float>(), [.. tensor.Shape.Skip(1)]);
    }
}

/// <summary>A published network that hears.</summary>
public abstract class PublishedSound : PublishedModel
{
    private protected PublishedSound(PublishedNetworks networks, IReadOnlyList<string> unused, params Network[] loaded)
        : base(networks, unused, loaded)
    {
    }

    /// <summary>Features of a frame's state, of all <see cref="PublishedModel.Layers"/> together.</summary>
    public abstract int Width { get; }

    /// <summary>The fewest samples that it can hear.</summary>
    public abstract int ShortestSound { get; }

    /// <summary>What the network reads of a sound, prepared as published.</summary>
    /// <param name="samples">Mono, 16 kHz, within [-1, 1].</param>
    public abstract PublishedFeatures Prepare(ReadOnlySpan<float> samples);

    /// <summary>What the network makes of a sound.</summary>
    /// <param name="prepared">As <see cref="Prepare"/> gives it.</param>
    /// <param name="output"><see cref="PublishedModel.LastStates"/>, <see cref="PublishedModel.Logits"/> or a <see cref="PublishedModel.State"/>.</param>
    /// <param name="cancellation">Stops within the network.</param>
    public abstract PublishedFeatures Compute(PublishedFeatures prepared, string output, CancellationToken cancellation = default);
}
