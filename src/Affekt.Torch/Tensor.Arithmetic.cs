namespace Affekt.Torch;

/// <content>Arithmetic, element by element and along dimensions. Shapes broadcast as libtorch's do.</content>
public sealed partial class Tensor
{
    /// <summary>Sum, element by element.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => Operator.Get("aten::add.Tensor").Call(left, right, 1);

    /// <summary>Sum with a number.</summary>
    public static Tensor operator +(Tensor left, double right) => Operator.Get("aten::add.Scalar").Call(left, right, 1);

    /// <summary>Difference, element by element.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => Operator.Get("aten::sub.Tensor").Call(left, right, 1);

    /// <summary>Product, element by element.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => Operator.Get("aten::mul.Tensor").Call(left, right);

    /// <summary>Product with a number.</summary>
    public static Tensor operator *(Tensor left, double right) => Operator.Get("aten::mul.Scalar").Call(left, right);

    /// <summary>Quotient, element by element.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => Operator.Get("aten::div.Tensor").Call(left, right);

    /// <summary>Quotient by a number.</summary>
    public static Tensor operator /(Tensor left, double right) => Operator.Get("aten::div.Scalar").Call(left, right);

    /// <summary>Square root.</summary>
    public Tensor Sqrt() => Operator.Get("aten::sqrt").Call(this);

    /// <summary>e to the power of each element.</summary>
    public Tensor Exp() => Operator.Get("aten::exp").Call(this);

    /// <summary>Natural logarithm.</summary>
    public Tensor Log() => Operator.Get("aten::log").Call(this);

    /// <summary>Hyperbolic tangent.</summary>
    public Tensor Tanh() => Operator.Get("aten::tanh").Call(this);

    /// <summary>1 / (1 + e^-x).</summary>
    public Tensor Sigmoid() => Operator.Get("aten::sigmoid").Call(this);

    /// <summary>max(x, 0).</summary>
    public Tensor Relu() => Operator.Get("aten::relu").Call(this);

    /// <summary>x times the standard normal distribution function of x, through erf (Hendrycks and Gimpel, 2016).</summary>
    public Tensor Gelu() => Operator.Get("aten::gelu").Call(this, "none");

    /// <summary>Each element moved into a range; a bound that is null does not bind.</summary>
    public Tensor Clamp(double? least, double? most) => Operator.Get("aten::clamp").Call(
        this, least is { } low ? low : Value.None, most is { } high ? high : Value.None);

    /// <summary>Whether each element equals the number, as Bool.</summary>
    public Tensor EqualTo(double value) => Operator.Get("aten::eq.Scalar").Call(this, value);

    /// <summary>A number where the mask is true, the element where it is false.</summary>
    public Tensor MaskedFill(Tensor mask, double value) =>
        Operator.Get("aten::masked_fill.Scalar").Call(this, mask, value);

    /// <summary>Sum of all elements.</summary>
    public Tensor Sum() => Operator.Get("aten::sum").Call(this, default);

    /// <summary>Sum along one dimension.</summary>
    public Tensor Sum(long dimension, bool keep = false) =>
        Operator.Get("aten::sum.dim_IntList").Call(this, new[] { dimension }, keep, default);

    /// <summary>Mean of all elements.</summary>
    public Tensor Mean() => Operator.Get("aten::mean").Call(this, default);

    /// <summary>Mean along one dimension.</summary>
    public Tensor Mean(long dimension, bool keep = false) =>
        Operator.Get("aten::mean.dim").Call(this, new[] { dimension }, keep, default);

    /// <summary>Variance along one dimension, divided by n.</summary>
    public Tensor Variance(long dimension, bool keep = false) =>
        Operator.Get("aten::var.correction").Call(this, new[] { dimension }, 0, keep);

    /// <summary>The index of the greatest element along one dimension, as Int64.</summary>
    public Tensor ArgMax(long dimension) => Operator.Get("aten::argmax").Call(this, dimension, false);

    /// <summary>e^x, normalized to sum 1 along one dimension.</summary>
    public Tensor Softmax(long dimension) => Operator.Get("aten::softmax.int").Call(this, dimension, default);

    /// <summary>Matrix product over the last two dimensions; the ones before broadcast.</summary>
    public Tensor MatMul(Tensor other) => Operator.Get("aten::matmul").Call(this, other);

    /// <summary>x W^T + b: [.., in] with weight [out, in] and bias [out] gives [.., out].</summary>
    public Tensor Linear(Tensor weight, Tensor? bias) => Operator.Get("aten::linear").Call(this, weight, bias);

    /// <summary>Zeroes each element with probability p and scales the rest by 1/(1-p), while training.</summary>
    public Tensor Dropout(double p, bool training) => Operator.Get("aten::dropout").Call(this, p, training);

    /// <summary>Normalizes over the trailing dimensions (Ba et al., 2016).</summary>
    public Tensor LayerNorm(long[] normalizedShape, Tensor? weight, Tensor? bias, double epsilon) =>
        Operator.Get("aten::layer_norm").Call(this, normalizedShape, weight, bias, epsilon, false);

    /// <summary>
    /// Cross-entropy of logits [n, classes] with class indexes [n] (Int64), the mean over rows, weighted by class where
    /// weights [classes] are given, over targets smoothed by <paramref name="labelSmoothing"/> in [0, 1).
    /// </summary>
    public Tensor CrossEntropy(Tensor target, Tensor? classWeights = null, double labelSmoothing = 0) =>
        Operator.Get("aten::cross_entropy_loss").Call(this, target, classWeights, 1, -100, labelSmoothing);

    /// <summary>Euclidean length of all elements together.</summary>
    public Tensor Norm() => Operator.Get("aten::linalg_vector_norm").Call(this, 2.0, default, false, default);
}
