namespace Affekt.Onnx.Graphs;

/// <summary>
/// The parts that networks are made of. Letters: R rows (B * T), B sequences, T places of a sequence, D features, H heads, C channels.
/// </summary>
public static class Blocks
{
    private static readonly HashSet<string> _activations =
    [
        "gelu", "gelu_python", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate", "gelu_python_tanh", "gelu_10", "quick_gelu",
        "relu", "relu2", "relu6", "leaky_relu", "mish", "tanh", "sigmoid", "silu", "swish", "linear",
    ];

    /// <summary>A product with a matrix that is stored as [outputs, inputs], and a bias: [R, inputs] to [R, outputs].</summary>
    public static Value Linear(this Value x, Value weight, Value? bias = null) =>
        x.Graph.Apply("Gemm", bias is { } b ? [x, weight, b] : [x, weight], ("transB", 1L));

    /// <summary>A matrix product, broadcast over leading dimensions.</summary>
    public static Value MatMul(this Value left, Value right) => left.Graph.Apply("MatMul", [left, right]);

    /// <summary>The last dimension with zero mean and unit variance, times a weight, plus a bias.</summary>
    public static Value LayerNorm(this Value x, Value weight, Value bias, double epsilon) =>
        x.Graph.Apply("LayerNormalization", [x, weight, bias], ("axis", -1L), ("epsilon", (float)epsilon));

    /// <summary>Each channel of each sequence with zero mean and unit variance over its places: [B, C, T], or [B, C, ..].</summary>
    public static Value ChannelNorm(this Value x, Value weight, Value bias, double epsilon) =>
        x.Graph.Apply("InstanceNormalization", [x, weight, bias], ("epsilon", (float)epsilon));

    /// <summary>An activation by the name that configurations call it by.</summary>
    /// <exception cref="ArgumentException">There is no such activation; see <see cref="IsActivation"/>.</exception>
    public static Value Activate(this Value x, string activation) => activation switch
    {
        "gelu" or "gelu_python" => x.Graph.Apply("Gelu", [x]),
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_accurate" or "gelu_python_tanh" =>
            x.Graph.Apply("Gelu", [x], ("approximate", "tanh")),
        "gelu_10" => x.Graph.Apply("Clip", [x.Graph.Apply("Gelu", [x]), x.Graph.Constant(-10), x.Graph.Constant(10)]),
        "quick_gelu" => x * (x * 1.702f).Sigmoid(),
        "relu" => x.Relu(),
        "relu2" => x.Relu() * x.Relu(),
        "relu6" => x.Graph.Apply("Clip", [x, x.Graph.Constant(0), x.Graph.Constant(6)]),
        "leaky_relu" => x.Graph.Apply("LeakyRelu", [x]),
        "mish" => x.Graph.Apply("Mish", [x]),
        "tanh" => x.Tanh(),
        "sigmoid" => x.Sigmoid(),
        "silu" or "swish" => x * x.Sigmoid(),
        "linear" => x,
        _ => throw new ArgumentException($"no activation {activation}", nameof(activation)),
    };

    /// <summary>Whether <see cref="Activate"/> knows an activation.</summary>
    public static bool IsActivation(string name) => _activations.Contains(name);

    /// <summary>max(0, x).</summary>
    public static Value Relu(this Value x) => x.Graph.Apply("Relu", [x]);

    /// <summary>The hyperbolic tangent.</summary>
    public static Value Tanh(this Value x) => x.Graph.Apply("Tanh", [x]);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static Value Sigmoid(this Value x) => x.Graph.Apply("Sigmoid", [x]);

    /// <summary>exp(x) by its sum over a dimension.</summary>
    public static Value Softmax(this Value x, long axis = -1) => x.Graph.Apply("Softmax", [x], ("axis", axis));

    /// <summary>Other sizes; -1 for what is left, 0 for the size that stands there.</summary>
    public static Value Reshape(this Value x, params ReadOnlySpan<long> shape) => x.Reshape(x.Graph.Integers(shape));

    /// <summary>Other sizes, told by a value.</summary>
    public static Value Reshape(this Value x, Value shape) => x.Graph.Apply("Reshape", [x, shape]);

    /// <summary>Dimensions in another order.</summary>
    public static Value Transpose(this Value x, params long[] order) => x.Graph.Apply("Transpose", [x], ("perm", order));

