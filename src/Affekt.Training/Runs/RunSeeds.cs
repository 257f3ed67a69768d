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

    // SplitMix64's finalizer (Steele et al., 2014) over the three, so that neighboring seeds and epochs have nothing in common.
    internal static int Mix(int seed, int stage, int epoch)
    {
        ulong state = BitOperations.RotateLeft((ulong)(uint)seed, 32) ^ ((ulong)(uint)stage << 20) ^ (uint)epoch;
        state += 0x9E3779B97F4A7C15;
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
        return (int)((state ^ (state >> 31)) & int.MaxValue);
    }
}
