using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Affekt.Onnx.StateFiles;

namespace Affekt.Onnx.Graphs;

/// <summary>
/// A published ONNX model that is to be run in part: values from inside can be made outputs, a branch of an If can be chosen and a value
/// be set where they are known beforehand, and what no output needs is left out. What isn't touched is copied byte for byte, known or not.
/// </summary>
/// <remarks>The file stays mapped until <see cref="Dispose"/>.</remarks>
public sealed class OnnxModel : IDisposable
{
    // Field numbers of onnx.ModelProto and onnx.GraphProto.
    private const int GraphField = 7, NodeField = 1, InitializerField = 5, InputField = 11, OutputField = 12;

    // Bytes of a tensor from which on it stays in the file.
    private const int SmallestExternal = 1024;

    private readonly MappedFile _file;
    private readonly List<Part> _others = [];
    private readonly List<Part> _graphOthers = [];
    private readonly List<NodePart> _nodes = [];
    private readonly List<Part> _initializers = [];
    private readonly Dictionary<string, byte[]> _set = new(StringComparer.Ordinal);
    private readonly List<Part> _inputs = [];
    private readonly List<(string Name, byte[] Field)> _outputs = [];

    private OnnxModel(MappedFile file)
    {
        _file = file;
        Chunk? graph = null;
        ForEach(new Chunk(0, (int)file.Length), (field, part) =>
        {
            if (field == GraphField)
                graph = graph is null ? part.Value : throw file.Error("ONNX graph", part.Value.Offset, "a second graph", "one");
            else
                _others.Add(part);
        });
        ReadGraph(graph ?? throw file.Error("ONNX", null, "no graph (field 7)", "a model with a graph"));
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>The names of what goes in.</summary>
    public ImmutableArray<string> Inputs => [.. _inputs.Select(input => input.Name)];

    /// <summary>The names of what comes out.</summary>
    public ImmutableArray<string> Outputs => [.. _outputs.Select(output => output.Name)];

    /// <summary>The names of all values that nodes of the main graph compute.</summary>
    public IEnumerable<string> Values => _nodes.SelectMany(node => node.Outputs).Where(name => name.Length > 0);

    private ReadOnlySpan<byte> Whole => _file.Slice(0, (int)_file.Length);

    /// <summary>Opens a model.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="StateFileException">It cannot be read, or is no ONNX model.</exception>
    public static OnnxModel Read(string path)
    {
        MappedFile file = new(path);
        try
        {
            return file.Length <= int.MaxValue
                ? new OnnxModel(file)
                : throw file.Error("ONNX", null, $"{file.Length} bytes", "less than 2 GiB, the limit of protobuf");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Puts a branch of an If in the If's place.</summary>
    /// <param name="node">The name of the If, which stands in the main graph.</param>
    /// <param name="branch">"then_branch" or "else_branch".</param>
    /// <exception cref="StateFileException">There is no such node, or it has no such branch.</exception>
    public void Enter(string node, string branch)
    {
        int place = _nodes.FindIndex(other => other.Name == node);
        if (place < 0 || !_nodes[place].Graphs.TryGetValue(branch, out Chunk graph))
            throw _file.Error("ONNX graph", null, place < 0 ? $"no node {node}" : $"no {branch}", $"an If named {node}");
        List<NodePart> nodes = [];
        List<string> outputs = [];
        ForEach(graph, (field, part) =>
        {
            if (field == NodeField)
                nodes.Add(ReadNode(part));
            else if (field == InitializerField)
                _initializers.Add(part with { Name = TextOf(part.Value, 8) });
            else if (field == OutputField)
                outputs.Add(TextOf(part.Value, 1));
        });
        foreach ((string inside, string outside) in outputs.Zip(_nodes[place].Outputs).Where(pair => pair.First != pair.Second))
        {
            Node identity = new("Identity", [inside], [outside], [], "");
            nodes.Add(new NodePart("", default, identity.Encode().ToArray(), [inside], [outside], []));
        }

        _nodes.RemoveAt(place);
        _nodes.InsertRange(place, nodes);
    }

    /// <summary>Sets a value, an input or one that the main graph computes, to whole numbers. What computes it is left out.</summary>
    /// <param name="value">Its name.</param>
    /// <param name="numbers">Its elements, row by row, Int64.</param>
    /// <param name="shape">Its sizes; none for a single number.</param>
    /// <exception cref="StateFileException">There is no such value.</exception>
    public void Set(string value, ReadOnlySpan<long> numbers, params ReadOnlySpan<long> shape)
    {
        if (!Inputs.Contains(value) && !Values.Contains(value))
            throw _file.Error("ONNX graph", null, $"no value {value}", "an input, or one that a node of the main graph computes");
        ProtoWriter tensor = new();
        foreach (long size in shape)
            tensor.Varint(1, size);
        _set[value] = tensor.Varint(2, (long)ElementType.Int64).Text(8, value).Bytes(9, MemoryMarshal.AsBytes(numbers)).ToArray();
        _inputs.RemoveAll(input => input.Name == value);
    }

    /// <summary>
    /// Makes these values the outputs, in this order, and leaves out nodes, weights and inputs that none of them needs.
    /// </summary>
    /// <param name="values">Names of outputs, or of any values that the main graph computes.</param>
    /// <exception cref="StateFileException">The graph computes no value of such a name.</exception>
    public void KeepOutputs(params ReadOnlySpan<string> values)
    {
        Dictionary<string, NodePart> makers = [];
        foreach (NodePart node in _nodes)
        {
            foreach (string output in node.Outputs)
                makers[output] = node;
        }

        List<(string Name, byte[] Field)> outputs = [];
        Stack<string> open = new();
        foreach (string value in values)
        {
            if (!makers.ContainsKey(value))
                throw _file.Error("ONNX graph", null, $"no value {value}", "one that a node of the main graph computes");
            (string Name, byte[] Field) known = _outputs.Find(output => output.Name == value);
            outputs.Add(known.Field is null ? (value, new ProtoWriter().Message(OutputField, new ProtoWriter().Text(1, value)).ToArray()) : known);
            open.Push(value);
        }

        HashSet<string> needed = new(StringComparer.Ordinal);
        HashSet<NodePart> kept = [];
        while (open.TryPop(out string? value))
        {
            if (!needed.Add(value) || _set.ContainsKey(value) || !makers.TryGetValue(value, out NodePart? node) || !kept.Add(node))
                continue;
            foreach (string input in node.Inputs)
                open.Push(input);
        }

        _outputs.Clear();
        _outputs.AddRange(outputs);
        _nodes.RemoveAll(node => !kept.Contains(node));
        _initializers.RemoveAll(part => !needed.Contains(part.Name));
        foreach (string value in _set.Keys.Where(value => !needed.Contains(value)).ToList())
            _set.Remove(value);
        _inputs.RemoveAll(part => !needed.Contains(part.Name));
    }

    /// <summary>
    /// The model as it is now. Its larger weights stay where they lie: they are external data in the published file, by offset, which is
    /// looked for in the folder that the engine is told.
    /// </summary>
    public byte[] ToBytes() => Encode(System.IO.Path.GetFileName(_file.Path));

    /// <summary>
    /// Writes the model as it is now: <paramref name="file"/>, and beside it, under its name with ".data" appended, a copy of the published
    /// file, which holds its larger weights. Weights that the published file itself has elsewhere are not copied.
    /// </summary>
    /// <param name="file">The file; it and the copy are replaced if they are there.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Export(string file)
    {
        string data = file + ".data";
        File.Copy(_file.Path, data, overwrite: true);
        File.WriteAllBytes(file, Encode(System.IO.Path.GetFileName(data)));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private byte[] Encode(string data)
    {
        ProtoWriter graph = new();
        foreach (NodePart node in _nodes.Where(node => !node.Outputs.Any(_set.ContainsKey)))
            graph.Bytes(NodeField, node.Made ?? Slice(node.Value));
        foreach (Part part in _graphOthers.Concat(_inputs))
            graph.Encoded(Slice(part.Whole));
        foreach (Part part in _initializers.Where(part => !_set.ContainsKey(part.Name)))
            graph.Bytes(InitializerField, Pointing(part.Value, data) ?? Slice(part.Value));
        foreach (byte[] tensor in _set.Values)
            graph.Bytes(InitializerField, tensor);
        foreach ((_, byte[] field) in _outputs)
            graph.Encoded(field);

        ProtoWriter model = new();
        foreach (Part part in _others)
            model.Encoded(Slice(part.Whole));
        return model.Message(GraphField, graph).ToArray();
    }

    private void ReadGraph(Chunk graph) => ForEach(graph, (field, part) =>
    {
        switch (field)
        {
            case NodeField:
                _nodes.Add(ReadNode(part));
                break;
            case InitializerField:
                _initializers.Add(part with { Name = TextOf(part.Value, 8) });
                break;
            case InputField:
                _inputs.Add(part with { Name = TextOf(part.Value, 1) });
                break;
            case OutputField:
                _outputs.Add((TextOf(part.Value, 1), Slice(part.Whole).ToArray()));
                break;
            default:
                _graphOthers.Add(part);
                break;
        }
    });

    private NodePart ReadNode(Part part)
    {
        List<string> inputs = [], outputs = [];
        Dictionary<string, Chunk> graphs = [];
        ReadNode(part.Value, inputs, outputs, graphs);
        return new NodePart(TextOf(part.Value, 3), part.Value, null, [.. inputs], [.. outputs], graphs);
    }

    // What a node reads, with all that its subgraphs read: some of that is their own, which does no harm.
    private void ReadNode(Chunk node, List<string> inputs, List<string>? outputs, Dictionary<string, Chunk>? graphs)
    {
        ProtoReader fields = new(_file, Whole, node);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    inputs.Add(fields.Text());
                    break;
                case 2 when outputs is not null:
                    outputs.Add(fields.Text());
                    break;
                case 5: // attribute
                    ReadAttribute(fields.Bytes(), inputs, graphs);
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }
    }

    private void ReadAttribute(Chunk attribute, List<string> inputs, Dictionary<string, Chunk>? graphs)
    {
        ProtoReader fields = new(_file, Whole, attribute);
        while (fields.Next())
        {
            if (fields.Field is not (6 or 11)) // g, graphs
            {
                fields.Skip();
                continue;
            }

            Chunk graph = fields.Bytes();
            if (graphs is not null)
                graphs[TextOf(attribute, 1)] = graph;
            ForEach(graph, (field, part) =>
            {
                if (field == NodeField)
                    ReadNode(part.Value, inputs, null, null);
                else if (field == OutputField)
                    inputs.Add(TextOf(part.Value, 1));
            });
        }
    }

    // A tensor that says where in the file its bytes lie; null for one that is small, or isn't stored as raw bytes. The bytes lie where
    // protobuf put them, aligned to nothing, which neither x64 nor arm64 minds.
    private byte[]? Pointing(Chunk tensor, string data)
    {
        const int RawData = 9, ExternalData = 13, DataLocation = 14, External = 1;
        ProtoWriter pointing = new();
        Chunk? raw = null;
        ForEach(tensor, (field, part) =>
        {
            if (field == RawData)
                raw = part.Value;
            else
                pointing.Encoded(Slice(part.Whole));
        });
        return raw is not { Length: >= SmallestExternal } bytes
            ? null
            : pointing
                .Message(ExternalData, Entry("location", data))
                .Message(ExternalData, Entry("offset", bytes.Offset.ToString(CultureInfo.InvariantCulture)))
                .Message(ExternalData, Entry("length", bytes.Length.ToString(CultureInfo.InvariantCulture)))
                .Varint(DataLocation, External)
                .ToArray();

        static ProtoWriter Entry(string key, string value) => new ProtoWriter().Text(1, key).Text(2, value);
    }

    private void ForEach(Chunk message, Action<int, Part> read)
    {
        ProtoReader fields = new(_file, Whole, message);
        int start = fields.Position;
        while (fields.Next())
        {
            Chunk value = default;
            if (fields.IsBytes)
                value = fields.Bytes();
            else
                fields.Skip();
            read(fields.Field, new Part(new Chunk(start, fields.Position - start), value, ""));
            start = fields.Position;
        }
    }

    private string TextOf(Chunk message, int field)
    {
        ProtoReader fields = new(_file, Whole, message);
        while (fields.Next())
        {
            if (fields.Field == field)
                return fields.Text();
            fields.Skip();
        }

        return "";
    }

    private ReadOnlySpan<byte> Slice(Chunk chunk) => _file.Slice(chunk.Offset, chunk.Length);

    // A field of a message: all of it, its value where that is bytes, and the name in there.
    private sealed record Part(Chunk Whole, Chunk Value, string Name);

    // A node as it stands in the file, or one that was made.
    private sealed record NodePart(
        string Name, Chunk Value, byte[]? Made, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs, Dictionary<string, Chunk> Graphs);
}
