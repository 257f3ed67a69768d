using Affekt.Torch;
using Affekt.Torch.Layers;
using Affekt.Torch.Training;

namespace Affekt.Tests;

public sealed class TensorScopeTests
{
    [Fact]
    public void Closing_a_scope_frees_what_was_made_in_it_and_not_what_was_made_outside()
    {
        using TensorScope outer = new();
        Tensor outside = Tensor.Zeros(2);
        Tensor inside;
        using (new TensorScope())
            inside = outside + 1;

        Assert.Throws<ObjectDisposedException>(() => inside.ToArray<float>());
        Assert.Equal([0f, 0f], outside.ToArray<float>());
        Assert.Equal("disposed tensor", inside.ToString());
    }

    [Fact]
    public void A_kept_tensor_goes_to_the_outer_scope_and_goes_with_it()
    {
        Tensor kept;
        using (new TensorScope())
        {
            using (TensorScope inner = new())
                kept = inner.Keep(Tensor.Full(5, 1));
            Assert.Equal(5, kept.Item());
        }

        Assert.Throws<ObjectDisposedException>(() => kept.Item());
    }

    [Fact]
    public void A_tensor_kept_by_the_outermost_scope_belongs_to_the_caller()
    {
        Tensor kept;
        using (TensorScope scope = new())
            kept = scope.Keep(Tensor.Full(5, 1));

        Assert.Equal(5, kept.Item());
        kept.Dispose();
    }

    [Fact]
    public void A_detached_tensor_outlives_every_scope()
    {
        Tensor detached;
        using (new TensorScope())
        using (new TensorScope())
        {
            Tensor made = Tensor.Full(5, 1);
            using (new TensorScope())
                detached = TensorScope.Detached(made);
        }

        Assert.Equal(5, detached.Item());
        detached.Dispose();
    }

    [Fact]
    public void An_exception_closes_the_scopes_that_it_leaves()
    {
        using TensorScope outer = new();
        long before = LiveTensors();

        Assert.Throws<TorchException>(() =>
        {
            using TensorScope inner = new();
            Tensor.Zeros(2, 3).MatMul(Tensor.Zeros(2, 3));
        });

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Closing_the_outer_scope_first_is_an_error_that_frees_nothing()
    {
        TensorScope outer = new();
        Tensor tensor = Tensor.Full(5, 1);
        TensorScope inner = new();

        Assert.Throws<InvalidOperationException>(outer.Dispose);
        Assert.Equal(5, tensor.Item());

        inner.Dispose();
        outer.Dispose();
        outer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.Item());
    }

    [Fact]
    public void Closing_a_scope_on_another_thread_is_an_error()
    {
        using TensorScope scope = new();

        OnNewThread(() => Assert.Throws<InvalidOperationException>(scope.Dispose));
    }

    [Fact]
    public void A_training_loop_leaves_no_tensor_behind()
    {
        long before = LiveTensors();

        Train(200);

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void Training_loops_on_several_threads_leave_no_tensor_behind()
    {
        long before = LiveTensors();

        OnNewThread(() => Train(50), () => Train(50), () => Train(50), () => Train(50));

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    [Fact]
    public void A_failed_call_lets_go_of_its_arguments()
    {
        long before = LiveTensors();
        using (new TensorScope())
        {
            Tensor alive = Tensor.Zeros(1), gone = Tensor.Zeros(1);
            gone.Dispose();
            Assert.Throws<ObjectDisposedException>(() => Tensor.Concat([alive, gone], 0));
            Assert.Throws<TorchException>(() => Tensor.Concat([alive, null!], 0));
            Assert.Throws<TorchException>(() => Operator.Get("aten::unbind.int").Call(Tensor.Zeros(3, 2), 0));
            Assert.Throws<TorchException>(() => Operator.Get("aten::is_nonzero").CallMany(alive));
        }

        Assert.Equal(before, TorchRuntime.LiveTensors);
    }

    private static void Train(int steps)
    {
        using Linear layer = new(4, 7);
        using AdamW optimizer = new([new([.. layer.NamedParameters()], 0.1, new AdamWOptions())]);
        layer.Train();
        for (int i = 0; i < steps; i++)
        {
            using TensorScope scope = new();
            optimizer.ClearGradients();
            Tensor logits = layer.Forward(Tensor.Randn(5, 4)).Dropout(0.1, true);
            Tensor loss = logits.CrossEntropy(Tensor.From<long>([0, 1, 2, 3, 4], 5));
            loss.Backward();
            optimizer.ClipGradients(1);
            optimizer.Step(1);
        }
    }

    private static void OnNewThread(params Action[] actions)
    {
        List<Exception> errors = [];
        Thread[] threads = [.. actions.Select(action => new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                lock (errors)
                    errors.Add(e);
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Empty(errors);
    }

    // Once what earlier tests left to finalizers has gone.
    private static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return TorchRuntime.LiveTensors;
    }
}
