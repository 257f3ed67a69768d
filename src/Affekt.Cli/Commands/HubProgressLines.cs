using System.Globalization;
using Affekt.Models.Hub;

namespace Affekt.Cli.Commands;

/// <summary>On a terminal one line that changes, and stays at a file's end; elsewhere one line a file.</summary>
internal sealed class HubProgressLines(Terminal terminal) : IProgress<HubProgress>
{
    private const double Mebibyte = 1 << 20;

    private long _shownMebibyte = -1;

    public void Report(HubProgress value)
    {
        long mebibyte = value.Done >> 20;
        if (!value.IsLast && (!terminal.ErrorsAreTerminal || mebibyte == _shownMebibyte))
            return;
        _shownMebibyte = mebibyte;
        string total = value.Total is { } bytes ? string.Create(CultureInfo.InvariantCulture, $" of {bytes / Mebibyte:F1}") : "";
        string line = string.Create(
            CultureInfo.InvariantCulture, $"{value.Repository}/{value.File}: {value.Done / Mebibyte:F1}{total} MiB");
        terminal.Errors.Write(terminal.ErrorsAreTerminal ? $"\r{line}{(value.IsLast ? "\n" : "")}" : $"{line}\n");
    }
}
