using System.Diagnostics;
using System.Text;

namespace Affekt.Training.Tests;

/// <summary>An empty folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("affekt-training-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
        return At(name);
    }

    /// <summary>Writes a tone of 16-bit samples at 16 kHz.</summary>
    public string WriteTone(string name, int samples, double level)
    {
        using BinaryWriter file = new(File.Create(At(name)), Encoding.ASCII);
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
        return At(name);
    }

    /// <summary>Writes half a second of one of ffmpeg's pictures, with a tone or without.</summary>
    public string WriteClip(string name, string picture, bool sound)
    {
        string[] tone = sound ? ["-f", "lavfi", "-i", "sine=d=0.5"] : [];
        using Process process = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", picture, .. tone, "-c:v", "libx264", "-pix_fmt", "yuv420p",
                At(name),
            ])
        {
            RedirectStandardError = true,
        })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return At(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
