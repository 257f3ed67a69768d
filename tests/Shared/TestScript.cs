using System.Diagnostics;

namespace Affekt.Tests;

/// <summary>Programs that tests write and run.</summary>
internal static class TestScript
{
    /// <summary>Writes a script that can be run at once.</summary>
    /// <remarks>
    /// Another process writes it: a file that this one had open would be inherited by whatever another test starts in that moment,
    /// and the system runs no file that somebody can write to ("Text file busy").
    /// </remarks>
    public static void Write(string path, string text)
    {
        using Process install = Process.Start(new ProcessStartInfo("install", ["-m", "0755", "/dev/stdin", path]) { RedirectStandardInput = true })!;
        install.StandardInput.Write(text);
        install.StandardInput.Close();
        install.WaitForExit();
        Assert.Equal(0, install.ExitCode);
    }
}
