using System.Diagnostics;
using Affekt.Tests;

namespace Affekt.Training.Tests;

/// <summary>Small media that are made on the spot.</summary>
internal static class TestMedia
{
    /// <summary>Writes a tone of 16-bit samples at 16 kHz.</summary>
    public static string WriteTone(this TemporaryFolder folder, string name, int samples, double level) => WaveFile.Write(
        folder.At(name), [.. Enumerable.Range(0, samples).Select(i => (short)(level * short.MaxValue * Math.Sin(i * 0.2)))]);

    /// <summary>Writes half a second of one of ffmpeg's pictures, with a tone or without.</summary>
    public static string WriteClip(this TemporaryFolder folder, string name, string picture, bool sound)
    {
        string[] tone = sound ? ["-f", "lavfi", "-i", "sine=d=0.5"] : [];
        using Process process = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", picture, .. tone, "-c:v", "libx264", "-pix_fmt", "yuv420p",
                folder.At(name),
            ])
        {
            RedirectStandardError = true,
        })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return folder.At(name);
    }
}
