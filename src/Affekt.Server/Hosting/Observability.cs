using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Affekt.Server.Hosting;

/// <summary>What the server tells of itself: counts and durations to GET /metrics, and over OTLP where it is told where to.</summary>
internal static class Observability
{
    private const string Recognition = "Affekt.Recognition";

    // Recognitions are parts of requests: of one that is not recorded none would be.
    private const string Requests = "Microsoft.AspNetCore";

    /// <summary>The variable that names the collector, as OpenTelemetry has it.</summary>
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddObservability(this WebApplicationBuilder builder)
    {
        // OpenTelemetry reads its variables from the host's configuration, which is empty otherwise.
        builder.Configuration.AddInMemoryCollection(Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value))
            .Where(pair => pair.Key.StartsWith("OTEL_", StringComparison.Ordinal)));
        bool exports = !string.IsNullOrEmpty(builder.Configuration[EndpointVariable]);
        builder.Services.AddSingleton<ServerMetrics>();
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry();
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(Recognition, ServerMetrics.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
            metrics.AddPrometheusExporter();
            if (exports)
                metrics.AddOtlpExporter();
        });
        if (exports)
            telemetry.WithTracing(tracing => tracing.AddSource(Recognition, Requests).AddOtlpExporter());
    }

    public static void MapObservability(this WebApplication server)
    {
        // Made now: an observer that nobody asks for would observe nothing.
        server.Services.GetRequiredService<ServerMetrics>();
        server.MapPrometheusScrapingEndpoint("/metrics").ExcludeFromDescription();
    }
}
