using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Training.Evaluations;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>Puts an audio-text bundle and a video run together in a run's folder.</summary>
internal static class JoinedBundle
{
    /// <summary>Copies the files of both and writes the configuration of the whole, with late fusion so far.</summary>
    /// <exception cref="ModelException">One of both is not there or not whole.</exception>
    public static BundleConfig Write(FusionRecipe recipe, RunFolder run)
    {
        string source = BundleOrRun.Find(recipe.Resolve(recipe.AudioText)).Best.Folder;
        BundleConfig config = BundleConfig.Load(Path.Combine(source, BundleConfig.FileName));
        using (Bundle bundle = Bundle.Open(source, EncoderLocations.None))
        {
            foreach (string name in bundle.FileNames.Where(name => name != BundleConfig.FileName))
                Copy(source, run, name);
        }

        if (recipe.Form.Kind != FusionKind.Experts)
            config = config with { Sound = null };

        if (recipe.Video is not null)
        {
            string pictures = recipe.Resolve(recipe.Video);
            VideoFolder video = VideoFolder.Load(pictures);
            CheckFit(pictures, video, config, source);
            Copy(pictures, run, video.Weights);
            foreach (string name in Path.IsPathRooted(video.VideoEncoder.Weights) ? [] : BundleEncoders.VideoFiles(pictures, video.VideoEncoder))
                Copy(pictures, run, name);
            config = config with
            {
                VideoEncoder = video.VideoEncoder,
                Video = new VideoPart(video.Weights, video.Network) { Prior = video.Prior, Dimensions = video.Dimensions },
                Calibration = config.Calibration with { Video = video.Temperature },
            };
        }

        if (recipe.Sound is not null)
        {
            string voices = recipe.Resolve(recipe.Sound);
            SoundFolder sound = SoundFolder.Load(voices);
            Copy(voices, run, sound.Weights);
            config = config with
            {
                Sound = new SoundPart(sound.Weights, sound.Network),
                TrainingSpeakers = config.TrainingSpeakers is { } known && sound.TrainingSpeakers is { } heard
                    ? [.. known.Union(heard).Order(StringComparer.Ordinal)]
                    : config.TrainingSpeakers,
            };
        }

        if (config.Video is null)
            throw new RecipeException(recipe.File, "video", "nothing", "a run of the video branch, for the bundle has none");
        if (Path.IsPathRooted(config.TextEncoder.Folder ?? "") || Path.IsPathRooted(config.AudioEncoder.Folder ?? ""))
            config = FileCopy.Encoders(config, source, run.Path);
        config = config with
        {
            Name = recipe.Name,
            Version = recipe.Version,
            Fusion = recipe.Form.Kind == FusionKind.Experts
                ? new FusionConfig { Kind = FusionKind.Experts, Experts = Experts(recipe, config) }
                : null,
        };
        run.WriteAtomically(BundleConfig.FileName, config.ToJson());
        return config;
    }

    // Each counts as it is, until training finds better. With votes, the words' prior is that of MELD, which they were calibrated on. What faces
    // show of what is meant, votes tell; of voices corpora hold most of that confusion already. A corpus's own utterances tell the priors.
    private static ExpertsConfig Experts(FusionRecipe recipe, BundleConfig config) => recipe.Votes is null
        ? new ExpertsConfig(new ExpertConfig(1), new ExpertConfig(1), new ExpertConfig(1))
        : new ExpertsConfig(
            new ExpertConfig(1) { Prior = EmotionPrior.Meld.Values }, new ExpertConfig(1),
            new ExpertConfig(1) { Prior = config.Video?.Prior, Shown = HumanVotes.Of(recipe).Faces() });

    // What the branch reads beside pictures comes from the bundle: other words or categories would be read as if they were those.
    private static void CheckFit(string folder, VideoFolder video, BundleConfig bundle, string bundleFolder)
    {
        string file = Path.Combine(folder, VideoFolder.FileName);
        if (!(video.Labels ?? Emotions.Labels).SequenceEqual(bundle.Labels))
        {
            throw new ModelException(
                file, "labels", string.Join(", ", video.Labels ?? Emotions.Labels), $"{string.Join(", ", bundle.Labels)}, the audio-text branch's");
        }

        if (video.Dimensions is { } seen && bundle.Dimensions is { } heard && !seen.Select(part => part.Name).SequenceEqual(heard.Select(part => part.Name)))
            throw new ModelException(file, "dimensions", List([.. seen.Select(part => part.Name)]), $"{List([.. heard.Select(part => part.Name)])}, the audio-text branch's");

        if (video.Network.TextWidth > 0 && video.Network.TokenWidth != bundle.AudioText.Network.TextWidth)
        {
            throw new ModelException(
                file, "network.token_width", $"{video.Network.TokenWidth}",
                $"{bundle.AudioText.Network.TextWidth}: both branches read with one text encoder");
        }

        if (video is { TextEncoder: { } words, Network.TextWidth: > 0 })
        {
            string encoder = BundleEncoders.TextFolder(bundleFolder, bundle.TextEncoder), identity = BundleEncoders.TextIdentity(encoder, bundle.TextEncoder.LayerWeights);
            if (words != identity)
            {
                throw new ModelException(
                    file, "text_encoder", $"{Brief(words)}, a branch trained on another text encoder",
                    $"{Brief(identity)}, the bundle's ({encoder}): both branches read with one");
            }
        }

        if (video.Speakers is { } speakers && !speakers.SequenceEqual(bundle.Speakers))
            throw new ModelException(file, "speakers", List(speakers), $"{List(bundle.Speakers)}, whom the audio-text branch knows");

        // The bytes' hash cut short, and the layers' weights if these are mixed.
        static string Brief(string encoder) => $"{encoder[..12]}...{(encoder.IndexOf(' ', StringComparison.Ordinal) is > 0 and var end ? $" with layer_weights{encoder[end..]}" : "")}";

        static string List(IReadOnlyList<string> names) => names.Count == 0 ? "nobody" : string.Join(", ", names);
    }

    private static void Copy(string source, RunFolder run, string name)
    {
        string from = Path.Combine(source, name), to = run.File(name);
        if (!File.Exists(from))
            throw new ModelException(from, null, "no file", "a file that the bundle is made of");
        FileCopy.Whole(from, to);
    }
}
