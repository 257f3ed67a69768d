using System.Diagnostics;
using Affekt.Media;
using Affekt.Models.Bundles;
using Affekt.Models.Video;
using Affekt.Recognition;

namespace Affekt.Cli.Benchmarks.Video;

/// <summary>Times from a clip to the features of the faces in its pictures, the models being loaded.</summary>
/// <param name="Input">The clip.</param>
/// <param name="Width">Pixels in a row of the pictures that are searched for faces.</param>
/// <param name="Height">Their rows.</param>
/// <param name="FramesWithFace">In how many of them the face was read.</param>
/// <param name="Decode">From the file to eight pictures, probing included.</param>
/// <param name="Detect">From pictures to boxes.</param>
/// <param name="Encode">From boxes to features: following, cutting, the expression network.</param>
/// <param name="Total">All three.</param>
internal sealed record FacePathTimes(
    string Input, int Width, int Height, int FramesWithFace, StageTimes Decode, StageTimes Detect, StageTimes Encode, StageTimes Total);

/// <summary>The starter's video path on one clip, again and again, with nothing else beside it.</summary>
internal static class FacePathBenchmark
{
    // The first rounds pay for memory pools, the compiler and ffmpeg's loading.
    private const int WarmUps = 5;

    /// <exception cref="CommandException">The bundle does not read faces.</exception>
    public static async Task<FacePathTimes> RunAsync(
        string folder, string input, int rounds, CancellationToken cancellation)
    {
        BundleConfig config = BundleConfig.Load(Path.Combine(folder, BundleConfig.FileName));
        if (config.VideoEncoder is not { Kind: VideoEncoderPart.Face } part)
            throw new CommandException($"{folder}: a bundle without a video branch that reads faces");
        EncoderLocations locations = await EncoderLocations.FindAsync(folder, config, audio: false, video: true, progress: null, cancellation);
        using var encoder = (FaceEncoder)BundleEncoders.OpenVideo(folder, part, locations.Video!);
        MediaTools tools = MediaTools.Find();
        tools.Prestart();
        List<(double Decode, double Detect, double Encode)> times = [];
        int width = 0, height = 0, withFace = 0;
        for (int round = -WarmUps; round < rounds; round++)
        {
            long begin = Stopwatch.GetTimestamp();
            MediaInfo media = await tools.ProbeAsync(input, cancellation);
            (VideoFrames pictures, _) = await UtteranceFrames.ReadAsync(tools, media, null, encoder.Frames, cancellation);
            double decode = Since(ref begin);
            IReadOnlyList<IReadOnlyList<FaceBox>> faces = encoder.FindFaces(pictures);
            double detect = Since(ref begin);
            withFace = encoder.Encode(pictures, faces).Usable;
            double encode = Since(ref begin);
            (width, height) = (pictures.Width, pictures.Height);
            if (round >= 0)
                times.Add((decode, detect, encode));
        }

        return new FacePathTimes(
            input, width, height, withFace,
            StageTimes.Of(times.Select(time => time.Decode)), StageTimes.Of(times.Select(time => time.Detect)),
            StageTimes.Of(times.Select(time => time.Encode)),
            StageTimes.Of(times.Select(time => time.Decode + time.Detect + time.Encode)));
    }

    private static double Since(ref long begin)
    {
        long now = Stopwatch.GetTimestamp();
        double elapsed = Stopwatch.GetElapsedTime(begin, now).TotalMilliseconds;
        begin = now;
        return elapsed;
    }
}
