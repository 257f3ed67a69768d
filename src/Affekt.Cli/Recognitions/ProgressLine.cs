using System.Diagnostics;
using System.Globalization;

namespace Affekt.Cli.Recognitions;

/// <summary>One line on a terminal that tells how far the recognition is, and how long it will take; nothing elsewhere.</summary>
/// <param name="terminal">Where the errors go.</param>
/// <param name="files">How many files there are.</param>
internal sealed class ProgressLine(Terminal terminal, int files)
{
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<string, double> _parts = [];
    private TimeSpan _last;
    private int _done;
    private bool _shown;

    /// <summary>A file has come so far.</summary>
    public void Report(string file, int doneMs, int durationMs)
    {
        lock (_lock)
        {
            _parts[file] = durationMs > 0 ? Math.Min(1, (double)doneMs / durationMs) : 1;
            if (_clock.Elapsed - _last > _between)
                Show();
        }
    }

    /// <summary>A file is done, or failed.</summary>
    public void Done(string file)
    {
        lock (_lock)
        {
            _parts.Remove(file);
            _done++;
            Show();
        }
    }

    /// <summary>Takes the line away, for another to be written.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_shown)
                terminal.Errors.Write("\r\u001b[K");
            _shown = false;
        }
    }

    /// <summary>"3 of 200 files, 25 %, 1:05 left"; the time counts files as equally long.</summary>
    internal static string Text(int done, int files, double fraction, TimeSpan elapsed)
    {
        string left = fraction > 0
            ? $", {Clock(elapsed * ((1 - fraction) / fraction))} left"
            : "";
        string count = files > 1 ? $"{done} of {files} files, " : "";
        return string.Create(CultureInfo.InvariantCulture, $"{count}{100 * fraction:0} %{left}");
    }

    private void Show()
    {
        if (!terminal.ErrorsAreTerminal)
            return;
        double fraction = files == 0 ? 1 : (_done + _parts.Values.Sum()) / files;
        terminal.Errors.Write($"\r{Text(_done, files, fraction, _clock.Elapsed)}\u001b[K");
        _last = _clock.Elapsed;
        _shown = true;
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
}
