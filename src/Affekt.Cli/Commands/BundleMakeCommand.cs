using System.CommandLine;
using System.Globalization;
using System.Text;
using Affekt.Cli.Features;
using Affekt.Corpora;
using Affekt.Models.Bundles;
using Affekt.Training.Fusion;

namespace Affekt.Cli.Commands;

/// <summary>affekt bundle make: a bundle of published classifiers, without training.</summary>
internal static class BundleMakeCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> name = new("NAME") { Description = "What the bundle is called; of a path the last part." };
        Option<string?> text = Classifier("--text", "words");
        Option<string?> audio = Classifier("--audio", "sound");
        Option<string?> face = Classifier("--face", "faces");
        Option<string?> dimensions = new("--dimensions")
        {
            Description = "A published network of measures of sound, such as arousal, which are told beside the answer: its folder, or its repository on the hub.",
            HelpName = "DIR|OWNER/NAME",
        };
        Option<string[]> map = new("--map")
        {
            Description = "Maps a label that does not match by name to an emotion or one of --labels, or to none to leave it out. The prefix text:, audio: or face: limits it to one classifier.",
            HelpName = "LABEL=EMOTION",
        };
        Option<LabelSet?> labels = CorpusOptions.Labels();
        Option<string?> calibrate = new("--calibrate")
        {
            Description = "A manifest of labeled utterances on which temperatures and weights are fitted; without it defaults are used.",
            HelpName = "MANIFEST",
        };
        Option<string?> target = new("--out") { Description = "The bundle's folder; NAME where not given.", HelpName = "DIR" };
        Option<bool> link = new("--link") { Description = "Leave folders where they are; the bundle then works on this machine only." };
        Command command = new("make", "Makes a bundle of published classifiers, without training.") { name, text, audio, face, dimensions, labels, map, calibrate, target, link };
        command.Validators.Add(result =>
        {
            if (result.GetValue(text) is null && result.GetValue(audio) is null && result.GetValue(face) is null)
                result.AddError("give --text, --audio or --face");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            new Request(
                parsed.GetRequiredValue(name), parsed.GetValue(text), parsed.GetValue(audio), parsed.GetValue(face), parsed.GetValue(dimensions), parsed.GetValue(labels), Map(parsed.GetValue(map) ?? []),
                parsed.GetValue(calibrate), parsed.GetValue(target) ?? parsed.GetRequiredValue(name), parsed.GetValue(link)),
            terminal, cancellation));
        return command;
    }

    private static Option<string?> Classifier(string option, string of) => new(option)
    {
        Description = $"A published classifier of {of}: its folder, or its repository on the hub.",
        HelpName = "DIR|OWNER/NAME",
    };

    private static Dictionary<string, string> Map(string[] entries)
    {
        Dictionary<string, string> map = [];
        foreach (string entry in entries)
        {
            int at = entry.LastIndexOf('=');
            if (at <= 0 || at == entry.Length - 1)
                throw new CommandException($"--map: found {entry}, expected LABEL=EMOTION", ExitCode.Unusable);
            map[entry[..at]] = entry[(at + 1)..];
        }

        return map;
    }

    private static async Task<int> RunAsync(Request request, Terminal terminal, CancellationToken cancellation)
    {
        if (Path.Exists(request.Target))
            throw new CommandException($"{request.Target}: found an existing file or folder, expected a folder that does not exist yet", ExitCode.Unusable);
        Corpus? corpus = request.Calibrate is { } manifest ? CorpusReader.Read("manifest", manifest, CorpusOptions.Reading(null, null, request.Labels)) : null;
        PublishedSource? text = await FindAsync(request.Text), audio = await FindAsync(request.Audio), face = await FindAsync(request.Face),
            dimensions = await FindAsync(request.Dimensions);
        BundleConfig config = BundleMaker.Describe(Path.GetFileName(Path.GetFullPath(request.Name).TrimEnd(Path.DirectorySeparatorChar)), text, audio, face, request.Map, request.Link, dimensions, request.Labels);
        foreach ((string name, PublishedClassifier part) in config.Published!.All)
        {
            if (part.LeftOut.Count > 0)
                terminal.Errors.WriteLine($"note: {name}: left out are {string.Join(", ", part.LeftOut)}; --map LABEL=EMOTION says what one is");
        }

        Dictionary<string, string> sources = new (string Name, PublishedSource? Source)[] { ("text", text), ("audio", audio), ("face", face), ("dimensions", dimensions) }
            .Where(source => source.Source is not null).ToDictionary(source => source.Name, source => source.Source!.Folder);
        string how = string.Create(
            CultureInfo.InvariantCulture,
            $"Nothing was fitted: temperatures are 1, and each expert's evidence counts {BundleMaker.DefaultWeight} beside another's.");
        if (corpus is not null)
        {
            PublishedCalibration found = await CalibrateAsync(config, corpus, sources, terminal, cancellation);
            config = found.Config;
            how = string.Create(
                CultureInfo.InvariantCulture,
                $"Temperatures and weights were fitted on {found.Utterances} labeled utterances of {Path.GetFileName(request.Calibrate)}: "
                    + $"mean negative log-likelihood {found.Before:F3} before, {found.After:F3} afterwards.");
            terminal.Errors.WriteLine(how);
        }

        BundleMaker.Write(request.Target, config, Card(config, how), sources);
        terminal.Output.WriteLine(request.Target);
        return ExitCode.Done;

        async Task<PublishedSource?> FindAsync(string? place) => place is null
            ? null
            : new PublishedSource(place, await PublishedFolders.FindAsync(place, terminal, cancellation));
    }

    // The bundle is opened as it will be written, with its classifiers where they are.
    private static async Task<PublishedCalibration> CalibrateAsync(
        BundleConfig config, Corpus corpus, Dictionary<string, string> sources, Terminal terminal, CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("affekt-make-");
        try
        {
            PublishedClassifiers parts = config.Published!;
            BundleConfig here = config with
            {
                Published = new PublishedClassifiers { Text = Here("text", parts.Text), Audio = Here("audio", parts.Audio), Face = Here("face", parts.Face) },
            };
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, BundleConfig.FileName), here.ToJson(), cancellation);
            EncoderLocations locations = await EncoderLocations.FindAsync(
                folder.FullName, here, audio: true, video: true, terminal.Progress, cancellation);
            using Bundle bundle = Bundle.Open(folder.FullName, locations);
            PublishedCalibration found = await PublishedCalibrator.FitAsync(bundle, corpus, null, cancellation);
            return found with { Config = found.Config with { Published = config.Published } };
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        PublishedClassifier? Here(string name, PublishedClassifier? part) =>
            part is null ? null : part with { Folder = Path.GetFullPath(sources[name]), Repository = null, Revision = null };
    }

    private static string Card(BundleConfig config, string how)
    {
        StringBuilder card = new();
        card.Append(CultureInfo.InvariantCulture, $"# {config.Name} {config.Version}\n\n");
        card.Append("Made by `affekt bundle make` of published classifiers, which are used as they were published; nothing was trained. ")
            .Append("Each has its own license and was trained on its own data, which its authors describe.\n\n");
        card.Append("An emotion here is an expressed one, as annotators saw it, never a statement about what a person feels. EU law forbids inferring\n")
            .Append("emotions of people at work and in education. Everything is computed on the machine at hand.\n\n");
        card.Append("| expert | from | license | labels | left out |\n|---|---|---|---|---|\n");
        foreach ((string name, PublishedClassifier part) in config.Published!.All)
        {
            card.Append(
                CultureInfo.InvariantCulture,
                $"| {name} | {part.Source} | {part.License ?? "not stated"} | {string.Join(", ", part.Labels.Select(pair => pair.Key == pair.Value ? pair.Key : $"{pair.Key} = {pair.Value}"))} | {string.Join(", ", part.LeftOut)} |\n");
        }

        card.Append(CultureInfo.InvariantCulture, $"\n{how}\n");
        return card.ToString();
    }

    private sealed record Request(
        string Name, string? Text, string? Audio, string? Face, string? Dimensions, LabelSet? Labels, Dictionary<string, string> Map, string? Calibrate, string Target, bool Link);
}
