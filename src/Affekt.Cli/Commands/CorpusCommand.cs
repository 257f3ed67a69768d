using System.CommandLine;
using System.Globalization;
using Affekt.Cli.Recognitions;
using Affekt.Corpora;
using Affekt.Training.Checks;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>affekt corpus: looks at a corpus, or splits it anew.</summary>
internal static class CorpusCommand
{
    private const int FindingsShown = 20;

    public static Command Create(Terminal terminal) => new("corpus", "Looks at a corpus, or splits it anew.")
    {
        CreateCheck(terminal),
        CreateSplit(terminal),
    };

    private static Command CreateCheck(Terminal terminal)
    {
        Argument<string> corpus = CorpusOptions.Corpus();
        Option<string> root = CorpusOptions.Root();
        Option<string[]> map = CorpusOptions.Map();
        Option<LabelSet?> labels = CorpusOptions.Labels();
        Option<int?> fold = CorpusOptions.Fold();
        Option<string> media = new("--media")
        {
            Description = "Whether to read each media file as well: all of its sound and one picture.",
            DefaultValueFactory = _ => "read",
        };
        media.AcceptOnlyFromAmong("read", "skip");
        Option<string> format = CommonOptions.Format("table", "json");
        Command command = new("check", "Lists what is missing, unreadable or suspicious. Exit code 3: some inputs cannot be used.")
        {
            corpus, root, labels, map, fold, media, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            Corpus read = CorpusReader.Read(
                parsed.GetRequiredValue(corpus), parsed.GetRequiredValue(root), CorpusOptions.Reading(parsed.GetValue(map), parsed.GetValue(fold), parsed.GetValue(labels)));
            CorpusCheckReport report = await CorpusCheck.RunAsync(
                read, parsed.GetValue(media) == "read", new StatusLine<CheckProgress>(terminal, state => ($"media {state.Done}/{state.Total}", state.Done == state.Total)), cancellation);
            if (parsed.GetValue(format) == "json")
                terminal.Output.WriteLine(report.ToJson());
            else
                Draw(report, terminal);
            return report.HasBad ? ExitCode.SomeFailed : ExitCode.Done;
        });
        return command;
    }

    private static Command CreateSplit(Terminal terminal)
    {
        Argument<string> corpus = CorpusOptions.Corpus();
        Option<string> root = CorpusOptions.Root();
        Option<string[]> map = CorpusOptions.Map();
        Option<LabelSet?> labels = CorpusOptions.Labels();
        Option<string> by = new("--by") { Description = "Who must not be in two splits.", DefaultValueFactory = _ => "speaker" };
        by.AcceptOnlyFromAmong("speaker");
        Option<string> shares = new("--shares")
        {
            Description = "The shares of train, dev and test.",
            DefaultValueFactory = _ => "70,15,15",
            HelpName = "A,B,C",
        };
        Option<int> seed = new("--seed") { Description = "Another seed gives another split.", HelpName = "N" };
        Option<string> target = new("--out") { Required = true, Description = "The manifest to write.", HelpName = "FILE.jsonl" };
        Command command = new("split", "Writes a manifest of the corpus in which no speaker is in two splits.")
        {
            corpus, root, labels, map, by, shares, seed, target,
        };
        command.SetAction(parsed =>
        {
            string file = parsed.GetRequiredValue(target);
            Writable.CheckFile(target.Name, file, parsed.GetRequiredValue(root));
            Corpus read = CorpusReader.Read(
                parsed.GetRequiredValue(corpus), parsed.GetRequiredValue(root), CorpusOptions.Reading(parsed.GetValue(map), null, parsed.GetValue(labels)));
            foreach (CorpusNote note in read.Notes.Where(note => note.Code == CorpusNote.UnmappedLabel))
                terminal.Errors.WriteLine($"note: {note.Message}");
            Corpus split = SpeakerDisjointSplit.Apply(read, new SpeakerSplitOptions
            {
                Shares = ParseShares(parsed.GetRequiredValue(shares)),
                Seed = parsed.GetValue(seed),
            });

            // Words that are the same for every emotion would be taken for a modality when the manifest is read.
            if (split.Utterances.Any(utterance => utterance.TextIsFixed))
            {
                split = WithoutFixedText(split);
                terminal.Errors.WriteLine("note: texts that are the same for every emotion are left out of the manifest");
            }

            Manifest.Write(split, file);
            DrawSplits(split.Dialogues.GroupBy(dialogue => dialogue.Split).OrderBy(group => group.Key), terminal);
            terminal.Output.WriteLine(file);
            return ExitCode.Done;
        });
        return command;
    }

    private static double[] ParseShares(string text)
    {
        string[] parts = text.Split(',');
        double[] shares = [.. parts.Select(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) ? share : double.NaN)];
        return shares.Any(double.IsNaN)
            ? throw new CommandException($"--shares: found '{text}', expected three numbers such as 70,15,15", ExitCode.Unusable)
            : shares;
    }

    private static Corpus WithoutFixedText(Corpus corpus) => corpus with
    {
        Dialogues =
        [
            .. corpus.Dialogues.Select(dialogue => dialogue with
            {
                Utterances =
                [
                    .. dialogue.Utterances.Select(utterance => utterance.TextIsFixed ? utterance with { Text = null } : utterance),
                ],
            }),
        ],
    };

    private static void DrawSplits(IEnumerable<IGrouping<Split, Dialogue>> splits, Terminal terminal)
    {
        foreach (IGrouping<Split, Dialogue> split in splits)
        {
            Utterance[] utterances = [.. split.SelectMany(dialogue => dialogue.Utterances)];
            int speakers = utterances.Select(utterance => utterance.Speaker).OfType<string>().Distinct().Count();
            terminal.Output.WriteLine($"{split.Key.Name()}: {utterances.Length} utterances of {speakers} speakers");
        }
    }

    private static void Draw(CorpusCheckReport report, Terminal terminal)
    {
        Table splits = Terminal.NewTable(1, "", "dialogues", "utterances", "speakers", "with text", "with media");
        foreach (SplitCounts split in report.Splits)
            AddRow(splits, split.Split, [split.Dialogues, split.Utterances, split.Speakers, split.WithText, split.WithMedia]);
        terminal.Draw(splits);
        Table emotions = Terminal.NewTable(1, ["", .. report.Splits.Select(split => split.Split)]);
        foreach (string label in report.Splits[0].Emotions.Keys)
            AddRow(emotions, label, report.Splits.Select(split => split.Emotions[label]));
        terminal.Draw(emotions);
        if (report.MediaRead > 0)
        {
            terminal.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{report.MediaRead} clips read, {report.MediaMs / 3.6e6:F2} h"));
        }

        foreach (IGrouping<string, CorpusFinding> group in report.Findings.GroupBy(finding => finding.Code))
        {
            CorpusFinding[] findings = [.. group];
            terminal.Output.WriteLine();
            terminal.Output.WriteLine($"{Name(findings[0].Level)} {group.Key}: {findings.Length}");
            foreach (CorpusFinding finding in findings.Take(FindingsShown))
                terminal.Output.WriteLine(Terminal.Visible($"  {finding.Where}: {finding.Message}"));
            if (findings.Length > FindingsShown)
                terminal.Output.WriteLine($"  and {findings.Length - FindingsShown} more; --format json lists all");
        }
    }

    private static void AddRow(Table table, string name, IEnumerable<int> counts) =>
        Terminal.AddRow(table, [name, .. counts.Select(count => count.ToString(CultureInfo.InvariantCulture))]);

    private static string Name(FindingLevel level) => level switch
    {
        FindingLevel.Bad => "bad",
        FindingLevel.Suspicious => "suspicious",
        _ => "note",
    };
}
