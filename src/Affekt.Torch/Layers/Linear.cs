namespace Affekt.Torch.Layers;

/// <summary>x W^T + b; parameters <c>weight</c> [out, in] and <c>bias</c> [out].</summary>
public sealed class Linear : Module
{
    private bool _mixed;
    private Tensor? _halfWeight;
    private Tensor? _halfBias;
    private TorchObject? _packed;

    /// <summary>A layer from <paramref name="inputs"/> to <paramref name="outputs"/> features.</summary>
    public Linear(long inputs, long outputs, bool bias = true)
    {
        double bound = 1 / Math.Sqrt(inputs);
        Weight = Parameter("weight", Initial.Uniform(bound, outputs, inputs));
        if (bias)
            Bias = Parameter("bias", Initial.Uniform(bound, outputs));
    }

    /// <summary>[out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>[out], or null.</summary>
    public Tensor? Bias { get; }

    /// <summary>[.., in] to [.., out], both in single precision.</summary>
    public Tensor Forward(Tensor x)
    {
        if (_packed is not null)
            return Operator.Get("affekt::linear").Call(x, _packed, (int)Activation.None);

        if (_halfWeight is not null)
            return x.To(Dtype.BFloat16).Linear(_halfWeight, _halfBias).To(Dtype.Float32);
        if (_mixed)
            return x.To(Dtype.BFloat16).Linear(Weight.To(Dtype.BFloat16), Bias?.To(Dtype.BFloat16)).To(Dtype.Float32);
        return x.Linear(Weight, Bias);
    }

    /// <summary>
    /// Whether training multiplies in bfloat16 while weights, gradients and the optimizer stay in single precision
    /// (Micikevicius et al., 2018; bfloat16 needs no loss scaling).
    /// </summary>
    public void UseMixedPrecision(bool on) => _mixed = on;

    /// <summary>
    /// Lays the weights out for use in a precision. The module can still be trained afterwards only in
    /// <see cref="Precision.Float32"/>, which takes the layout away again.
    /// </summary>
    /// <exception cref="NotSupportedException">int8 on another device than the processor, or on one without the kernels.</exception>
    public void Prepare(Precision precision)
    {
        Release();
        using GradMode noGrad = GradMode.NoGrad();
        using TensorScope scope = new();
        bool onProcessor = Weight.Device == Device.Cpu;
        if (onProcessor && (precision == Precision.Int8 && PackedKernels.Available || precision == Precision.BFloat16 && PackedKernels.HasBFloat16))
        {
            _packed = Operator.Get("affekt::linear_pack").CallForObject(Weight, Bias ?? Tensor.Empty(0), (int)precision);
            return;
        }

        switch (precision)
        {
            case Precision.BFloat16:
                _halfWeight = TensorScope.Detached(Weight.To(Dtype.BFloat16));
                _halfBias = Bias is null ? null : TensorScope.Detached(Bias.To(Dtype.BFloat16));
                break;
            case Precision.Int8:
                throw new NotSupportedException(
                    $"int8 takes the processor's kernels, which need AVX-512 VNNI, and this layer is on {Weight.Device}");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }

    private void Release()
    {
        _halfWeight?.Dispose();
        _halfBias?.Dispose();
        _packed?.Dispose();
        (_halfWeight, _halfBias, _packed) = (null, null, null);
    }
}
