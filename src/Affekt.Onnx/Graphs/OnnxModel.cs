using System.Collections.Immutable;
using Affekt.Onnx.StateFiles;

namespace Affekt.Onnx.Graphs;

/// <summary>
/// A published ONNX model that is to be run in part: values from inside can be made outputs, and what no output needs is left out. What
/// isn't touched is copied byte for byte, known or not.
/// </summary>
/// <remarks>The file stays mapped until <see cref="Dispose"/>.</remarks>
public sealed class OnnxModel : IDisposable
{
    // Field numbers of onnx.ModelProto and onnx.GraphProto.
    private const int GraphField = 7, NodeField = 1, InitializerField = 5, InputField = 11, OutputField = 12;

    private readonly MappedFile _file;
    private readonly List<Part> _others = [];
    private readonly List<Part> _graphOthers = [];
    private readonly List<NodePart> _nodes = [];
    private readonly List<Part> _initializers = [];
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
            if (!needed.Add(value) || !makers.TryGetValue(value, out NodePart? node) || !kept.Add(node))
                continue;
            foreach (string input in node.Inputs)
                open.Push(input);
        }

        _outputs.Clear();
        _outputs.AddRange(outputs);
        _nodes.RemoveAll(node => !kept.Contains(node));
        _initializers.RemoveAll(part => !needed.Contains(part.Name));
        _inputs.RemoveAll(part => !needed.Contains(part.Name));
    }

    /// <summary>The model as it is now.</summary>
    public byte[] ToBytes()
    {
        int length = _nodes.Sum(node => node.Whole.Length)
            + _graphOthers.Concat(_initializers).Concat(_inputs).Sum(part => part.Whole.Length)
            + _outputs.Sum(output => output.Field.Length);
        ProtoWriter model = new();
        foreach (Part part in _others)
            model.Encoded(Slice(part.Whole));
        model.Start(GraphField, length);
        foreach (NodePart node in _nodes)
            model.Encoded(Slice(node.Whole));
        foreach (Part part in _graphOthers.Concat(_initializers).Concat(_inputs))
            model.Encoded(Slice(part.Whole));
        foreach ((_, byte[] field) in _outputs)
            model.Encoded(field);
        return model.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadGraph(Chunk graph) => ForEach(graph, (field, part) =>
    {
        switch (field)
        {
            case NodeField:
                List<string> inputs = [], outputs = [];
                ReadNode(part.Value, inputs, outputs);
                _nodes.Add(new NodePart(part.Whole, [.. inputs], [.. outputs]));
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

    // What a node reads, with all that its subgraphs read: some of that is their own, which does no harm.
    private void ReadNode(Chunk node, List<string> inputs, List<string>? outputs)
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
                    ReadAttribute(fields.Bytes(), inputs);
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }
    }

    private void ReadAttribute(Chunk attribute, List<string> inputs)
    {
        ProtoReader fields = new(_file, Whole, attribute);
        while (fields.Next())
        {
            if (fields.Field is not (6 or 11)) // g, graphs
            {
                fields.Skip();
                continue;
            }

            ForEach(fields.Bytes(), (field, part) =>
            {
                if (field == NodeField)
                    ReadNode(part.Value, inputs, null);
                else if (field == OutputField)
                    inputs.Add(TextOf(part.Value, 1));
            });
        }
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

    private sealed record NodePart(Chunk Whole, ImmutableArray<string> Inputs, ImmutableArray<string> Outputs);
}
