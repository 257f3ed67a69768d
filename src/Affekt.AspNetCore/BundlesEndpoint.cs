using Affekt.AspNetCore.Problems;
using Affekt.Recognition;

namespace Affekt.AspNetCore;

/// <summary>GET /v1/bundles: whose answers these are.</summary>
internal static class BundlesEndpoint
{
    public static void MapBundles(this IEndpointRouteBuilder endpoints) => endpoints
        .MapMethods("/v1/bundles", [HttpMethods.Get, HttpMethods.Head], async (BundleFacts facts, ModelHost models, CancellationToken cancellation) =>
        {
            models.RequireReady();
            BundleIdentity identity = await models.WhenReady;
            return ServerJson.Answer(new BundlesAnswer(
            [
                new BundleAnswer(
                    identity.Name, identity.Version, identity.Hash, facts.Modalities, await facts.CardAsync(cancellation), facts.Config.Labels,
                    facts.Prior is { } prior ? new EmotionProbabilities(prior.Values, prior.Labels) : null, facts.ReadsVoice),
            ]));
        })
        .WithTags("Server").WithSummary("The bundles that answer.")
        .Produces<BundlesAnswer>().Produces<Problem>(StatusCodes.Status503ServiceUnavailable, Problem.MediaType);
}

/// <summary>The bundles that answer.</summary>
/// <param name="Bundles">One, so far.</param>
internal sealed record BundlesAnswer(IReadOnlyList<BundleAnswer> Bundles);

/// <summary>A bundle.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Hash">SHA-256 of its files, in hexadecimal.</param>
/// <param name="Modalities">What it goes by.</param>
/// <param name="Card">What it is, was trained on and is not for, in Markdown; null where it has none.</param>
/// <param name="Labels">The emotions, or the bundle's own labels, in the order of the probabilities.</param>
/// <param name="Prior">How often each emotion is expected where a request names no prior; null where none can be chosen.</param>
/// <param name="Baseline">Whether recordings of how a voice usually sounds are of use.</param>
internal sealed record BundleAnswer(
    string Name, string Version, string Hash, IReadOnlyList<string> Modalities, string? Card, IReadOnlyList<string> Labels,
    EmotionProbabilities? Prior, bool Baseline);
