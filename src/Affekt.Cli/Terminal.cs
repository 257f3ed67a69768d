using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Affekt.Models.Hub;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Affekt.Cli;

/// <summary>Where a command writes: results to the output, everything else to the errors.</summary>
internal sealed partial record Terminal(TextWriter Output, TextWriter Errors, bool OutputIsTerminal, bool ErrorsAreTerminal)
{
    private const int Width = 80;
    private const int StandardOutput = 1;
    private const double Mebibyte = 1 << 20;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    };

    // A terminal that calls itself dumb has no line that changes.
    public static Terminal OfProcess() => new(
        Console.IsOutputRedirected ? new OutputWriter(Console.Out, StandardOutput) : Console.Out, new ErrorWriter(Console.Error), !Console.IsOutputRedirected,
        !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb")
    {
        Columns = WidthOfConsole,
    };

    /// <summary>How wide the terminal is, in characters.</summary>
    public Func<int> Columns { get; init; } = () => Width;

    /// <summary>Writes what it is told to the errors, line by line.</summary>
    public IProgress<string> Progress => new Lines(Errors);

    /// <summary>Shows how far the download of each file is.</summary>
    public IProgress<HubProgress> Downloads => new StatusLine<HubProgress>(this, file => (
        FormattableString.Invariant($"{file.Repository}/{file.File}: {file.Done / Mebibyte:F1}{(file.Total is { } all ? FormattableString.Invariant($" of {all / Mebibyte:F1}") : "")} MiB"),
        file.IsLast));

    /// <summary>Writes what was measured to the output, with the field names of the schemas.</summary>
    public void WriteJson<T>(T report) => Output.WriteLine(JsonSerializer.Serialize(report, _json));

    /// <summary>A table without lines, whose columns are right-aligned from the one numbered so, counted from 0.</summary>
    public static Table NewTable(int firstNumber, params string[] columns)
    {
        Table table = new Table().NoBorder().AddColumns(columns);
        foreach (TableColumn column in table.Columns.Skip(firstNumber))
            column.Alignment = Justify.Right;
        return table;
    }

    /// <summary>Writes a table or text to the output, at most 80 columns wide; plain where that is no terminal.</summary>
    public void Draw(IRenderable shape)
    {
        using StringWriter drawn = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = OutputIsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = OutputIsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(OutputIsTerminal ? Output : drawn),
        });
        console.Profile.Width = OutputIsTerminal ? Math.Min(Width, console.Profile.Width) : Width;
        console.Write(shape);
        Output.Write(TrailingBlanks().Replace(drawn.ToString(), ""));
    }

    /// <summary>Writes a line to the output in which control characters are seen, not obeyed.</summary>
    public void Say(string line) => Output.WriteLine(Visible(line));

    /// <summary>Adds a row of texts, in which brackets and control characters are what they are.</summary>
    public static void AddRow(Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(Visible(cell))));

    /// <summary>
    /// Text with a picture of each control character in its place, line ends among them where they are not kept: a file's name
    /// may hold any, and a terminal obeys them.
    /// </summary>
    public static string Visible(string text, bool keepLines = false) => Controls().Replace(text, control => control.ValueSpan[0] switch
    {
        '\n' when keepLines => "\n",
        < ' ' and var low => ((char)('\u2400' + low)).ToString(),
        '\u007f' => "\u2421",
        _ => "\ufffd",
    });

    // One that does not know its size says 0.
    private static int WidthOfConsole()
    {
        try
        {
            return Console.WindowWidth is > 0 and var known ? known : Width;
        }
        catch (IOException)
        {
            return Width;
        }
    }

    // Cells are padded to their column's width.
    [GeneratedRegex(" +$", RegexOptions.Multiline)]
    private static partial Regex TrailingBlanks();

    // With those that turn the direction of what follows.
    [GeneratedRegex(@"[\p{Cc}\u202a-\u202e\u2066-\u2069-[\t]]")]
    private static partial Regex Controls();

    private sealed class Lines(TextWriter writer) : IProgress<string>
    {
        public void Report(string value) => writer.WriteLine(value);
    }
}
