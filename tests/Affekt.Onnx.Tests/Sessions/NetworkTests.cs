using Affekt.Onnx;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;

namespace Affekt.Tests.Sessions;

/// <summary>A loaded network: what it takes, what it refuses, and many callers at once.</summary>
public sealed class NetworkTests
{
    [Fact]
    public void Callers_on_many_threads_get_what_each_would_get_alone()
    {
        using Network network = Network.Open(Square(), new EngineOptions { Threads = 2 });

        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using NetworkTensor x = NetworkTensor.Over([.. Enumerable.Range(i, 100).Select(k => (float)k)], 100);
            using NetworkOutputs outputs = network.Run(("x", x));
            Assert.Equal(Enumerable.Range(i, 100).Select(k => (float)k * k), outputs[0].ToArray<float>());
        });
    }

    [Fact]
    public void An_output_is_the_next_calls_input_without_a_copy()
    {
        using Network network = Network.Open(Square());
        using NetworkTensor x = NetworkTensor.Over<float>([3], 1);
        using NetworkOutputs once = network.Run(("x", x));
        using NetworkOutputs twice = network.Run(("x", once["y"]));

        Assert.Equal([81], twice["y"].ToArray<float>());
    }

    [Fact]
    public async Task A_network_that_is_disposed_of_while_others_call_it_ends_their_next_call_with_an_exception()
    {
        Network network = Network.Open(Square(), new EngineOptions { Threads = 1 });
        using CountdownEvent called = new(4);
        Task[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            using NetworkTensor x = NetworkTensor.Zeros<float>(100_000);
            for (bool isFirst = true; ; isFirst = false)
            {
                network.Run(("x", x)).Dispose();
                if (isFirst)
                    called.Signal();
            }
        }))];

        called.Wait(TestContext.Current.CancellationToken);
        network.Dispose();
        network.Dispose();

        foreach (Task caller in callers)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => caller);
    }

    [Fact]
    public void A_call_that_was_cancelled_does_not_begin()
    {
        using Network network = Network.Open(Square());
        using NetworkTensor x = NetworkTensor.Over<float>([3], 1);

        Assert.Throws<OperationCanceledException>(() => network.Run([("x", x)], null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_call_is_cancelled_while_it_computes()
    {
        // Thousands of products one behind the other: minutes, if nobody stopped it.
        GraphBuilder graph = new("long");
        Value x = graph.Input("x", ElementType.Float32, "n", "n");
        for (int i = 0; i < 5000; i++)
            x = x.MatMul(x);
        graph.Output("y", x);
        using Network network = Network.Open(graph.Build(), new EngineOptions { Threads = 1 });
        using NetworkTensor input = NetworkTensor.Zeros<float>(1000, 1000);
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(50));

        Assert.Throws<OperationCanceledException>(() => network.Run([("x", input)], null, source.Token));
    }

    [Fact]
    public void Inputs_that_the_network_does_not_take_are_told_with_those_that_it_takes()
    {
        using Network network = Network.Open(Square());
        using NetworkTensor one = NetworkTensor.Over<float>([3], 1);
        using NetworkTensor wrong = NetworkTensor.Over<float>([3, 4], 1, 2);

        Assert.Equal("a square: found inputs z, expected x", Assert.Throws<EngineException>(() => network.Run(("z", one))).Message);
        Assert.StartsWith("a square: found x Float32 [1, 2]", Assert.Throws<EngineException>(() => network.Run(("x", wrong))).Message);
    }

    [Theory]
    [InlineData(ExecutionProvider.Cuda, "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData(ExecutionProvider.DirectMl, "Microsoft.ML.OnnxRuntime.DirectML")]
    [InlineData(ExecutionProvider.CoreMl, "Microsoft.ML.OnnxRuntime, on macOS")]
    public void A_provider_that_is_not_there_is_an_error_that_names_its_package(ExecutionProvider provider, string package)
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS() && provider == ExecutionProvider.CoreMl, "CoreML is there on macOS");
        EngineException error = Assert.Throws<EngineException>(() => Network.Open(Square(), new EngineOptions { Provider = provider }));

        Assert.Contains(package, error.Message);
    }

    [Fact]
    public void A_file_that_is_no_model_is_told_by_its_name()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("model.onnx", "no model");
        Assert.Contains(file, Assert.Throws<EngineException>(() => Network.Open(file)).Message);

        Assert.Contains(file, Assert.Throws<EngineException>(() => Network.Open(file)).Message);
    }

    private static NetworkGraph Square()
    {
        GraphBuilder graph = new("a square");
        Value x = graph.Input("x", ElementType.Float32, "n");
        graph.Output("y", x * x, ElementType.Float32, "n");
        return graph.Build();
    }
}
