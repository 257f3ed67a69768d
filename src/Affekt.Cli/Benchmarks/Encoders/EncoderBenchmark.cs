namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>
/// Lets the engines take turns at each work, so that a machine that slows down for a while slows all of them down.
/// </summary>
internal sealed class EncoderBenchmark
{
    private const string Reference = "affekt-fp32";
    private const string OrtFp32 = "onnxruntime-fp32";
    private const string EagerFp32 = "pytorch-fp32";

    // A turn is long enough for the clock and short enough for the turns to mix.
    private const double TurnMs = 300;
    private const int MostRunsInTurn = 20;
    private const int MostRounds = 15;

    // In single precision two sums in another order differ by far less; int8 keeps the direction.
    private const double LeastCosineFp32 = 0.999999;
    private const double LeastCosine = 0.98;

    private readonly IReadOnlyList<IEncoderEngine> _engines;
    private readonly GemmPeaks _peaks;
    private readonly int _threads;
    private readonly double _secondsPerWork;

    /// <param name="engines">They take turns in this order.</param>
    /// <param name="peaks">What shares are of.</param>
    /// <param name="threads">That each engine was given, for the report.</param>
    /// <param name="secondsPerWork">How long to measure one work, all engines together; each runs once at least.</param>
    public EncoderBenchmark(IReadOnlyList<IEncoderEngine> engines, GemmPeaks peaks, int threads, double secondsPerWork) =>
        (_engines, _peaks, _threads, _secondsPerWork) = (engines, peaks, threads, secondsPerWork);

    /// <summary>Measures one work.</summary>
    /// <exception cref="CommandException">Two engines do not give the same.</exception>
    public async Task<IReadOnlyList<EncoderResult>> RunAsync(EncoderWork work, CancellationToken cancellation)
    {
        Dictionary<EngineName, double?> cosines = await CompareAsync(work, cancellation);
        Dictionary<EngineName, List<double>> times = work.Parts is { } parts
            ? await TimeOnceAsync(parts, cancellation)
            : await TimeInRoundsAsync(work, cancellation);
        Dictionary<EngineName, StageTimes> stages = times.ToDictionary(entry => entry.Key, entry => StageTimes.Of(entry.Value));
        return
        [
            .. _engines.Select(engine => Result(work, engine.Name, stages, times[engine.Name].Count, cosines[engine.Name])),
        ];
    }

    private async Task<Dictionary<EngineName, List<double>>> TimeInRoundsAsync(EncoderWork work, CancellationToken cancellation)
    {
        Dictionary<EngineName, int> turns = [];
        double roundSeconds = 0;
        foreach (IEncoderEngine engine in _engines)
        {
            double estimate = (await engine.TimeAsync(work, 1, cancellation))[0];
            turns[engine.Name] = Math.Clamp((int)(TurnMs / estimate), 1, MostRunsInTurn);
            roundSeconds += turns[engine.Name] * estimate / 1000;
        }

        Dictionary<EngineName, List<double>> times = _engines.ToDictionary(engine => engine.Name, _ => new List<double>());
        int rounds = Math.Clamp((int)(_secondsPerWork / roundSeconds), 1, MostRounds);
        for (int round = 0; round < rounds; round++)
        {
            foreach (IEncoderEngine engine in _engines)
                times[engine.Name].AddRange(await engine.TimeAsync(work, turns[engine.Name], cancellation));
        }

        return times;
    }

    // One time for each engine: the sum over the parts.
    private async Task<Dictionary<EngineName, List<double>>> TimeOnceAsync(
        IReadOnlyList<EncoderWork> parts, CancellationToken cancellation)
    {
        Dictionary<EngineName, List<double>> times = _engines.ToDictionary(engine => engine.Name, _ => new List<double> { 0 });
        foreach (EncoderWork part in parts)
        {
            foreach (IEncoderEngine engine in _engines)
                times[engine.Name][0] += (await engine.TimeAsync(part, 1, cancellation))[0];
        }

        return times;
    }

    private async Task<Dictionary<EngineName, double?>> CompareAsync(EncoderWork work, CancellationToken cancellation)
    {
        Dictionary<EngineName, double?> cosines = [];
        float[]? reference = null;
        foreach (IEncoderEngine engine in _engines.OrderBy(engine => $"{engine.Name}" != Reference))
        {
            // For streams this only loads the network and warms it up.
            float[] output = await engine.FirstOutputAsync(work.Parts?[0] ?? work, cancellation);
            if ($"{engine.Name}" == Reference)
                reference = output;
            double? cosine = reference is null ? null : Cosine(reference, output);
            double least = engine.Name.Precision == "fp32" ? LeastCosineFp32 : LeastCosine;
            if (!(cosine is null || cosine >= least))
                throw new CommandException($"{work.Name}: {engine.Name} gives cosine {cosine:F6} to {Reference}, expected {least}");
            cosines[engine.Name] = work.IsStream ? null : cosine;
        }

        return cosines;
    }

    // 0 for outputs of different sizes: they cannot be the same.
    public static double Cosine(float[] left, float[] right)
    {
        if (left.Length != right.Length)
            return 0;
        double product = 0, leftSquares = 0, rightSquares = 0;
        for (int i = 0; i < left.Length; i++)
        {
            product += (double)left[i] * right[i];
            leftSquares += (double)left[i] * left[i];
            rightSquares += (double)right[i] * right[i];
        }

        return product / Math.Sqrt(leftSquares * rightSquares);
    }

    private EncoderResult Result(
        EncoderWork work, EngineName name, Dictionary<EngineName, StageTimes> stages, int runs, double? cosine)
    {
        StageTimes times = stages[name];
        double? share = name.Engine == "affekt"
            ? work.Operations / (times.Median * 1e6) / _peaks.Of(name.Precision)
            : null;
        return new EncoderResult(
            work.Name, name.Engine, name.Precision, _threads, Math.Round(times.Median, 3), Math.Round(times.Min, 3), runs,
            Ratio(OrtFp32), Ratio(EagerFp32), Rounded(share), cosine is { } c ? Math.Round(c, 7) : null);

        double? Ratio(string to) => Rounded(
            stages.Where(entry => $"{entry.Key}" == to).Select(entry => (double?)(entry.Value.Median / times.Median)).FirstOrDefault());

        static double? Rounded(double? value) => value is { } v ? Math.Round(v, 3) : null;
    }
}
