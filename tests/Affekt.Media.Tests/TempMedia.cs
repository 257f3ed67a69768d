using System.Diagnostics;
using System.Runtime.Versioning;
using Affekt.Tests;

// They set file modes and write shell scripts that stand in for a tool.
[assembly: UnsupportedOSPlatform("windows")]

namespace Affekt.Media.Tests;

/// <summary>A folder of media made on the spot, gone after the test.</summary>
internal sealed class TempMedia : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static MediaTools Tools { get; } = MediaTools.Find();

    public string Folder => _folder.Path;

    public string At(string name) => _folder.At(name);

    /// <summary>Runs ffmpeg in the folder; the last argument is the name of what it makes.</summary>
    public string Make(params string[] arguments)
    {
        string output = At(arguments[^1]);
        ProcessStartInfo start = new("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments[..^1], $"file:{output}"])
        {
            WorkingDirectory = Folder,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return output;
    }

    /// <summary>A clip of noise and a test picture, 64 x 48 at 10 frames per second.</summary>
    public string MakeClip(string name, double seconds, params string[] more) => Make(
    [
        "-f", "lavfi", "-i", FormattableString.Invariant($"testsrc=s=64x48:r=10:d={seconds}"),
        "-f", "lavfi", "-i", FormattableString.Invariant($"anoisesrc=r=16000:a=0.5:seed=1:d={seconds}"),
        "-c:v", "libx264", "-g", "5", .. more, name,
    ]);

    /// <summary>Lossless video in which every pixel of frame k is gray of brightness 10 * k; 10 frames per second.</summary>
    public string MakeSteps(string name, int frames, params string[] more)
    {
        const int Pixels = 64 * 48 * 3;
        byte[] raw = new byte[frames * Pixels];
        for (int frame = 0; frame < frames; frame++)
        {
            raw.AsSpan(frame * Pixels, Pixels).Fill((byte)(10 * frame));
        }

        File.WriteAllBytes(At("steps.raw"), raw);
        return Make(
        [
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x48", "-r", "10", "-i", "steps.raw",
            "-c:v", "libx264rgb", "-qp", "0", "-g", "5", .. more, name,
        ]);
    }

    /// <summary>Writes a 16-bit WAV; samples are interleaved.</summary>
    public string WriteWav(string name, int rate, int channels, short[] samples) => WaveFile.Write(At(name), samples, rate, channels);

    public void Dispose() => _folder.Dispose();
}
