using System.Diagnostics;

namespace Affekt.Cli;

/// <summary>
/// How far a command is, on the errors: on a terminal one line that changes; elsewhere a line as each stage ends, and now and then
/// where a time is given.
/// </summary>
/// <param name="terminal">Where it is shown.</param>
/// <param name="describe">A line for a state, and whether a stage has ended with it.</param>
/// <param name="every">How often a line is written where there is no terminal; null for at each stage's end alone.</param>
internal sealed class StatusLine<T>(Terminal terminal, Func<T, (string Line, bool Ended)> describe, TimeSpan? every = null) : IProgress<T>
{
    private readonly Lock _lock = new();
    private long _last = Stopwatch.GetTimestamp();
    private int _shown;

    public void Report(T value)
    {
        lock (_lock)
        {
            (string line, bool ended) = describe(value);
            if (terminal.ErrorsAreTerminal)
            {
                string shown = ended ? line : Cut(line, terminal.Columns() - 1);
                terminal.Errors.Write($"\r{shown.PadRight(_shown)}{(ended ? "\n" : "")}");
                _shown = ended ? 0 : shown.Length;
            }
            else if (ended || (every is { } time && Stopwatch.GetElapsedTime(_last) > time))
            {
                terminal.Errors.WriteLine(line);
                _last = Stopwatch.GetTimestamp();
            }
        }
    }

    // What is wider than the terminal would take two lines, of which the first stays; how far it is stands at the ends.
    private static string Cut(string line, int width)
    {
        int start = Math.Max(0, (width - 1) / 2), end = Math.Max(0, width - 1 - start);
        return line.Length <= width ? line : $"{line[..start]}…{line[^end..]}";
    }
}
