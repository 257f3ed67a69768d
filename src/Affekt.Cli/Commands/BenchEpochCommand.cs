using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Affekt.Corpora;
using Affekt.Models.Bundles;
using Affekt.Torch;
using Affekt.Training.AudioText;
using Affekt.Training.Recipes;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench epoch: one epoch of the paper's audio-text branch over MELD, against running the encoders in it.</summary>
internal static class BenchEpochCommand
{
    private const string DefaultRoot = "../shared/data/meld";
    private const string VocabularyFile = "vocab.txt";

    public static Command Create(Terminal terminal)
    {
        Option<string> root = new("--root")
        {
            Description = "MELD's folder: its dialogues, labels and durations are the epoch's. Features and weights are random.",
            DefaultValueFactory = _ => DefaultRoot,
            HelpName = "DIR",
        };
        Option<int> uncached = CommonOptions.Count("--uncached", "Utterances that the encoders are timed on.", 100);
        Option<int> dialogues = CommonOptions.Count("--dialogues", "Dialogues in a step.", 16);
        Option<string?> bundle = CommonOptions.Bundle();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> format = CommonOptions.Format("table", "json");
        Command command = new("epoch", "Measures a training epoch from stored features, and the encoders that it saves.")
        {
            root, uncached, dialogues, bundle, threads, format,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Run(
                parsed.GetRequiredValue(root), parsed.GetValue(uncached), parsed.GetValue(dialogues),
                ShippedFiles.Bundle(parsed.GetValue(bundle)), parsed.GetValue(threads), parsed.GetRequiredValue(format) == "json", terminal,
                cancellation),
            cancellation));
        return command;
    }

    private static int Run(
        string root, int uncached, int dialogues, string bundle, int? threads, bool json, Terminal terminal, CancellationToken cancellation)
    {
        if (!Directory.Exists(root))
            throw new CommandException($"{root}: found no such folder, expected MELD's CSV files; name theirs with --root", ExitCode.Unusable);
        CommonOptions.UseThreads(threads);
        Corpus corpus = MeldCorpus.Read(root);
        TextEncoderPart textEncoder = BundleConfig.Load(Path.Combine(bundle, BundleConfig.FileName)).TextEncoder;
        AudioTextFrozenRecipe recipe = new()
        {
            Name = "bench",
            Version = "0.0.0",
            Corpus = "meld",
            Root = root,
            Features = "",
            TextEncoder = textEncoder,
            AudioEncoder = AudioEncoderPart.Moonshine,
            Dialogues = dialogues,
        };
        EpochTimes epoch = EpochBenchmark.Train(recipe, corpus, cancellation);
        string vocabulary = textEncoder.Folder is { } folder
            ? Path.Combine(bundle, folder, VocabularyFile)
            : throw new CommandException($"{bundle}: found no vocabulary, expected a bundle with a text encoder in its folder");
        UncachedTimes encoders = EpochBenchmark.Encode(corpus, uncached, vocabulary, cancellation);
        EpochReport report = new(
            Libtorch: TorchRuntime.Version,
            Threads: TorchRuntime.Threads,
            Utterances: epoch.Utterances,
            Dialogues: epoch.Dialogues,
            DialoguesInStep: dialogues,
            Steps: epoch.Steps,
            Seconds: epoch.Seconds,
            PhaseSeconds: epoch.Phases.ToDictionary(phase => phase.Key.ToString().ToLowerInvariant(), phase => phase.Value),
            UncachedUtterances: encoders.Utterances,
            UncachedTextSeconds: encoders.TextSeconds,
            UncachedAudioSeconds: encoders.AudioSeconds,
            UncachedEpochSeconds: epoch.Seconds
                + ((encoders.TextSeconds + encoders.AudioSeconds) * epoch.Utterances / encoders.Utterances));
        if (json)
            terminal.WriteJson(report);
        else
            Draw(report, terminal);
        return ExitCode.Done;
    }

    private static void Draw(EpochReport report, Terminal terminal)
    {
        Write($"{report.Utterances} utterances in {report.Dialogues} dialogues, {report.Steps} steps, {report.Threads} threads, libtorch {report.Libtorch}");
        Table table = Terminal.NewTable(1, "", "s", "%");
        foreach ((string phase, double seconds) in report.PhaseSeconds)
            table.AddRow(phase, Number(seconds, "F2"), Number(100 * seconds / report.Seconds, "F0"));
        table.AddRow("epoch", Number(report.Seconds, "F2"), "100");
        terminal.Draw(table);
        Write($"BERT and wav2vec 2.0 over {report.UncachedUtterances} utterances: {report.UncachedTextSeconds:F1} s and {report.UncachedAudioSeconds:F1} s");
        Write($"an epoch that ran them: {report.UncachedEpochSeconds:F0} s, {report.UncachedEpochSeconds / report.Seconds:F0} times as long");

        void Write(FormattableString line) => terminal.Output.WriteLine(FormattableString.Invariant(line));
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>A measurement of training: the schema "affekt.bench-epoch/1". The uncached epoch's time is projected from a part.</summary>
internal sealed record EpochReport(
    string Libtorch, int Threads, int Utterances, int Dialogues, int DialoguesInStep, int Steps, double Seconds,
    IReadOnlyDictionary<string, double> PhaseSeconds, int UncachedUtterances, double UncachedTextSeconds, double UncachedAudioSeconds,
    double UncachedEpochSeconds)
{
    [JsonPropertyOrder(-1)]
    public string Schema { get; } = "affekt.bench-epoch/1";
}
