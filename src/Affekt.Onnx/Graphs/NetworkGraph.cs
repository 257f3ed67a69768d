using System.Collections.Immutable;
using System.Globalization;
using Affekt.Onnx.StateFiles;

namespace Affekt.Onnx.Graphs;

/// <summary>
/// A finished graph. Its weights still lie in their state files: to be loaded it needs no copy of them, and to be used elsewhere
/// <see cref="Export"/> writes it as plain ONNX.
/// </summary>
public sealed class NetworkGraph
{
    // Smaller tensors stand in the model itself: they often are shapes, which ONNX Runtime looks at.
    private const int SmallestExternal = 1024;
    private const int DataAlignment = 64;

    internal NetworkGraph(
        string name,
        ImmutableArray<GraphPort> inputs,
        ImmutableArray<GraphPort> outputs,
        ImmutableArray<Node> nodes,
        ImmutableArray<Initializer> initializers)
    {
        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        Nodes = nodes;
        Initializers = initializers;
    }

    /// <summary>What the network is called.</summary>
    public string Name { get; }

    internal ImmutableArray<GraphPort> Inputs { get; }

    internal ImmutableArray<GraphPort> Outputs { get; }

    internal ImmutableArray<Node> Nodes { get; }

    internal ImmutableArray<Initializer> Initializers { get; }

    /// <summary>
    /// Writes the graph as ONNX: <paramref name="file"/>, and beside it, under its name with ".data" appended, the weights.
    /// </summary>
    /// <param name="file">The file; it and the weights are replaced if they are there.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Export(string file)
    {
        string data = file + ".data", temporary = data + ".new";
        Dictionary<StoredTensor, long> offsets = [];
        using (FileStream stream = new(temporary, FileMode.Create))
        {
            foreach (StoredTensor tensor in Initializers.SelectMany(held => (StoredTensor?[])[held.Stored, held.Scale]).OfType<StoredTensor>())
            {
                if (tensor.Length < SmallestExternal || offsets.ContainsKey(tensor))
                    continue;
                stream.SetLength((stream.Length + DataAlignment - 1) / DataAlignment * DataAlignment);
                stream.Position = offsets[tensor] = stream.Length;
                stream.Write(tensor.Bytes);
            }

            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, data, overwrite: true);
        File.WriteAllBytes(file + ".new", Encode(tensor => offsets.TryGetValue(tensor, out long offset) ? (Path.GetFileName(data), offset) : null));
        File.Move(file + ".new", file, overwrite: true);
        if (offsets.Count == 0)
            File.Delete(data);
    }

    /// <summary>The graph as an ONNX model whose weights are external data in the files that they lie in.</summary>
    /// <returns>The model, and the folder that the external data's names begin in.</returns>
    internal (byte[] Model, string Folder) ToModel()
    {
        Dictionary<string, string> resolved = new(StringComparer.Ordinal);
        foreach (StoredTensor tensor in Initializers.SelectMany(held => (StoredTensor?[])[held.Stored, held.Scale]).OfType<StoredTensor>())
        {
            if (tensor.Location is { } at)
                resolved.TryAdd(at.File, Resolve(at.File));
        }

        string folder = CommonFolder(resolved.Values);
        return (Encode(tensor => Place(tensor, resolved, folder)), folder);
    }

    private static (string Name, long Offset)? Place(StoredTensor tensor, Dictionary<string, string> resolved, string folder)
    {
        // Where elements are not aligned, or no folder holds all files (drives of Windows), the model carries a copy.
        if (tensor.Length < SmallestExternal || tensor.Location is not { } at || at.Offset % tensor.Type.Size() != 0)
            return null;
        string path = Path.GetRelativePath(folder, resolved[at.File]);
        return Path.IsPathRooted(path) ? null : (path.Replace('\\', '/'), at.Offset);
    }

    // ONNX Runtime follows links and then refuses what lies outside of the folder.
    private static string Resolve(string file) =>
        Path.GetFullPath(File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file);

