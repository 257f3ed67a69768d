using System.Diagnostics.Metrics;
using Affekt.AspNetCore;
using Affekt.AspNetCore.Recognitions;

namespace Affekt.Server.Hosting;

/// <summary>What can be counted of the server, under the name "Affekt.Server".</summary>
internal sealed class ServerMetrics : IDisposable
{
    public const string Name = "Affekt.Server";
    private readonly Meter _meter = new(Name);

    public ServerMetrics(Admission admission, ModelHost models)
    {
        _meter.CreateObservableGauge(
            "affekt.server.recognitions", () => admission.Taken, "{recognition}", "Recognitions at work or waiting.");
        _meter.CreateObservableGauge("affekt.server.ready", () => models.IsReady ? 1 : 0, null, "Whether the models are there.");
    }

    public void Dispose() => _meter.Dispose();
}
