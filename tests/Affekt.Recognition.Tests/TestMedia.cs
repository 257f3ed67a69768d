using System.Diagnostics;
using Affekt.Models.Fusion;

namespace Affekt.Tests;

/// <summary>A folder with a test bundle and clips made by ffmpeg, gone after the test.</summary>
internal sealed class TestMedia : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.Path;

    public string At(string name) => _folder.At(name);

    public string Bundle(double abstainBelow = 0, FusionConfig? fusion = null) => TestBundle.Write(At("bundle"), abstainBelow, fusion);

    /// <summary>A picture that moves, without sound.</summary>
    public string Silent(string name = "silent.mp4") =>
        Make(name, "-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=1", "-c:v", "libx264");

    /// <summary>A sound from one of ffmpeg's sources, such as "sine=d=1".</summary>
    public string Sound(string name, string source) => Make(name, "-f", "lavfi", "-i", source, "-ar", "16000");

    /// <summary>A clip's sound several times over, a second of silence behind each.</summary>
    public string Repeated(string name, string clip, int times) => Make(
        name, "-i", clip, "-vn", "-af", $"aresample=16000,apad=pad_dur=1,aloop=loop={times - 1}:size=1000000", "-ar", "16000");

    /// <summary>A file that is no media.</summary>
    public string Words(string name = "words.mp4")
    {
        File.WriteAllText(At(name), "These are words, in a file that says it is a film.\n");
        return At(name);
    }

    public string Empty(string name = "empty.mp4")
    {
        File.WriteAllBytes(At(name), []);
        return At(name);
    }

    /// <summary>Whatever ffmpeg makes of these arguments.</summary>
    public string Make(string name, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments, At(name)]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return At(name);
    }

    public void Dispose() => _folder.Dispose();
}
