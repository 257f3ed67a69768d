using Affekt.Recognition;
using Affekt.Recognition.Library;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Affekt with a host's services.</summary>
public static class AffektServices
{
    /// <summary>
    /// Adds one <see cref="IEmotionRecognizer"/> for all; it opens its models when it is first asked, and is disposed of with
    /// the host.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes the defaults; null to keep them, or what <see cref="IOptions{TOptions}"/> says elsewhere.</param>
    public static IServiceCollection AddAffekt(this IServiceCollection services, Action<AffektOptions>? configure = null)
    {
        OptionsBuilder<AffektOptions> options = services.AddOptions<AffektOptions>()
            .Validate(options => !string.IsNullOrWhiteSpace(options.BundleFolder), "Affekt: BundleFolder is empty, expected a bundle's folder")
            .ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddSingleton<IEmotionRecognizer>(provider => new HostedRecognizer(
            provider.GetRequiredService<IOptions<AffektOptions>>().Value,
            provider.GetService<ILogger<IEmotionRecognizer>>() ?? NullLogger<IEmotionRecognizer>.Instance));
        return services;
    }

    /// <summary>As <see cref="AddAffekt(IServiceCollection, Action{AffektOptions})"/>, with options from the host's configuration.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">A section with the options' names, such as <c>"Affekt": { "BundleFolder": "bundles/starter" }</c>.</param>
    public static IServiceCollection AddAffekt(this IServiceCollection services, IConfiguration section)
    {
        services.AddOptions<AffektOptions>().Bind(section, binder => binder.ErrorOnUnknownConfiguration = true);
        return services.AddAffekt();
    }

    /// <summary>Adds a health check that is healthy once the models are open.</summary>
    /// <param name="builder">The host's health checks.</param>
    /// <param name="name">The check's name.</param>
    public static IHealthChecksBuilder AddAffekt(this IHealthChecksBuilder builder, string name = "affekt") =>
        builder.AddCheck<AffektHealthCheck>(name);
}
