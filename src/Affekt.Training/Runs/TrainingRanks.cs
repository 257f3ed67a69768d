using System.Globalization;
using System.Text;
using Affekt.Torch;
using Affekt.Torch.Distributed;

namespace Affekt.Training;

/// <summary>
/// The processes that train one model together, each on its share of every batch; mostly one. All hold the same weights: what a
/// batch's shares say of them is added up before each step. Only the first writes and scores. Each computes on a device of its own.
/// </summary>
public sealed class TrainingRanks : IDisposable
{
    // For all to start; a scheduler may start some of them later.
    private static readonly TimeSpan _joinWithin = TimeSpan.FromMinutes(5);

    // A process that says nothing for so long is gone: short enough to end within a minute when a machine vanishes without a word.
    // A step may take longer, for a process that computes says now and then that it is still there.
    private static readonly TimeSpan _answerWithin = TimeSpan.FromSeconds(40);

    // How often a process that works apart, or takes long over a step, says that it is still there.
    private static readonly TimeSpan _beat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _stepBeat = TimeSpan.FromSeconds(10);

    private readonly ProcessGroup? _group;
    private readonly StepWatch? _watch;

    private TrainingRanks(ProcessGroup? group, Device device, TimeSpan stepBeat)
    {
        _group = group;
        _watch = group is null ? null : new StepWatch(stepBeat, () => AllGather(1));
        Device = device;
    }

    private TrainingRanks(ProcessGroup? group, Device device)
        : this(group, device, _stepBeat)
    {
    }

    /// <summary>One process that has no others, on the processor.</summary>
    public static TrainingRanks Alone { get; } = new(null, Device.Cpu);

    /// <summary>One process that has no others, on a device.</summary>
    public static TrainingRanks On(Device device) => new(null, device);

    /// <summary>Where this process's networks are trained.</summary>
    public Device Device { get; }

    /// <summary>This process's place, from 0.</summary>
    public int Rank => _group?.Rank ?? 0;

    /// <summary>How many processes there are.</summary>
    public int Count => _group?.Size ?? 1;

    /// <summary>Whether this process writes the run's files.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>
    /// Joins the processes that the usual variables name: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as torchrun and the like
    /// set them. Without WORLD_SIZE, or with 1, this process is alone.
    /// </summary>
    /// <param name="variable">Gives a variable's value, or null.</param>
    /// <param name="device">Where this process trains; the processor where null.</param>
    /// <exception cref="ProcessGroupException">A variable is missing or wrong, or the others did not come within five minutes.</exception>
    public static TrainingRanks Join(Func<string, string?> variable, Device? device = null) => Join(variable, device, _answerWithin, _stepBeat);

    /// <param name="variable">Gives a variable's value, or null.</param>
    /// <param name="device">Where this process trains; the processor where null.</param>
    /// <param name="answerWithin">How long a process may say nothing before it counts as gone.</param>
    /// <param name="stepBeat">How often one that takes long over a step says that it is still there; less than that.</param>
    internal static TrainingRanks Join(Func<string, string?> variable, Device? device, TimeSpan answerWithin, TimeSpan stepBeat)
    {
        device ??= Device.Cpu;
        if (Number("WORLD_SIZE", 1, int.MaxValue, "1") is not (> 1 and var size))
            return device == Device.Cpu ? Alone : On(device);
        int rank = Number("RANK", 0, size - 1), port = Number("MASTER_PORT", 1, ushort.MaxValue);
        string host = variable("MASTER_ADDR") is { Length: > 0 } named
            ? named
            : throw new ProcessGroupException("MASTER_ADDR: found nothing, expected the host of process 0");
        return new TrainingRanks(ProcessGroup.Join(host, port, rank, size, _joinWithin, answerWithin), device, stepBeat);

        int Number(string name, int least, int most, string? otherwise = null)
        {
            string? text = variable(name) is { Length: > 0 } given ? given : otherwise;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
                ? number
                : throw new ProcessGroupException(string.Create(
                    CultureInfo.InvariantCulture, $"{name}: found {(text is null ? "nothing" : $"\"{text}\"")}, expected a whole number from {least} to {most}"));
        }
    }

    /// <summary>This process's share of a batch; may be empty. The shares of all processes are the batch.</summary>
    public T[] Shard<T>(IReadOnlyList<T> batch) => [.. batch.Where((_, place) => place % Count == Rank)];

