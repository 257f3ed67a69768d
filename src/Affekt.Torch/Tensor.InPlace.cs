namespace Affekt.Torch;

/// <content>What changes the tensor itself.</content>
public sealed partial class Tensor
{
    /// <summary>Overwrites all elements; the source broadcasts and converts.</summary>
    public void CopyFrom(Tensor source) => Operator.Get("aten::copy_").CallForEffect(this, source, false);

    /// <summary>Overwrites all elements with one number.</summary>
    public void Fill(double value) => Operator.Get("aten::fill_.Scalar").CallForEffect(this, value);

    /// <summary>Multiplies by a number.</summary>
    public void Scale(double factor) => Operator.Get("aten::mul_.Scalar").CallForEffect(this, factor);

    /// <summary>Adds a tensor times a number.</summary>
    public void AddScaled(Tensor other, double factor) =>
        Operator.Get("aten::add_.Tensor").CallForEffect(this, other, factor);

    /// <summary>Replaces each element below 0 by 0.</summary>
    public void RectifyInPlace() => Operator.Get("aten::relu_").CallForEffect(this);

    /// <summary>Adds the element-wise product of two tensors times a number.</summary>
    public void AddProduct(Tensor left, Tensor right, double factor) =>
        Operator.Get("aten::addcmul_").CallForEffect(this, left, right, factor);

    /// <summary>Adds the element-wise quotient of two tensors times a number.</summary>
    public void AddQuotient(Tensor numerator, Tensor denominator, double factor) =>
        Operator.Get("aten::addcdiv_").CallForEffect(this, numerator, denominator, factor);

    /// <summary>Fills with numbers drawn evenly from [low, high).</summary>
    public void Uniform(double low, double high) =>
        Operator.Get("aten::uniform_").CallForEffect(this, low, high, default);

    /// <summary>Fills with normal numbers.</summary>
    public void Normal(double mean, double deviation) =>
        Operator.Get("aten::normal_").CallForEffect(this, mean, deviation, default);

    /// <summary>Takes over another tensor's memory, type and device; who holds this tensor sees the new elements.</summary>
    public void SetData(Tensor other)
    {
        Operator.Get("aten::set_data").CallForEffect(this, other);
        _shape = null;
    }
}
