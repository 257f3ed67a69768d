using System.CommandLine;
using Affekt.Corpora;

namespace Affekt.Cli.Commands;

/// <summary>What the commands that read a corpus share.</summary>
internal static class CorpusOptions
{
    private const int NotesShown = 5;

    public static Argument<string> Corpus()
    {
        Argument<string> argument = new("CORPUS") { Description = "The corpus's layout; any corpus of your own is a manifest." };
        argument.AcceptOnlyFromAmong([.. CorpusReader.Names]);
        return argument;
    }

    public static Option<string> Root() => new("--root")
    {
        Required = true,
        Description = "The corpus's folder; of a manifest the JSONL, CSV or JSON file.",
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
