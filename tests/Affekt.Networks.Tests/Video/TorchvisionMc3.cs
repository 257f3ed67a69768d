using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Affekt.Models.Video;

namespace Affekt.Tests.Video;

/// <summary>torchvision's mc3_18 with random weights, eight pictures, and the features that it gives; gone after the tests.</summary>
public sealed class TorchvisionMc3 : IDisposable
{
    private const int Side = 64;
    private const string Python = "/usr/bin/python3";

    private readonly TemporaryFolder _folder = new();

    public TorchvisionMc3()
    {
        string script = Stored.Fixture("video/mc3_reference.py");
        using Process process = Process.Start(new ProcessStartInfo(
            Python, [script, _folder.Path, Side.ToString(CultureInfo.InvariantCulture)])
        { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        Pictures = new VideoFrames(File.ReadAllBytes(At("pixels.bin")), 8, Side, Side);
        Features = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(At("features.bin"))).ToArray();
    }

    public string StateFile => At("state.pth");

    public VideoFrames Pictures { get; }

    public float[] Features { get; }

    public void Dispose() => _folder.Dispose();

    private string At(string name) => _folder.At(name);
}
