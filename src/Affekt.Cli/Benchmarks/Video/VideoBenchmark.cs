using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Affekt.Cli.Benchmarks.Encoders;
using Affekt.Models.Video;
using Affekt.Networks;
using Affekt.Torch;

namespace Affekt.Cli.Benchmarks.Video;

/// <summary>One engine's times, and how close it comes to the peer.</summary>
/// <param name="Engine">affekt, or pytorch (eager).</param>
/// <param name="Precision">Its arithmetic.</param>
/// <param name="Ms">Times of a clip.</param>
/// <param name="TimesAsFast">The peer's median time through this one's.</param>
/// <param name="Cosine">Between this engine's features and the peer's.</param>
internal sealed record VideoEngine(string Engine, string Precision, StageTimes Ms, double TimesAsFast, double Cosine);

/// <summary>
/// A measurement of MC3-18, and of the bundle's own path from a clip to the features of its faces: the schema "affekt.bench-video/1".
/// </summary>
internal sealed record VideoBenchmarkReport(
    string Libtorch, PeerVersions Peer, int Threads, int Frames, int Side, int Rounds, IReadOnlyList<VideoEngine> Engines,
    FacePathTimes FacePath)
{
    [JsonPropertyOrder(-1)]
    public string Schema { get; } = "affekt.bench-video/1";
}

/// <summary>
/// Eight pictures of 224 x 224 pixels, from bytes to MC3-18's features, here and in eager PyTorch with the same weights: turn by
/// turn, so that what else the machine does falls on all alike.
/// </summary>
internal static class VideoBenchmark
{
    private const int Frames = Mc3Encoder.PaperFrames;
    private const int Side = Mc3Encoder.PaperSide;

    public static VideoBenchmarkReport Run(int rounds, FacePathTimes facePath, CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("affekt-bench-").FullName;
        try
        {
            using TorchvisionPeer peer = TorchvisionPeer.Start(folder, Frames, Side, TorchRuntime.Threads);
            peer.Run(write: true);
            VideoFrames pictures = new(File.ReadAllBytes(Path.Combine(folder, "pixels.bin")), Frames, Side, Side);
            float[] expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "features.bin"))).ToArray();
            string weights = Path.Combine(folder, "state.pth");
            using IFrameEncoder half = new TorchEncoders(Precision.BFloat16).OpenPictures(weights, Side);
            using Mc3Encoder single = Mc3Encoder.Load(weights);
            double halfCosine = EncoderBenchmark.Cosine(expected, half.Encode(pictures).Values!);
            double singleCosine = EncoderBenchmark.Cosine(expected, single.Encode(pictures).Values!);

            List<double> ofPeer = [], ofHalf = [], ofSingle = [];
            for (int round = 0; round < rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                ofPeer.Add(peer.Run());
                ofHalf.Add(Time(half, pictures));
                ofSingle.Add(Time(single, pictures));
            }

            StageTimes theirs = StageTimes.Of(ofPeer);
            return new VideoBenchmarkReport(
                Libtorch: TorchRuntime.Version,
                Peer: peer.Versions,
                Threads: TorchRuntime.Threads,
                Frames: Frames,
                Side: Side,
                Rounds: rounds,
                Engines:
                [
                    new VideoEngine("pytorch", "fp32", theirs, 1, 1),
                    Engine("bf16", StageTimes.Of(ofHalf), halfCosine),
                    Engine("fp32", StageTimes.Of(ofSingle), singleCosine),
                ],
                FacePath: facePath);

            VideoEngine Engine(string precision, StageTimes ours, double cosine) =>
                new("affekt", precision, ours, theirs.Median / ours.Median, cosine);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Time(IFrameEncoder encoder, VideoFrames pictures)
    {
        long begin = Stopwatch.GetTimestamp();
        encoder.Encode(pictures);
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    }
}
