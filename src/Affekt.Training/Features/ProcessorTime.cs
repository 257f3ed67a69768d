using System.Globalization;

namespace Affekt.Training.Features;

/// <summary>Processor time of this process and of its children that have ended, such as ffmpeg.</summary>
internal static class ProcessorTime
{
    // Linux counts in hundredths of a second towards programs, on every architecture (man 5 proc, sysconf(_SC_CLK_TCK)).
    private const double TicksPerSecond = 100;

    /// <summary>The time so far; without the children where the system does not tell of them.</summary>
    public static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux())
            return Environment.CpuUsage.TotalTime;

        // The program's name stands in brackets and may hold blanks; utime, stime, cutime and cstime are fields 14 to 17.
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds(fields[11..15].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond);
    }
}
