using System.CommandLine;
using Affekt.Corpora;

namespace Affekt.Cli.Commands;

/// <summary>What the commands that read a corpus share.</summary>
internal static class CorpusOptions
{
    private const int NotesShown = 5;

    private static readonly string _names = string.Join(", ", CorpusReader.Names);

    public static Argument<string> Corpus()
    {
        Argument<string> argument = new("CORPUS")
        {
            Description = $"The corpus's layout: {_names}. Any corpus of your own is a manifest.",
            HelpName = "CORPUS",
        };
        argument.CompletionSources.Add([.. CorpusReader.Names]);
        argument.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } name && CorpusReader.TryFind(name) is null)
                result.AddError($"found corpus '{name}', expected one of {_names}");
        });
        return argument;
    }

    /// <summary>The layout as an option, with others that only one command knows.</summary>
    public static Option<string> Corpus(params string[] others)
    {
        string names = string.Join(", ", CorpusReader.Names.Concat(others));
        Option<string> option = new("--corpus") { Required = true, Description = $"The corpus's layout: {names}.", HelpName = "CORPUS" };
        option.CompletionSources.Add([.. CorpusReader.Names, .. others]);
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } name && !others.Contains(name) && CorpusReader.TryFind(name) is null)
                result.AddError($"--corpus: found '{name}', expected one of {names}");
        });
        return option;
    }

    public static Option<string[]> Map() => new("--map")
    {
        Description = "Maps a label of the corpus, such as excited=joy; excited=none leaves it out. May be repeated.",
        HelpName = "LABEL=EMOTION",
    };

    public static Option<LabelSet?> Labels() => new("--labels")
    {
        Description = "The label set: emotions (the default), sentiments, or a comma-separated list.",
        HelpName = "LIST",
        CustomParser = result =>
        {
            try
            {
                return LabelSet.Parse(string.Join(',', result.Tokens.Select(token => token.Value)));
            }
            catch (ArgumentException e)
            {
                result.AddError($"--labels: {e.Message}");
                return null;
            }
        },
    };

    public static Option<int?> Fold() => new("--fold")
    {
        Description = "For corpora published without splits: the fold, from 1, whose speakers are the test set; default: the last.",
        HelpName = "K",
    };

    /// <summary>How to read a corpus.</summary>
    /// <param name="map">What labels of the corpus count as.</param>
    /// <param name="fold">The fold; null for the layout's own choice.</param>
    /// <param name="labels">What they are read into; null for the seven emotions.</param>
    /// <exception cref="CorpusException">A label is not mapped to one of these.</exception>
    public static CorpusReadOptions Reading(IEnumerable<string>? map, int? fold, LabelSet? labels = null) =>
        new() { Labels = LabelMap.Parse(map ?? [], labels), Fold = fold };

    /// <summary>Whether dimensions such as valence can be read of a layout.</summary>
    public static bool HaveDimensions(string layout) => layout is "manifest" or "iemocap";

    public static Option<string> Root() => new("--root")
    {
        Required = true,
        Description = "The corpus's folder; for a manifest the JSONL, CSV or JSON file.",
        HelpName = "DIR_OR_FILE",
    };

    /// <summary>Writes the first few of some lines, and how many more there are.</summary>
    public static void WriteSome<T>(TextWriter writer, IReadOnlyList<T> items, Func<T, string> line)
    {
        foreach (T item in items.Take(NotesShown))
            writer.WriteLine($"note: {line(item)}");
        if (items.Count > NotesShown)
            writer.WriteLine($"note: and {items.Count - NotesShown} more like these");
    }
}
