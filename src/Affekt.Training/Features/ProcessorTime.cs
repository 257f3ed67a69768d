using System.Globalization;

namespace Affekt.Training.Features;

/// <summary>Processor time of this process and of what it has started, such as ffmpeg.</summary>
internal static class ProcessorTime
{
    // Linux counts in hundredths of a second towards programs, on every architecture (man 5 proc, sysconf(_SC_CLK_TCK)).
    private const double TicksPerSecond = 100;

    /// <summary>
    /// The time so far, with children that have ended, and with those that live and what has ended of theirs: a copy of ffmpeg that waits
    /// for work has its own. Without the children where the system does not tell of them.
    /// </summary>
    public static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux())
            return Environment.CpuUsage.TotalTime;
        IEnumerable<string> children = Directory.EnumerateFiles("/proc/self/task", "children", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .SelectMany(file => Read(file).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return TimeSpan.FromSeconds(children.Append("self").Sum(Ticks) / TicksPerSecond);
    }

    private static double Ticks(string process)
    {
        // The program's name stands in brackets and may hold blanks; utime, stime, cutime and cstime are fields 14 to 17.
        string stat = Read($"/proc/{process}/stat");
        return stat.Length == 0
            ? 0
            : stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11..15].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture));
    }

    // Threads and processes may end at any moment; what is gone has been counted elsewhere.
    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
