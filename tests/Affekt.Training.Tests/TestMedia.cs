using System.Diagnostics;
using System.Text;
using Affekt.Tests;

namespace Affekt.Training.Tests;

/// <summary>Small media that are made on the spot.</summary>
internal static class TestMedia
{
    /// <summary>Writes a tone of 16-bit samples at 16 kHz.</summary>
    public static string WriteTone(this TemporaryFolder folder, string name, int samples, double level)
    {
        using BinaryWriter file = new(File.Create(folder.At(name)), Encoding.ASCII);
        file.Write("RIFF"u8);
        file.Write(36 + (samples * 2));
        file.Write("WAVEfmt "u8);
        file.Write(16);
        file.Write((short)1);
        file.Write((short)1);
        file.Write(16_000);
        file.Write(32_000);
        file.Write((short)2);
        file.Write((short)16);
        file.Write("data"u8);
        file.Write(samples * 2);
        for (int i = 0; i < samples; i++)
            file.Write((short)(level * short.MaxValue * Math.Sin(i * 0.2)));
        return folder.At(name);
    }

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
