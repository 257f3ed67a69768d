using System.Collections.Immutable;
using System.Globalization;
using Affekt.Onnx.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace Affekt.Onnx.Sessions;

/// <summary>
/// A network, loaded and ready, in ONNX Runtime. Any number of threads may call it at once; they share its weights and its threads.
/// Disposed of while calls run, it is freed when the last of them ends.
/// </summary>
public sealed class Network : IDisposable
{
    private readonly InferenceSession _session;
    private readonly Lock _counting = new();
    private int _calls;
    private bool _isDisposed;

    private Network(string name, InferenceSession session, EngineOptions options)
    {
        Name = name;
        _session = session;
        Options = options;
        Inputs = [.. session.InputNames];
        Outputs = [.. session.OutputNames];
    }

    /// <summary>What goes in, in the graph's order.</summary>
    public IReadOnlyList<NetworkPort> InputPorts => [.. Inputs.Select(name => NetworkPort.Of(name, _session.InputMetadata[name]))];

    /// <summary>What comes out, in the graph's order.</summary>
    public IReadOnlyList<NetworkPort> OutputPorts => [.. Outputs.Select(name => NetworkPort.Of(name, _session.OutputMetadata[name]))];

    /// <summary>The version of ONNX Runtime.</summary>
    public static string RuntimeVersion => OrtEnv.Instance().GetVersionString();

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>How it computes.</summary>
    public EngineOptions Options { get; }

    /// <summary>The names of what goes in, in the graph's order.</summary>
    public ImmutableArray<string> Inputs { get; }

    /// <summary>The names of what comes out, in the graph's order.</summary>
    public ImmutableArray<string> Outputs { get; }

    /// <summary>Loads a graph. Its state files may be closed afterwards.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="options">How it is computed.</param>
    /// <exception cref="EngineException">The graph is wrong, or what should compute it is not there.</exception>
    public static Network Open(NetworkGraph graph, EngineOptions? options = null)
    {
        options ??= EngineOptions.Default;
        (byte[] model, string folder) = (options.Provider == ExecutionProvider.Cpu ? graph.ForProcessor() : graph).ToModel();
        return Open(graph.Name, options, settings =>
        {
            settings.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", folder);
            return new InferenceSession(model, settings);
        });
    }

    /// <summary>Loads a published model, whole or as <see cref="OnnxModel"/> cut it.</summary>
    /// <inheritdoc cref="Open(NetworkGraph, EngineOptions?)"/>
    /// <param name="model">The model.</param>
    /// <param name="options">How it is computed.</param>
    public static Network Open(OnnxModel model, EngineOptions? options = null) => Open(model.Path, options ?? EngineOptions.Default, settings =>
    {
        settings.AddSessionConfigEntry(
            "session.model_external_initializers_file_folder_path", Path.GetDirectoryName(Path.GetFullPath(model.Path))!);
        return new InferenceSession(model.ToBytes(), settings);
    });

    /// <summary>Loads an ONNX file as it is.</summary>
    /// <inheritdoc cref="Open(NetworkGraph, EngineOptions?)"/>
    /// <param name="file">The file; external data lies beside it.</param>
    /// <param name="options">How it is computed.</param>
    public static Network Open(string file, EngineOptions? options = null) => File.Exists(file)
        ? Open(file, options ?? EngineOptions.Default, settings => new InferenceSession(file, settings))
        : throw new EngineException(file, "no file", "an ONNX model");

    /// <summary>Computes outputs from inputs.</summary>
    /// <param name="inputs">All inputs of the network, by name, in any order; they are not disposed.</param>
    /// <param name="outputs">What to give; null for everything. The network computes all of it either way.</param>
    /// <param name="cancellation">Stops within the call.</param>
    /// <returns>The outputs, which the caller disposes.</returns>
    /// <exception cref="EngineException">An input is missing, or is not what the network takes.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of before.</exception>
    public NetworkOutputs Run(
        IReadOnlyList<(string Name, NetworkTensor Value)> inputs, IReadOnlyList<string>? outputs = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        IReadOnlyList<string> names = outputs ?? Outputs;
        string[] fed = [.. inputs.Select(input => input.Name)];
        if (fed.Length != Inputs.Length || fed.Except(Inputs).Any())
            throw new EngineException(Name, $"inputs {string.Join(", ", fed)}", string.Join(", ", Inputs));
        using RunOptions run = new();
        if (!Options.KeepsMemory && Options.Provider == ExecutionProvider.Cpu)
            run.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
        using CancellationTokenRegistration stop = cancellation.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, run);
        Enter();
        try
        {
            // Not disposed: that would free what is given out.
            IDisposableReadOnlyCollection<OrtValue> values =
                _session.Run(run, fed, [.. inputs.Select(input => input.Value.Value)], names);
            return new NetworkOutputs(names, [.. values.Select(value => new NetworkTensor(value))]);
        }
        catch (OnnxRuntimeException e) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("the network was stopped", e, cancellation);
        }
        catch (OnnxRuntimeException e)
        {
            string found = string.Join(", ", inputs.Select(input => $"{input.Name} {input.Value.Type} [{string.Join(", ", input.Value.Shape)}]"));
            throw new EngineException(Name, $"{found}: {e.Message}", "inputs that the network takes", e);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Computes outputs from inputs.</summary>
    /// <inheritdoc cref="Run(IReadOnlyList{ValueTuple{string, NetworkTensor}}, IReadOnlyList{string}?, CancellationToken)"/>
    public NetworkOutputs Run(params (string Name, NetworkTensor Value)[] inputs) => Run(inputs, null);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_counting)
        {
            bool isFree = _calls == 0 && !_isDisposed;
            _isDisposed = true;
            if (!isFree)
                return;
        }

        _session.Dispose();
    }

    // ONNX Runtime ends the process where a session is called that was freed, or freed while it is called.
    private void Enter()
    {
        lock (_counting)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _calls++;
        }
    }

    private void Leave()
    {
        lock (_counting)
        {
            _calls--;
            if (!_isDisposed || _calls > 0)
                return;
        }

        _session.Dispose();
    }

    private static Network Open(string name, EngineOptions options, Func<SessionOptions, InferenceSession> open)
    {
        using SessionOptions settings = SessionSettings.From(options);
        try
        {
            return new Network(name, open(settings), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new EngineException(name, e.Message, "a model that ONNX Runtime loads", e);
        }
    }
}

/// <summary>An input or an output of a loaded network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="Shape">Its sizes, outermost first: a number, a name for one that is told when it runs, or "?"; none where it tells none.</param>
public sealed record NetworkPort(string Name, ElementType Type, ImmutableArray<string> Shape)
{
    internal static NetworkPort Of(string name, NodeMetadata port) => new(
        name, (ElementType)port.ElementDataType,
        [
            .. port.Dimensions.Select((size, i) => size >= 0 ? size.ToString(CultureInfo.InvariantCulture)
                : string.IsNullOrEmpty(port.SymbolicDimensions[i]) ? "?" : port.SymbolicDimensions[i]),
        ]);
}
