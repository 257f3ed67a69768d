using System.Globalization;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>The engines that are compared, and how each is started.</summary>
internal static class EncoderEngines
{
    // Debian's; the one on PATH may be another without its packages.
    private const string Python = "/usr/bin/python3";
    private const string Node = "node";
    private const string SetUp = "npm ci --ignore-scripts in bench/";

    private static readonly EngineName[] _all =
    [
        new("affekt", "fp32"), new("affekt", "bf16"), new("affekt", "int8"), new("affekt-onnx", "fp32"), new("affekt-onnx", "int8"),
        new("pytorch", "fp32"), new("onnxruntime", "fp32"), new("onnxruntime", "int8"),
    ];

    /// <summary>The names that can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _all.Select(name => $"{name}")];

    /// <summary>Starts the engines that were asked for; one that is not installed is reported, not thrown.</summary>
    public static async Task<(IReadOnlyList<IEncoderEngine> Engines, IReadOnlyList<AbsentEngine> Absent)> StartAsync(
        IReadOnlyCollection<string> names, EncoderFiles files, string benchFolder, int threads, CancellationToken cancellation)
    {
        List<IEncoderEngine> engines = [];
        List<AbsentEngine> absent = [];
        string count = threads.ToString(CultureInfo.InvariantCulture);
        foreach (EngineName name in _all.Where(name => names.Contains($"{name}")))
        {
            try
            {
                engines.Add(name.Engine switch
                {
                    "affekt" => new AffektEngine(name.Precision, files),
                    "affekt-onnx" => new OnnxEngine(name.Precision, threads, files),
                    "pytorch" => await PeerAsync(Python, "eager.py"),
                    _ => await OnnxRuntimeAsync(),
                });
            }
            catch (PeerException exception)
            {
                absent.Add(new AbsentEngine(name.Engine, name.Precision, exception.Message));
            }

            Task<PeerEngine> PeerAsync(string program, string script, params string[] more) => PeerEngine.StartAsync(
                name, files.Folder, [program, Path.Combine(benchFolder, "peers", script), files.Folder, count, .. more], cancellation);

            async Task<PeerEngine> OnnxRuntimeAsync()
            {
                if (!Directory.Exists(Path.Combine(benchFolder, "node_modules", "onnxruntime-node")))
                    throw new PeerException($"not installed: {SetUp}");
                await ExportAsync(benchFolder, files.Folder, cancellation);
                return await PeerAsync(Node, "onnxruntime.mjs", name.Precision == "int8" ? "model.int8.onnx" : "model.onnx");
            }
        }

        return (engines, absent);
    }

    // Graphs that are there are kept, by the script itself.
    private static async Task ExportAsync(string benchFolder, string folder, CancellationToken cancellation)
    {
        (int exitCode, string errors) = await PeerEngine.RunAsync(
            [Python, Path.Combine(benchFolder, "peers", "export_onnx.py"), folder], cancellation);
        if (exitCode != 0)
            throw new PeerException($"export_onnx.py: {errors}");
    }
}

/// <summary>Something that runs the encoders.</summary>
internal interface IEncoderEngine : IAsyncDisposable
{
    /// <summary>Its name in reports, with its precision.</summary>
    EngineName Name { get; }

    /// <summary>Its version and those of what it stands on.</summary>
    string Version { get; }

    /// <summary>Runs the first input once, and gives its states [B, T, D] row by row.</summary>
    Task<float[]> FirstOutputAsync(EncoderWork work, CancellationToken cancellation);

    /// <summary>Runs the whole work, and gives the time of each run in ms.</summary>
    Task<IReadOnlyList<double>> TimeAsync(EncoderWork work, int runs, CancellationToken cancellation);
}

/// <summary>An engine and the precision of its products.</summary>
internal sealed record EngineName(string Engine, string Precision)
{
    public override string ToString() => $"{Engine}-{Precision}";
}

/// <summary>An engine that cannot run here, and why.</summary>
internal sealed record AbsentEngine(string Engine, string Precision, string Reason);
