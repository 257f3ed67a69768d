using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Recognition.Library;
using Microsoft.Extensions.Options;

namespace Affekt.AspNetCore;

/// <summary>What the bundle can be asked for, so that what it cannot do is refused before anything is computed. Known once it is ready.</summary>
internal sealed class BundleFacts(IOptions<AffektOptions> options)
{
    // Why a prior is refused of a bundle that takes none.
    private const string NoPrior =
        "found one, expected none: this bundle fuses branches, whose answers hold a prior of their own; only bundles of experts take another.";

    /// <summary>Why a baseline is refused where <see cref="ReadsVoice"/> is false.</summary>
    public const string NoVoice =
        "found recordings of a voice, expected none: this bundle has no sound branch, which is what compares a voice with how it usually sounds.";

    private readonly Lazy<BundleConfig> _config = new(() => BundleConfig.Load(Path.Combine(options.Value.BundleFolder, BundleConfig.FileName)));

    /// <summary>The bundle's own description.</summary>
    public BundleConfig Config => _config.Value;

    /// <summary>What it goes by, as the answers name it.</summary>
    public string[] Modalities =>
    [
        .. options.Value.ReadSound && Config.ReadsSound ? ["audio"] : Array.Empty<string>(), .. Config.ReadsText ? ["text"] : Array.Empty<string>(),
        .. options.Value.ReadPictures && Config.ReadsPictures ? ["video"] : Array.Empty<string>(),
    ];

    /// <summary>What it is, was trained on and is not for, in Markdown; null where it has none.</summary>
    public async Task<string?> CardAsync(CancellationToken cancellation)
    {
        string card = Path.Combine(options.Value.BundleFolder, "card.md");
        return File.Exists(card) ? await File.ReadAllTextAsync(card, cancellation) : null;
    }

    /// <summary>Why a prior cannot be chosen; null where it can.</summary>
    public string? Refusal(EmotionPrior? prior)
    {
        if (prior is null)
            return null;
        if (Config.Fusion?.Experts is null)
            return NoPrior;
        try
        {
            _ = prior.For(Config.LabelSet);
            return null;
        }
        catch (ArgumentException)
        {
            return $"found one of {prior.Labels}, expected {Config.LabelSet}.";
        }
    }

    /// <summary>Whether how a voice usually sounds is of use to it.</summary>
    public bool ReadsVoice => options.Value.ReadSound && Config.Sound is not null;

    /// <summary>How often each emotion is expected where a request names no prior; null where none can be chosen.</summary>
    public EmotionPrior? Prior => Config.Fusion?.Experts?.PriorOver(Config.LabelSet);
}
