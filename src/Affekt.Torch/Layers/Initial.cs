namespace Affekt.Torch.Layers;

/// <summary>Initial values of parameters, as PyTorch's layers draw them, so that runs compare.</summary>
public static class Initial
{
    [ThreadStatic]
    private static bool _skip;

    /// <summary>
    /// Until disposed, layers made on this thread leave their parameters unwritten: for networks whose state is loaded
    /// right after, where drawing millions of numbers would only cost time.
    /// </summary>
    public static IDisposable Skipped()
    {
        Restore restore = new(_skip);
        _skip = true;
        return restore;
    }

    internal static Tensor Uniform(double bound, params long[] shape)
    {
        Tensor tensor = Tensor.Empty(shape);
        if (!_skip)
            tensor.Uniform(-bound, bound);
        return tensor;
    }

    internal static Tensor Normal(double deviation, params long[] shape)
    {
        Tensor tensor = Tensor.Empty(shape);
        if (!_skip)
            tensor.Normal(0, deviation);
        return tensor;
    }

    private sealed class Restore(bool before) : IDisposable
    {
        public void Dispose() => _skip = before;
    }
}
