using Affekt.Recognition;
using Affekt.Recognition.Library;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Affekt with a host's services.</summary>
public static class AffektServices
{
    /// <summary>
    /// Adds one <see cref="IEmotionRecognizer"/> for all; it opens its models when it is first asked, and is disposed of with
    /// the host.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes the defaults; null to keep them.</param>
    public static IServiceCollection AddAffekt(this IServiceCollection services, Action<AffektOptions>? configure = null)
    {
        AffektOptions options = new();
        configure?.Invoke(options);
        return services.AddSingleton<IEmotionRecognizer>(provider => new HostedRecognizer(
            options, provider.GetService<ILogger<IEmotionRecognizer>>() ?? NullLogger<IEmotionRecognizer>.Instance));
    }
}
