using System.Diagnostics;
using Affekt.Models.Packages;
using Affekt.Models.Video;
using Affekt.Networks;

namespace Affekt.Tests.Video;

/// <summary>The published face detector from the user's cache, and pictures to look for faces in.</summary>
internal static class FaceFiles
{
    private static readonly Lazy<Task<string>> _folder =
        new(() => new PackageCache(PackageCacheOptions.FromEnvironment()).EnsureAsync(WeightPackages.FaceApi));

    /// <summary>The manifest; the calling test is skipped where it is neither cached nor to be fetched.</summary>
    public static async Task<string> DetectorAsync() => Path.Combine(await FolderAsync(), WeightPackages.TinyFaceDetector);

    /// <summary>The package's folder; the calling test is skipped where it is neither cached nor to be fetched.</summary>
    public static async Task<string> FolderAsync()
    {
        try
        {
            return await _folder.Value;
        }
        catch (WeightsException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }

    /// <summary>An expression network with random weights, in a file.</summary>
    public static string RandomExpression(TemporaryFolder folder)
    {
        using ExpressionNetwork network = new();
        NetworkState.Save(network, folder.At("expression.safetensors"), halfPrecision: true);
        return folder.At("expression.safetensors");
    }

    /// <summary>The frame of the real clip that the fixture was made from; the command is that of make_faces.mjs.</summary>
    /// <param name="filters">Further filters of ffmpeg, with a comma in front.</param>
    public static VideoFrames ClipFrame(string filters = "")
    {
        ProcessStartInfo start = new("ffmpeg",
        [
            "-v", "error", "-nostdin", "-ss", "1.2", "-i", TestPaths.Shared("data/clips/meld_train_dia1_utt0.mp4"),
            "-frames:v", "1", "-vf", $"scale=640:360:flags=bilinear+accurate_rnd+bitexact{filters},format=rgb24", "-f", "rawvideo",
            "pipe:1",
        ])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        using MemoryStream rgb = new();
        process.StandardOutput.BaseStream.CopyTo(rgb);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return new VideoFrames(rgb.ToArray(), 1, 640, 360);
    }

    /// <summary>The same picture several times.</summary>
    public static VideoFrames Repeat(VideoFrames frame, int times) => new(
        Enumerable.Repeat(frame.Rgb.ToArray(), times).SelectMany(bytes => bytes).ToArray(), times, frame.Width, frame.Height);
}
