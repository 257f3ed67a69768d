namespace Affekt.Onnx.Graphs;

/// <summary>What the tensors of a transformer layer are called, without ".weight" and ".bias", within the layer's own name.</summary>
public sealed record TransformerNames(
    string Query, string Key, string Value, string Attended, string AttentionNorm, string Up, string Down, string OutputNorm);

/// <summary>A stack of transformer layers: its sizes, and the names of its tensors.</summary>
public sealed record TransformerLayers
{
    /// <summary>Features, D.</summary>
    public required int Width { get; init; }

    /// <summary>Heads, which divide <see cref="Width"/>.</summary>
    public required int Heads { get; init; }

    /// <summary>Features inside the feed-forward part.</summary>
    public required int Inner { get; init; }

    /// <summary>The feed-forward activation, as <see cref="Blocks.Activate"/> knows it.</summary>
    public required string Activation { get; init; }

    /// <summary>Added to variances.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Whether the norms stand before attention and feed-forward, not after.</summary>
    public bool NormFirst { get; init; }

    /// <summary>Whether keys have a bias; Whisper's have none.</summary>
    public bool KeyBias { get; init; } = true;

    /// <summary>Whether queries have a bias, and values.</summary>
    public bool QueryValueBias { get; init; } = true;

    /// <summary>Names within a layer.</summary>
    public required TransformerNames Names { get; init; }

    /// <summary>One layer: [R, D] to [R, D].</summary>
    /// <param name="input">Its input.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="layer">The layer's name, followed by a dot.</param>
    /// <param name="shape">The sequences.</param>
    /// <param name="scores">
    /// What is added to attention's scores [B, H, T, T], broadcast, beside the shape's own, by what attention reads [R, D]; null for nothing.
    /// </param>
    public Value Layer(Value input, NetworkWeights weights, string layer, AttentionShape shape, Func<Value, Value>? scores = null)
    {
        GraphBuilder graph = input.Graph;
        Value x_RD = input;
        using IDisposable scope = graph.Scope(layer.TrimEnd('.'));
        if (NormFirst)
        {
            x_RD += Attention(Norm(x_RD, Names.AttentionNorm));
            return x_RD + FeedForward(Norm(x_RD, Names.OutputNorm));
        }

        x_RD = Norm(x_RD + Attention(x_RD), Names.AttentionNorm);
        return Norm(x_RD + FeedForward(x_RD), Names.OutputNorm);

        Value Attention(Value x) => Linear(
            Blocks.Attend(
                Linear(x, Names.Query, Width, Width), Linear(x, Names.Key, Width, Width), Linear(x, Names.Value, Width, Width),
                scores is null ? shape : shape.With(scores(x))),
            Names.Attended, Width, Width);

        Value FeedForward(Value x) => Linear(Linear(x, Names.Up, Width, Inner).Activate(Activation), Names.Down, Inner, Width);

        Value Norm(Value x, string name) => x.LayerNorm(
            weights.Take(graph, $"{layer}{name}.weight", Width), weights.Take(graph, $"{layer}{name}.bias", Width), Epsilon);

        Value Linear(Value x, string name, long inputs, long outputs) => x.Linear(
            weights.Take(graph, $"{layer}{name}.weight", outputs, inputs),
            HasBias(name) ? weights.Take(graph, $"{layer}{name}.bias", outputs) : null);
    }

    private bool HasBias(string name) =>
        name == Names.Key ? KeyBias : (name != Names.Query && name != Names.Value) || QueryValueBias;
}
