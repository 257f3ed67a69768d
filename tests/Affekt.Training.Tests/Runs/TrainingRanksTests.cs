using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Affekt.Torch;
using Affekt.Torch.Distributed;
using Affekt.Training;

namespace Affekt.Tests.Runs;

/// <summary>Ranks of one run, each on a thread of its own.</summary>
public sealed class TrainingRanksTests
{
    [Theory]
    [InlineData("WORLD_SIZE=two", "WORLD_SIZE: found \"two\", expected a whole number")]
    [InlineData("WORLD_SIZE=-2", "WORLD_SIZE: found \"-2\", expected a whole number")]
    [InlineData("WORLD_SIZE=2", "RANK: found nothing, expected a whole number from 0 to 1")]
    [InlineData("WORLD_SIZE=2 RANK=2", "RANK: found \"2\", expected a whole number from 0 to 1")]
    [InlineData("WORLD_SIZE=2 RANK=0", "MASTER_PORT: found nothing")]
    [InlineData("WORLD_SIZE=2 RANK=0 MASTER_PORT=70000", "MASTER_PORT: found \"70000\"")]
    [InlineData("WORLD_SIZE=2 RANK=0 MASTER_PORT=29500", "MASTER_ADDR: found nothing")]
    public void A_variable_that_is_missing_or_wrong_is_named(string variables, string message) =>
        Assert.Contains(message, Assert.Throws<ProcessGroupException>(() => Join(variables)).Message);

    [Theory]
    [InlineData("")]
    [InlineData("WORLD_SIZE=1 RANK=0")]
    public void One_process_is_alone(string variables)
    {
        TrainingRanks ranks = Join(variables);

        Assert.Equal((0, 1, true), (ranks.Rank, ranks.Count, ranks.IsFirst));
        Assert.Equal([1, 2, 3], ranks.Shard([1, 2, 3]));
        Assert.Equal(0.5, ranks.AllReduce(0.5, []));
        Assert.Equal("text", ranks.Broadcast("text"));
    }

    [Fact]
    public void A_port_that_is_taken_is_an_error_that_names_it()
    {
        using TcpListener taken = new(IPAddress.Any, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        ProcessGroupException e = Assert.Throws<ProcessGroupException>(
            () => Join($"WORLD_SIZE=2 RANK=0 MASTER_ADDR=127.0.0.1 MASTER_PORT={port}"));

        Assert.Contains($"127.0.0.1:{port}", e.Message);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_shares_are_the_batch_and_texts_and_tensors_are_those_of_the_first(int count)
    {
        int[][] shares = new int[count][];
        await TogetherAsync(count, ranks =>
        {
            shares[ranks.Rank] = ranks.Shard([0, 1, 2, 3, 4, 5, 6]);
            Assert.Equal("from 0: ü", ranks.Broadcast($"from {ranks.Rank}: ü"));
            using Tensor tensor = Tensor.Full(ranks.Rank + 5, 2, 3);
            ranks.Broadcast([tensor]);
            Assert.All(tensor.ToArray<float>(), value => Assert.Equal(5, value));
        });

        Assert.Equal([0, 1, 2, 3, 4, 5, 6], shares.SelectMany(share => share).Order());
    }

    [Fact]
    public Task Gradients_are_added_up_where_any_process_has_one() => TogetherAsync(2, ranks =>
    {
        using TensorScope scope = new();
        Tensor both = Tensor.Full(1, 2, 2), one = Tensor.Full(1, 3), none = Tensor.Full(1, 1);
        Tensor[] parameters = [both, one, none];
        foreach (Tensor parameter in parameters)
            parameter.RequiresGrad = true;
        (both * (ranks.Rank + 1)).Sum().Backward();
        if (ranks.Rank == 1)
            (one * 7).Sum().Backward();

        double loss = ranks.AllReduce(ranks.Rank + 0.25, parameters);

        Assert.Equal(1.5, loss);
        Assert.All(both.Grad!.ToArray<float>(), value => Assert.Equal(3, value));
        Assert.All(one.Grad!.ToArray<float>(), value => Assert.Equal(7, value));
        Assert.Null(none.Grad);
    });

    [Fact]
    public Task Work_apart_ends_in_all_when_the_longest_has_ended() => TogetherAsync(3, ranks =>
    {
        for (int round = 0; round < 3; round++)
        {
            ranks.RunWithHeartbeat(_ => Thread.Sleep(ranks.Rank == round ? 300 : 0), CancellationToken.None);
            ranks.AllReduce(0, []);
        }

        Assert.Equal(ranks.Rank, ranks.FirstThenOthers(_ => ranks.Rank, CancellationToken.None));
    });

    [Fact]
    public Task Where_the_work_of_one_fails_the_others_are_ended_and_told_whose() => TogetherAsync(3, ranks =>
    {
        void Work(CancellationToken token)
        {
            if (ranks.Rank == 1)
                throw new InvalidDataException("mine");
            token.WaitHandle.WaitOne(TimeSpan.FromMinutes(1));
            token.ThrowIfCancellationRequested();
        }

        if (ranks.Rank == 1)
            Assert.Equal("mine", Assert.Throws<InvalidDataException>(() => ranks.RunWithHeartbeat(Work, CancellationToken.None)).Message);
        else
            Assert.Equal([1], Assert.Throws<ProcessGroupException>(() => ranks.RunWithHeartbeat(Work, CancellationToken.None)).Lost);
    });

    [Fact]
    public Task A_step_that_takes_longer_than_an_answer_may_is_waited_for() => TogetherAsync(
        2,
        ranks =>
        {
            for (int step = 0; step < 3; step++)
            {
                if (step > 0)
                    Thread.Sleep(ranks.Rank == step % 2 ? 1500 : 0);
                Assert.Equal(3, ranks.AllReduce(ranks.Rank + 1, []));
            }

            ranks.RunWithHeartbeat(_ => { }, CancellationToken.None);
        },
        variables => TrainingRanks.Join(variables, null, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(200)));

    private static async Task TogetherAsync(
        int count, Action<TrainingRanks> each, Func<Func<string, string?>, TrainingRanks>? join = null)
    {
        int port = TestPorts.Free();
        await Task.WhenAll(Enumerable.Range(0, count).Select(rank => Task.Factory.StartNew(
            () =>
            {
                using TrainingRanks ranks = Join($"WORLD_SIZE={count} RANK={rank} MASTER_ADDR=127.0.0.1 MASTER_PORT={port}", join);
                each(ranks);
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    private static TrainingRanks Join(string variables, Func<Func<string, string?>, TrainingRanks>? join = null)
    {
        Dictionary<string, string> values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return join is null ? TrainingRanks.Join(name => values.GetValueOrDefault(name)) : join(name => values.GetValueOrDefault(name));
    }
}
