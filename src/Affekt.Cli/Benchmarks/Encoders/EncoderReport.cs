namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>One engine at one work.</summary>
/// <param name="Work">The work's name.</param>
/// <param name="Engine">The engine's name.</param>
/// <param name="Precision">fp32, bf16 or int8.</param>
/// <param name="Threads">Threads that it was allowed.</param>
/// <param name="MedianMs">Half of the runs were faster.</param>
/// <param name="MinMs">The fastest run.</param>
/// <param name="Runs">How many were timed.</param>
/// <param name="RatioToOrtFp32">How many times as fast as ONNX Runtime in single precision; null where that did not run.</param>
/// <param name="RatioToEagerFp32">The same against eager PyTorch.</param>
/// <param name="ShareOfPeak">
/// The work's matrix products and convolutions over the median time, as a share of the precision's peak, null where
/// that is; null for the engines that are other programs, whose libraries have peaks of their own.
/// </param>
/// <param name="Cosine">Of its first output to Affekt's in single precision; null for streams and without such output.</param>
internal sealed record EncoderResult(
    string Work, string Engine, string Precision, int Threads, double MedianMs, double MinMs, int Runs,
    double? RatioToOrtFp32, double? RatioToEagerFp32, double? ShareOfPeak, double? Cosine);

/// <summary>A measurement of encoders: the schema "affekt.bench-encoders/1". Peaks are GFLOP/s.</summary>
internal sealed record EncoderReport(
    string Schema, Machine Machine, IReadOnlyDictionary<string, string> Versions, GemmPeaks Peaks,
    IReadOnlyList<EncoderResult> Results, IReadOnlyList<AbsentEngine> Absent)
{
    public const string SchemaName = "affekt.bench-encoders/1";
}