    /// <summary>
    /// Adds up, over all processes, the gradients of a batch's loss and the loss itself. A parameter without a gradient in this
    /// process gets one where another has one.
    /// </summary>
    /// <param name="loss">This process's part of the batch's loss.</param>
    /// <param name="parameters">What is trained, in the same order in all processes.</param>
    /// <returns>The whole batch's loss.</returns>
    /// <exception cref="ProcessGroupException">A process is gone.</exception>
    public double AllReduce(double loss, IEnumerable<Tensor> parameters)
    {
        if (_group is null)
            return loss;
        using TensorScope scope = new();
        Tensor[] trained = [.. parameters];
        Tensor?[] own = [.. trained.Select(parameter => parameter.Grad)];
        Tensor told = Tensor.From<float>([.. own.Select(gradient => gradient is null ? 0f : 1), (float)loss], trained.Length + 1);
        Tensor[] parts = [.. own.Select((gradient, i) => (gradient ?? trained[i].Detach().ZerosLike()).Reshape(-1)), told.To(Device)];
        Tensor all = Tensor.Concat(parts, 0);
        if (!ProcessGroup.CanSumOn(Device))
            all = all.To(Device.Cpu);
        Barrier();
        _group.Sum(all);
        _watch!.Start();

        long at = 0;
        float[] heard = all.Narrow(0, all.Shape[0] - told.Shape[0], told.Shape[0]).To(Device.Cpu).ToArray<float>();
        foreach ((int i, Tensor parameter) in trained.Index())
        {
            long length = parameter.Shape.Aggregate(1L, (product, size) => product * size);
            if (heard[i] > 0)
            {
                if (own[i] is null)
                    (parameter * 0).Sum().Backward();
                parameter.Grad!.CopyFrom(all.Narrow(0, at, length).Reshape([.. parameter.Shape]));
            }

            at += length;
        }

        return heard[^1];
    }

    /// <summary>Replaces tensors by those of the first process.</summary>
    /// <exception cref="ProcessGroupException">A process is gone.</exception>
    public void Broadcast(IEnumerable<Tensor> tensors)
    {
        if (_group is null)
            return;
        using GradMode noGrad = GradMode.NoGrad();
        Barrier();
        foreach (Tensor tensor in tensors)
        {
            using TensorScope scope = new();
            Tensor sent = tensor.To(Device.Cpu).Contiguous();
            _group.Broadcast(sent);
            tensor.CopyFrom(sent);
        }
    }

    /// <summary>The first process's text, in all of them.</summary>
    /// <exception cref="ProcessGroupException">A process is gone.</exception>
    public string Broadcast(string text)
    {
        if (_group is null)
            return text;
        using TensorScope scope = new();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Barrier();
        Tensor length = Tensor.From<long>([bytes.Length], 1);
        _group.Broadcast(length);
        Tensor sent = Tensor.From<byte>(IsFirst ? bytes : new byte[(int)length.Item()], (long)length.Item());
        _group.Broadcast(sent);
        return Encoding.UTF8.GetString(sent.ToArray<byte>());
    }

    /// <summary>
    /// Does work that takes the processes differently long, and returns when all have ended theirs. Until then each says now and
    /// then that it is still there.
    /// </summary>
    /// <param name="work">This process's work; its token ends it when another process is gone.</param>
    /// <param name="cancellation">Ends it as well.</param>
    /// <exception cref="ProcessGroupException">Another process is gone, or its work failed.</exception>
    public void RunWithHeartbeat(Action<CancellationToken> work, CancellationToken cancellation)
    {
        if (_group is null)
        {
            work(cancellation);
            return;
        }

        _watch!.Stop();
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using ManualResetEventSlim done = new();
        bool failed = true;
        Task beats = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    SendHeartbeats(done, () => failed);
                }
                catch
                {
                    ending.Cancel();
                    throw;
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            work(ending.Token);
            failed = false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested && ending.IsCancellationRequested)
        {
            // The other's end says more than that this one was ended.
        }
        finally
        {
            done.Set();
            Task.WaitAny([beats], CancellationToken.None);
        }

        beats.GetAwaiter().GetResult();
    }

    /// <summary>
    /// Does work in the first process, then in the others, which find done what it left behind: features in a store, say.
    /// </summary>
    /// <param name="work">The work; its token ends it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ProcessGroupException">Another process is gone, or its work failed.</exception>
    public T FirstThenOthers<T>(Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        T result = default!;
        foreach (bool turn in (bool[])[true, false])
        {
            RunWithHeartbeat(
                token =>
                {
                    if (IsFirst == turn)
                        result = work(token);
                },
                cancellation);
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch?.Dispose();
        _group?.Dispose();
    }

    // Waits until all have come this far, however long their steps take.
    private void Barrier()
    {
        _watch!.Stop();
        while (AllGather(0).Any(state => state != 0))
        {
        }
    }

    // One round in which every process tells its state in its place.
    private float[] AllGather(float state)
    {
        using TensorScope scope = new();
        float[] states = new float[Count];
        states[Rank] = state;
        Tensor all = Tensor.From<float>(states, Count);
        _group!.Sum(all);
        return all.ToArray<float>();
    }

    // Each round every process tells in its place whether it still works (1), has ended (0), or has failed (many).
    private void SendHeartbeats(ManualResetEventSlim done, Func<bool> failed)
    {
        const float Failed = 1e6f;
        while (true)
        {
            float[] heard = AllGather(!done.Wait(_beat) ? 1 : failed() ? Failed : 0);
            int bad = Array.FindIndex(heard, state => state >= Failed);
            if (bad >= 0 && bad != Rank)
                throw new ProcessGroupException(FormattableString.Invariant($"process {bad} of {Count} has failed; it says why"), lost: [bad]);
            if (bad >= 0 || heard.All(state => state == 0))
                return;
        }
    }
}