    private static string CommonFolder(IEnumerable<string> files)
    {
        string? common = null;
        foreach (string file in files)
        {
            string folder = Path.GetDirectoryName(file)!;
            common ??= folder;
            while (!IsWithin(folder, common) && Path.GetDirectoryName(common) is { } parent)
                common = parent;
        }

        return common ?? Directory.GetCurrentDirectory();
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // Field numbers of onnx.ModelProto and onnx.GraphProto.
    private byte[] Encode(Func<StoredTensor, (string Name, long Offset)?> place)
    {
        ProtoWriter graph = new();
        foreach (Initializer held in Initializers)
        {
            foreach (Node node in Unpack(held))
                graph.Message(1, node.Encode());
        }

        foreach (Node node in Nodes)
            graph.Message(1, node.Encode());
        graph.Text(2, Name);
        foreach (Initializer held in Initializers)
            EncodeTensors(graph, held, place);
        foreach (GraphPort input in Inputs)
            graph.Message(11, input.Encode());
        foreach (GraphPort output in Outputs)
            graph.Message(12, output.Encode());

        ProtoWriter model = new ProtoWriter().Varint(1, 9).Text(2, "Affekt").Message(7, graph);
        foreach (string domain in Nodes.Select(node => node.Domain).Append("").Distinct())
        {
            long version = domain.Length == 0 ? GraphBuilder.OperatorSet : 1;
            model.Message(8, new ProtoWriter().Text(1, domain).Varint(2, version));
        }

        return model.ToArray();
    }

    // A stored tensor becomes what the graph sees: cast, and rows of int8 times their scales. ONNX Runtime does it once, when it loads.
    private static IEnumerable<Node> Unpack(Initializer held)
    {
        if (held.Stored is null || (held.Stored.Type == held.Type && held.Scale is null))
            yield break;
        string cast = held.Scale is null ? held.Name : held.Name + "/cast";
        yield return new Node("Cast", [held.Name + "/stored"], [cast], [("to", held.Type)], "");
        if (held.Scale is null)
            yield break;
        string scale = held.Name + "/scale";
        yield return new Node("Unsqueeze", [scale, held.Name + "/axis"], [scale + "/column"], [], "");
        yield return new Node("Mul", [cast, scale + "/column"], [held.Name], [], "");
    }

    private static void EncodeTensors(ProtoWriter graph, Initializer held, Func<StoredTensor, (string Name, long Offset)?> place)
    {
        bool isUnpacked = held.Stored is not null && (held.Stored.Type != held.Type || held.Scale is not null);
        string name = isUnpacked ? held.Name + "/stored" : held.Name;
        if (held.Stored is null)
        {
            graph.Message(5, Tensor(name, held.Type, held.Shape).Bytes(9, held.Memory.Span));
            return;
        }

        graph.Message(5, Tensor(name, held.Stored, place));
        if (held.Scale is not null)
        {
            graph.Message(5, Tensor(held.Name + "/scale", held.Scale, place));
            graph.Message(5, Tensor(held.Name + "/axis", ElementType.Int64, [1]).Bytes(9, BitConverter.GetBytes(1L)));
        }
    }

    private static ProtoWriter Tensor(string name, StoredTensor stored, Func<StoredTensor, (string Name, long Offset)?> place)
    {
        ProtoWriter tensor = Tensor(name, stored.Type, stored.Shape);
        return place(stored) is not { } at
            ? tensor.Bytes(9, stored.Bytes)
            : tensor
                .Message(13, External("location", at.Name))
                .Message(13, External("offset", at.Offset.ToString(CultureInfo.InvariantCulture)))
                .Message(13, External("length", stored.Length.ToString(CultureInfo.InvariantCulture)))
                .Varint(14, 1);
    }

    // onnx.TensorProto
    private static ProtoWriter Tensor(string name, ElementType type, ImmutableArray<long> shape)
    {
        ProtoWriter tensor = new();
        foreach (long size in shape)
            tensor.Varint(1, size);
        return tensor.Varint(2, (long)type).Text(8, name);
    }

    private static ProtoWriter External(string key, string value) => new ProtoWriter().Text(1, key).Text(2, value);
}
