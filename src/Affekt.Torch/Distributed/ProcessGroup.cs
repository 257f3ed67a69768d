using System.Globalization;

namespace Affekt.Torch.Distributed;

/// <summary>
/// Processes that compute together, on one machine or on several: libtorch's own process groups, over gloo and, for
/// tensors on CUDA devices, over nccl. Every process makes the same calls in the same order; a call returns when all have made it.
/// </summary>
public sealed class ProcessGroup : IDisposable
{
    // For those that are left to notice that another is gone: a step at most.
    private const double NamingSeconds = 20;

    private static readonly Lazy<bool> _gloo = new(() => IsBuiltIn("affekt::has_gloo"));
    private static readonly Lazy<bool> _nccl = new(() => IsBuiltIn("affekt::has_nccl"));

    private readonly TorchObject _group;

    private ProcessGroup(TorchObject group, int rank, int size)
    {
        _group = group;
        Rank = rank;
        Size = size;
    }

    /// <summary>Whether the native part was built with gloo's headers and with a libtorch that has process groups.</summary>
    /// <exception cref="TorchException">The native part could not be loaded.</exception>
    public static bool Available => _gloo.Value;

    /// <summary>
    /// Whether <see cref="Sum"/> takes tensors on a device: on the processor, and on CUDA devices where the native part was built
    /// with nccl's headers and a libtorch that has nccl.
    /// </summary>
    public static bool CanSumOn(Device device) => device == Device.Cpu || (device.IsCuda && _nccl.Value);

    /// <summary>This process's place, from 0.</summary>
    public int Rank { get; }

    /// <summary>How many processes there are.</summary>
    public int Size { get; }

    /// <summary>
    /// Waits for all processes and joins them. Process 0 listens at the address; afterwards all talk directly with each other, over
    /// the interface of their host's name or those that GLOO_SOCKET_IFNAME names.
    /// </summary>
    /// <param name="host">Process 0's host.</param>
    /// <param name="port">A free port of it, 1 to 65535.</param>
    /// <param name="rank">This process's place, from 0.</param>
    /// <param name="size">How many processes there are, at least 1.</param>
    /// <param name="joinWithin">How long to wait for the others.</param>
    /// <param name="answerWithin">How long a call waits for the others before one counts as gone; a process that ends is missed at once.</param>
    /// <exception cref="ProcessGroupException">They did not all come, or the address cannot be used.</exception>
    public static ProcessGroup Join(string host, int port, int rank, int size, TimeSpan joinWithin, TimeSpan answerWithin)
    {
        if (!Available)
            throw new ProcessGroupException("this native part was built without gloo; build it where libtorch's and gloo's headers are (Debian: libgloo-dev)");
        try
        {
            return new ProcessGroup(
                Operator.Get("affekt::group_join").CallForObject(host, port, rank, size, joinWithin.TotalSeconds, answerWithin.TotalSeconds),
                rank, size);
        }
        catch (TorchException e)
        {
            throw new ProcessGroupException(string.Create(
                CultureInfo.InvariantCulture, $"process {rank} of {size} could not join the others at {host}:{port}: {e.Message}"), e);
        }
    }

    /// <summary>Replaces a tensor by its sum over all processes, whose bits are the same in each.</summary>
    /// <param name="tensor">The same shape and type everywhere; contiguous, on a device of <see cref="CanSumOn"/>, each process on its own.</param>
    /// <exception cref="ProcessGroupException">A process is gone.</exception>
    public void Sum(Tensor tensor) => Call("affekt::group_sum", tensor, _group);

    /// <summary>Replaces a tensor by that of process 0.</summary>
    /// <param name="tensor">The same shape and type everywhere; contiguous, on the processor.</param>
    /// <exception cref="ProcessGroupException">A process is gone.</exception>
    public void Broadcast(Tensor tensor) => Call("affekt::group_broadcast", tensor, 0, _group);

    /// <inheritdoc/>
    public void Dispose() => _group.Dispose();

    private static bool IsBuiltIn(string name) => Operator.Exists(name) && Operator.Get(name).Call().Item() > 0;

    private void Call(string name, params ReadOnlySpan<Value> arguments)
    {
        try
        {
            Operator.Get(name).CallForEffect(arguments);
        }
        catch (TorchException e)
        {
            using Tensor lost = Operator.Get("affekt::group_lost").Call(NamingSeconds, _group);
            int[] ranks = [.. lost.ToArray<long>().Select(rank => (int)rank)];
            string who = ranks.Length == 0
                ? "another process does not answer"
                : $"process {string.Join(" and ", ranks)} of {Size.ToString(CultureInfo.InvariantCulture)} is gone";
            throw new ProcessGroupException($"{who} ({e.Message})", e, ranks);
        }
    }
}

/// <summary>Processes that work together could not find each other, or one of them is gone.</summary>
public sealed class ProcessGroupException : Exception
{
    /// <summary>An error with a message, and its cause where there is one.</summary>
    /// <param name="message">What was found and what is needed.</param>
    /// <param name="cause">The underlying error, or null.</param>
    /// <param name="lost">Ranks that are gone; empty where none is, or none is known.</param>
    public ProcessGroupException(string message, Exception? cause = null, IReadOnlyList<int>? lost = null) : base(message, cause)
    {
        Lost = lost ?? [];
    }

    /// <summary>Ranks that are gone; empty where none is, or none is known.</summary>
    public IReadOnlyList<int> Lost { get; }
}
