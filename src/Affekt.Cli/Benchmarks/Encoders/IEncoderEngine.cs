namespace Affekt.Cli.Benchmarks.Encoders;

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
