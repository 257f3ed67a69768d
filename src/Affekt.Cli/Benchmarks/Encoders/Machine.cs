using System.Runtime.InteropServices;
using Affekt.Cli.Commands;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>What was measured on.</summary>
internal sealed record Machine(
    string Processor, int Cores, IReadOnlyList<string> Instructions, double MemoryGib, string System, string Date)
{
    private const double Gibibyte = 1 << 30;

    // What decides over the speed of matrix products.
    private static readonly string[] _telling = ["avx2", "avx512f", "avx512_bf16", "avx512_vnni", "avx_vnni", "amx_bf16", "amx_int8"];

    public static Machine Here()
    {
        Dictionary<string, string> processor = [];
        if (File.Exists("/proc/cpuinfo"))
        {
            foreach (string[] field in File.ReadLines("/proc/cpuinfo").Select(line => line.Split(':', 2)).Where(field => field.Length == 2))
                processor.TryAdd(field[0].Trim(), field[1].Trim());
        }

        HashSet<string> flags = [.. processor.GetValueOrDefault("flags", "").Split(' ')];
        return new Machine(
            processor.GetValueOrDefault("model name", "unknown"),
            Environment.ProcessorCount,
            [.. _telling.Where(flags.Contains)],
            Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Gibibyte, 1),
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
            BenchCommand.Today);
    }
}
