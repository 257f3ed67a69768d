using System.Numerics;
using Affekt.Torch;

namespace Affekt.Training;

/// <summary>
/// Seeds of a run's random numbers. Every epoch starts from a seed of its own, so a run that goes on after an epoch draws
/// what it would have drawn undisturbed, without any generator's state being kept.
/// </summary>
public static class RunSeeds
{
    /// <summary>
    /// Seeds libtorch's generator (dropout) for an epoch and gives the generator of its order and draws.
    /// </summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stage">The stage's place in the run, from 0.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="rank">The process's place: each drops out others, but all order and draw alike.</param>
    public static Random StartEpoch(int seed, int stage, int epoch, int rank = 0)
    {
        int mixed = Mix(seed, stage, epoch);
        TorchRuntime.ManualSeed((long)mixed + rank);
        return new Random(mixed);
    }

    // Neighboring seeds and epochs have nothing in common.
    internal static int Mix(int seed, int stage, int epoch) => (int)(new SplitMix64(
        BitOperations.RotateLeft((ulong)(uint)seed, 32) ^ ((ulong)(uint)stage << 20) ^ (uint)epoch).Next() & int.MaxValue);
}
