using Affekt.Media;
using Affekt.Models;
using Affekt.Models.Hub;
using Affekt.Models.Packages;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Affekt.Recognition.Library;

/// <summary>Healthy once the models are open; asks for them where they are not.</summary>
internal sealed class AffektHealthCheck(IEmotionRecognizer recognizer) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            BundleIdentity bundle = await recognizer.OpenAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"bundle {bundle.Name} {bundle.Version}");
        }
        catch (Exception e) when (e is ModelException or WeightsException or HubException or MediaException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
