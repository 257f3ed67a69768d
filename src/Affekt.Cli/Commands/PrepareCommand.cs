using System.CommandLine;
using System.Globalization;
using Affekt.Cli.Features;
using Affekt.Corpora;
using Affekt.Models.Bundles;
using Affekt.Models.Packages;
using Affekt.Models.Text;
using Affekt.Torch;
using Affekt.Training.Features;
using Affekt.Training.Recipes;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>affekt prepare: runs the frozen encoders over a corpus once, and keeps what they make of it.</summary>
internal static class PrepareCommand
{
    private const string Moonshine = "moonshine";
    private const double Megabyte = 1e6;

    // A published encoder, as the help names it.
    private const string Place = "DIR|OWNER/NAME";

    private static readonly string[] _stateFiles = [".pth", ".pt", ".safetensors"];

    private static readonly TimeSpan _between = TimeSpan.FromSeconds(30);

    public static Command Create(Terminal terminal)
    {
        Argument<string> corpus = CorpusOptions.Corpus();
        Option<string> root = CorpusOptions.Root();
        Option<string[]> map = CorpusOptions.Map();
        Option<LabelSet?> labels = CorpusOptions.Labels();
        Option<int?> fold = CorpusOptions.Fold();
        Option<string?> split = new("--split") { Description = "The split to prepare; all where none is named." };
        split.AcceptOnlyFromAmong([.. Splits.Names]);
        Option<string?> bundle = new("--bundle")
        {
            Description = "The bundle whose encoders to run; default, where no encoder is named either: bundles/starter.",
            HelpName = "DIR",
        };
        Option<string?> text = new("--text-encoder") { Description = "A BERT, DistilBERT, RoBERTa, XLM-RoBERTa or ELECTRA in Hugging Face's layout.", HelpName = Place };
        Option<string?> audio = new("--audio-encoder")
        {
            Description = $"A wav2vec 2.0, HuBERT, WavLM or Whisper in Hugging Face's layout, or {Moonshine}.",
            HelpName = Place,
        };
        Option<string?> video = new("--video-encoder") { Description = "torchvision's state file of mc3_18, or a ViT in Hugging Face's layout, which reads faces.", HelpName = "FILE|" + Place };
        Option<string?> recipe = new("--recipe")
        {
            Description = "The recipe whose encoders to run, in fp32 as in training; instead of naming the encoders.",
            HelpName = "FILE",
        };
        Option<string[]> settings = new("--set") { Description = "A value in place of the recipe's; may be repeated.", HelpName = "KEY=VALUE" };
        Option<string> pooling = new("--pooling")
        {
            Description = "How a text's token states become one vector: their mean, or the state of [CLS].",
            DefaultValueFactory = _ => "mean",
        };
        pooling.AcceptOnlyFromAmong("mean", "cls");
        Option<bool> tokens = new("--tokens") { Description = "Also keep the states of a text's tokens." };
        Option<string> features = new("--features")
        {
            Description = "The feature store.",
            DefaultValueFactory = _ => Path.Combine("runs", "features"),
            HelpName = "DIR",
        };
        Option<string> shard = new("--shard")
        {
            Description = "Computes part i of n; all parts may write into one store at the same time.",
            DefaultValueFactory = _ => "1/1",
            HelpName = "i/n",
        };
        shard.Validators.Add(result =>
        {
            if (!PreparationShard.TryParse(result.GetValueOrDefault<string>(), out _))
                result.AddError($"--shard: found {result.GetValueOrDefault<string>()}, expected a number and a count, such as 2/8");
        });
        Option<string> device = CommonOptions.Device("Where BERT, RoBERTa, wav2vec 2.0, HuBERT and MC3-18 run; smaller networks stay on the processor.");
        Option<string> precision = CommonOptions.Precision();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command command = new("prepare", "Runs the frozen encoders over a corpus and keeps their features; what is there is not computed again.")
        {
            corpus, root, labels, map, fold, split, recipe, settings, bundle, text, audio, video, pooling, tokens, features, shard, device, precision, threads,
            format,
        };
        command.SetAction((parsed, cancellation) =>
        {
            Device chosen = CommonOptions.DeviceOf(parsed.GetRequiredValue(device));
            Recipe? followed = parsed.GetValue(recipe) is { } file ? Recipe.Load(file, parsed.GetValue(settings)) : null;
            Request request = new(
                Corpus: parsed.GetRequiredValue(corpus),
                Root: parsed.GetRequiredValue(root),
                Reading: CorpusOptions.Reading(
                    parsed.GetValue(map), parsed.GetValue(fold), parsed.GetValue(labels) ?? (followed as NetworkRecipe)?.LabelSet),
                Split: Splits.TryParse(parsed.GetValue(split), out Split only) ? only : null,
                Recipe: followed,
                Bundle: parsed.GetValue(bundle),
                TextEncoder: parsed.GetValue(text),
                AudioEncoder: parsed.GetValue(audio),
                VideoEncoder: parsed.GetValue(video),
                Pooling: parsed.GetValue(pooling) == "cls" ? TextPooling.Cls : TextPooling.Mean,
                Tokens: parsed.GetValue(tokens),
                Features: parsed.GetRequiredValue(features),
                Shard: PreparationShard.TryParse(parsed.GetRequiredValue(shard), out PreparationShard part) ? part : PreparationShard.Whole,
                Precision: CommonOptions.ChoosePrecision(parsed.GetRequiredValue(precision), terminal, chosen),
                Device: chosen,
                Threads: parsed.GetValue(threads),
                Json: parsed.GetValue(format) == "json");
            return RunAsync(request, terminal, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Request request, Terminal terminal, CancellationToken cancellation)
    {
        Corpus corpus = CorpusReader.Read(request.Corpus, request.Root, request.Reading);
        CorpusOptions.WriteSome(
            terminal.Errors, corpus.Notes, note => $"{note.File}{(note.Line is { } line ? $", line {line}" : "")}: {note.Message}");
        Utterance[] utterances = [.. corpus.Utterances.Where(utterance => request.Split is null || utterance.Split == request.Split)];
        CommonOptions.UseThreads(request.Threads);
        using FeatureStore store = FeatureStore.Open(request.Features);
        List<FeatureEncoder> encoders = await OpenAsync(request, utterances, terminal, cancellation);
        try
        {
            PreparationReport report = await new FeaturePreparer(store, request.Shard, new StatusLine<PreparationProgress>(terminal, Describe, _between))
                .RunAsync(utterances, encoders, cancellation);
            PreparationGap[] lost = [.. report.Modalities.SelectMany(modality => modality.Failed), .. Missing(utterances)];
            CorpusOptions.WriteSome(
                terminal.Errors, [.. report.Modalities.SelectMany(modality => modality.Empty)], gap => $"{gap.Id}: {gap.Reason}");
            CorpusOptions.WriteSome(terminal.Errors, lost, gap => $"{gap.Id}, left out: {gap.Reason}");
            if (request.Json)
                terminal.Output.WriteLine(report.ToJson());
            else
                Draw(report, store.Folder, terminal);
            bool nothing = report.Modalities.All(modality => modality.Kept + modality.Encoded == 0);
            return lost.Length == 0 ? ExitCode.Done : nothing ? ExitCode.Unusable : ExitCode.SomeFailed;
        }
        finally
        {
            foreach (FeatureEncoder encoder in encoders)
                encoder.Dispose();
        }
    }

    private static IEnumerable<PreparationGap> Missing(Utterance[] utterances) => utterances
        .Where(utterance => utterance.MissingMedia is not null)
        .Select(utterance => new PreparationGap(utterance.Id, $"no file {utterance.MissingMedia}"));

    /// <summary>The encoders that have something to read.</summary>
    private static async Task<List<FeatureEncoder>> OpenAsync(
        Request request, Utterance[] utterances, Terminal terminal, CancellationToken cancellation)
    {
        if (request.Recipe is { } recipe)
            return await OpenAsync(recipe, request.Device, terminal, cancellation);
        bool named = (request.TextEncoder ?? request.AudioEncoder ?? request.VideoEncoder) is not null;
        bool hasText = utterances.Any(TextFeatureEncoder.HasWords);
        bool hasMedia = utterances.Any(utterance => utterance.Media is not null);
        List<FeatureEncoder> encoders = [];
        try
        {
            if (hasText && (!named || request.TextEncoder is not null))
                encoders.Add(await OpenTextAsync(request, terminal, cancellation));
            if (hasMedia && (!named || request.AudioEncoder is not null))
                encoders.Add(await OpenAudioAsync(request, terminal, cancellation));
            if (hasMedia && request.VideoEncoder is { } file)
                encoders.Add(await OpenVideoAsync(file, request, terminal, cancellation));
            return encoders.Count > 0
                ? encoders
                : throw new CommandException(
                    $"{request.Root}: found neither words nor media for the encoders that were named, expected some", ExitCode.Unusable);
        }
        catch
        {
            foreach (FeatureEncoder encoder in encoders)
                encoder.Dispose();
            throw;
        }
    }

    private static async Task<List<FeatureEncoder>> OpenAsync(Recipe recipe, Device device, Terminal terminal, CancellationToken cancellation)
    {
        FrozenEncoders encoders = new(recipe.Folder, progress: terminal.Progress, device: device);
        return recipe switch
        {
            AudioTextFrozenRecipe r =>
                [await encoders.OpenAsync(r.TextEncoder, tokens: false, cancellation), await encoders.OpenAsync(r.AudioEncoder, cancellation)],
            VideoFrozenRecipe r =>
                [await encoders.OpenAsync(r.FindTextEncoder(), tokens: true, cancellation), await encoders.OpenAsync(r.VideoEncoder, cancellation)],
            _ => throw new CommandException(
                $"{recipe.File}: found a task that trains on no stored features, expected audio-text-frozen or video-frozen",
                ExitCode.Unusable),
        };
    }

    private static async Task<TextFeatureEncoder> OpenTextAsync(Request request, Terminal terminal, CancellationToken cancellation)
    {
        if (request.TextEncoder is { } place)
            return TextFeatureEncoder.Load(await PublishedFolders.FindAsync(place, terminal, cancellation), request.Precision, request.Pooling, request.Tokens, device: request.Device);
        string bundle = ShippedFiles.Bundle(request.Bundle);
        TextEncoderPart part = BundleConfig.Load(Path.Combine(bundle, BundleConfig.FileName)).TextEncoder;
        return TextFeatureEncoder.Load(
            BundleEncoders.TextFolder(bundle, part), request.Precision, request.Pooling, request.Tokens, part.MaxTokens, request.Device, part.LayerWeights);
    }

    private static async Task<SoundFeatureEncoder> OpenAudioAsync(Request request, Terminal terminal, CancellationToken cancellation)
    {
        if (request.AudioEncoder is { } place and not Moonshine)
            return SoundFeatureEncoder.Published(await PublishedFolders.FindAsync(place, terminal, cancellation), request.Precision, request.Device);
        string weights = await new PackageCache(PackageCacheOptions.FromEnvironment())
            .EnsureAsync(WeightPackages.Moonshine, terminal.Progress, cancellation);
        return SoundFeatureEncoder.Moonshine(Path.Combine(weights, WeightPackages.MoonshineEncoder), request.Precision);
    }

    private static async Task<FrameFeatureEncoder> OpenVideoAsync(string place, Request request, Terminal terminal, CancellationToken cancellation) =>
        await new FrozenEncoders(Environment.CurrentDirectory, request.Precision, terminal.Progress, request.Device).OpenAsync(
            new VideoEncoderPart { Kind = IsStateFile(place) ? VideoEncoderPart.Mc3 : VideoEncoderPart.Vit, Weights = place }, cancellation);

    // One that is not there too: its name tells it from a repository's.
    private static bool IsStateFile(string place) => File.Exists(place) || _stateFiles.Contains(Path.GetExtension(place), StringComparer.OrdinalIgnoreCase);

    private static void Draw(PreparationReport report, string folder, Terminal terminal)
    {
        Table table = Terminal.NewTable(1, "", "inputs", "there before", "encoded", "nothing in it", "unreadable", "a second");
        foreach (ModalityPreparation modality in report.Modalities)
        {
            int[] counts = [modality.Inputs, modality.Kept, modality.Encoded, modality.Empty.Count, modality.Failed.Count];
            table.AddRow(
            [
                modality.Modality, .. counts.Select(count => count.ToString(CultureInfo.InvariantCulture)),
                modality.PerSecond.ToString("F1", CultureInfo.InvariantCulture),
            ]);
        }

        terminal.Draw(table);
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Seconds:F1} s, {report.Utilization:P0} of {Environment.ProcessorCount} processors"));
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}: {report.StoreFeatures} features, {report.StoreBytes / Megabyte:F1} MB"));
    }

    private sealed record Request(
        string Corpus, string Root, CorpusReadOptions Reading, Split? Split, Recipe? Recipe, string? Bundle, string? TextEncoder,
        string? AudioEncoder, string? VideoEncoder, TextPooling Pooling, bool Tokens, string Features, PreparationShard Shard,
        Precision Precision, Device Device, int? Threads, bool Json);

    private static (string Line, bool Ended) Describe(PreparationProgress progress)
    {
        bool ended = progress.Done == progress.Total;
        string left = progress.Remaining is { } remaining && !ended ? $", {remaining:h\\:mm\\:ss} left" : "";
        return (
            string.Create(
                CultureInfo.InvariantCulture,
                $"{progress.Modality} {progress.Done}/{progress.Total}, {progress.PerSecond:F1}/s{left}, processors {progress.Utilization:P0}, store {progress.StoreBytes / Megabyte:F1} MB"),
            ended);
    }
}