    /// <summary>The sizes, Int64.</summary>
    public static Value Shape(this Value x) => x.Graph.Apply("Shape", [x]);

    /// <summary>The sizes from <paramref name="start"/> up to <paramref name="end"/>, Int64.</summary>
    public static Value Shape(this Value x, long start, long end) => x.Graph.Apply("Shape", [x], ("start", start), ("end", end));

    /// <summary>Joined along a dimension.</summary>
    public static Value Concat(long axis, params ReadOnlySpan<Value> parts) => parts[0].Graph.Apply("Concat", parts, ("axis", axis));

    /// <summary>A stretch of one dimension.</summary>
    public static Value Slice(this Value x, long axis, long start, long end) =>
        x.Slice(axis, x.Graph.Integers(start), x.Graph.Integers(end));

    /// <summary>A stretch of one dimension, its ends told by values of one element.</summary>
    public static Value Slice(this Value x, long axis, Value start, Value end) =>
        x.Graph.Apply("Slice", [x, start, end, x.Graph.Integers(axis)]);

    /// <summary>Entries of one dimension by their numbers.</summary>
    public static Value Gather(this Value x, Value indexes, long axis = 0) => x.Graph.Apply("Gather", [x, indexes], ("axis", axis));

    /// <summary>Another element type.</summary>
    public static Value Cast(this Value x, ElementType type) => x.Graph.Apply("Cast", [x], ("to", type));

    /// <summary>The mean over dimensions.</summary>
    public static Value Mean(this Value x, bool keep, params ReadOnlySpan<long> axes) =>
        x.Graph.Apply("ReduceMean", [x, x.Graph.Integers(axes)], ("keepdims", keep ? 1L : 0L));

    /// <summary>The sum over dimensions.</summary>
    public static Value Sum(this Value x, bool keep, params ReadOnlySpan<long> axes) =>
        x.Graph.Apply("ReduceSum", [x, x.Graph.Integers(axes)], ("keepdims", keep ? 1L : 0L));

    /// <summary>With dimensions of size 1 put in.</summary>
    public static Value Unsqueeze(this Value x, params ReadOnlySpan<long> axes) => x.Graph.Apply("Unsqueeze", [x, x.Graph.Integers(axes)]);

    /// <summary>Without dimensions of size 1.</summary>
    public static Value Squeeze(this Value x, params ReadOnlySpan<long> axes) => x.Graph.Apply("Squeeze", [x, x.Graph.Integers(axes)]);

    /// <summary>A convolution over any number of dimensions: x [B, C, ..], weight [outputs, C / groups, ..].</summary>
    /// <param name="x">What is convolved.</param>
    /// <param name="weight">The kernel.</param>
    /// <param name="bias">[outputs], or null.</param>
    /// <param name="strides">A step for each dimension.</param>
    /// <param name="padding">Zeros before each dimension, then after each.</param>
    /// <param name="groups">Groups of channels that do not mix.</param>
    public static Value Convolve(this Value x, Value weight, Value? bias, long[] strides, long[] padding, long groups = 1) => x.Graph.Apply(
        "Conv", bias is { } b ? [x, weight, b] : [x, weight], ("strides", strides), ("pads", padding), ("group", groups));

    /// <summary>
    /// What each place makes of the values of all places of its sequence, weighted by softmax(query * key / sqrt(D / H) + bias).
    /// </summary>
    /// <param name="query">[R, D].</param>
    /// <param name="key">[R, D].</param>
    /// <param name="value">[R, D].</param>
    /// <param name="shape">The sequences.</param>
    /// <returns>[R, D].</returns>
    public static Value Attend(Value query, Value key, Value value, AttentionShape shape)
    {
        GraphBuilder graph = query.Graph;
        Value q_BHTd = query.Reshape(shape.Heads).Transpose(0, 2, 1, 3);
        Value k_BHdT = key.Reshape(shape.Heads).Transpose(0, 2, 3, 1);
        Value v_BHTd = value.Reshape(shape.Heads).Transpose(0, 2, 1, 3);
        Value scores_BHTT = q_BHTd.MatMul(k_BHdT) * graph.Constant((float)(1 / Math.Sqrt(shape.HeadWidth)));
        if (shape.Bias is { } bias)
            scores_BHTT += bias;
        return scores_BHTT.Softmax().MatMul(v_BHTd).Transpose(0, 2, 1, 3).Reshape(-1, shape.HeadWidth * shape.HeadCount);
    }
}
