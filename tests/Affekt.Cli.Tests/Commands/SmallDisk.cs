using System.Diagnostics;
using System.Globalization;

namespace Affekt.Cli.Tests.Commands;

/// <summary>A disk in memory that fills up soon. Whoever may not mount one skips the test.</summary>
internal sealed class SmallDisk : IDisposable
{
    /// <summary>Mounts one at a folder.</summary>
    /// <param name="folder">Is made.</param>
    /// <param name="bytes">How much it holds.</param>
    public SmallDisk(string folder, long bytes)
    {
        Folder = Directory.CreateDirectory(folder).FullName;
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", Size(bytes), "affekt-test", Folder) == 0,
            "a small disk can be mounted by root alone");
    }

    /// <summary>How many disks fill up: AFFEKT_DISKS, two in the gate.</summary>
    public static int Count => int.Parse(Environment.GetEnvironmentVariable("AFFEKT_DISKS") ?? "2", CultureInfo.InvariantCulture);

    public string Folder { get; }

    /// <summary>The bytes of the files below a folder, as a disk counts them.</summary>
    public static long Bytes(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => (file.Length + 4095) / 4096 * 4096);

    public void Grow() => Assert.Equal(0, Run("mount", "-o", "remount," + Size(1L << 28), Folder));

    public void Dispose() => Run("umount", Folder);

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"size={bytes}");

    private static int Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
