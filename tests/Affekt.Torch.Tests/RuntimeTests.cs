using Affekt.Torch;
using Affekt.Torch.Native;

namespace Affekt.Tests;

public sealed class RuntimeTests : IDisposable
{
    private readonly TensorScope _scope = new();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void The_version_is_the_one_that_the_library_states() =>
        Assert.Contains($"TORCH_VERSION={TorchRuntime.Version}", TorchRuntime.BuildConfiguration);

    [Fact]
    public void There_are_CUDA_devices_only_where_libtorch_was_built_for_them()
    {
        string configuration = TorchRuntime.BuildConfiguration;
        bool cuda = configuration.Contains("USE_CUDA=ON") || configuration.Contains("USE_CUDA=1");

        Assert.InRange(TorchRuntime.CudaDevices, 0, cuda ? 64 : 0);
    }

    [Fact]
    public void A_seed_repeats_dropout_exactly()
    {
        float[] first = Drop(3), again = Drop(3), other = Drop(4);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void The_number_of_threads_holds_on_every_thread_that_calls()
    {
        int before = TorchRuntime.Threads;
        try
        {
            foreach (int threads in new[] { 1, 3 })
            {
                TorchRuntime.Threads = threads;
                int here = ThreadsAfterACall(), there = 0;
                Thread thread = new(() => there = ThreadsAfterACall());
                thread.Start();
                thread.Join();
                Assert.Equal((threads, threads), (here, there));
            }
        }
        finally
        {
            TorchRuntime.Threads = before;
        }
    }

    [Fact]
    public void Fewer_threads_than_one_are_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.Threads = 0);

    [Fact]
    public void Without_grad_mode_nothing_is_recorded_and_modes_nest()
    {
        Tensor x = Tensor.Full(2, 1);
        x.RequiresGrad = true;

        using (GradMode.NoGrad())
        {
            using (GradMode.Inference())
                Assert.False((x * 2).RequiresGrad);
            Assert.False((x * 2).RequiresGrad);
        }

        Assert.True((x * 2).RequiresGrad);
    }

    [Fact]
    public void A_tensor_made_without_grad_mode_can_be_trained_later_and_one_made_in_inference_mode_cannot()
    {
        Tensor later, never;
        using (GradMode.NoGrad())
            later = Tensor.Full(2, 1);
        using (GradMode.Inference())
            never = Tensor.Full(2, 1);
        later.RequiresGrad = true;

        (later * later).Sum().Backward();

        Assert.Equal(4, later.Grad!.Item());
        Assert.Contains("nference", Assert.Throws<TorchException>(() => (later * never).Sum().Backward()).Message);
    }

    [Fact]
    public void Grad_mode_belongs_to_its_thread()
    {
        Tensor x = Tensor.Full(2, 1);
        x.RequiresGrad = true;
        using GradMode mode = GradMode.NoGrad();
        bool recorded = false;
        Exception? closing = null;
        Thread thread = new(() =>
        {
            using Tensor y = x * 2;
            recorded = y.RequiresGrad;
            closing = Record.Exception(mode.Dispose);
        });
        thread.Start();
        thread.Join();

        Assert.True(recorded);
        Assert.IsType<InvalidOperationException>(closing);
    }

    [Fact]
    public void Closing_grad_modes_in_the_wrong_order_is_an_error()
    {
        GradMode outer = GradMode.NoGrad(), inner = GradMode.Inference();

        Assert.Throws<InvalidOperationException>(outer.Dispose);

        inner.Dispose();
        outer.Dispose();
        outer.Dispose();
    }

    private static float[] Drop(long seed)
    {
        TorchRuntime.ManualSeed(seed);
        return Tensor.Full(1, 1000).Dropout(0.5, true).ToArray<float>();
    }

    private static int ThreadsAfterACall()
    {
        using Tensor any = Tensor.Zeros(1);
        return Interop.Threads();
    }
}
