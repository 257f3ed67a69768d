using System.Text.RegularExpressions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Affekt.Cli;

/// <summary>Where a command writes: results to the output, everything else to the errors.</summary>
internal sealed partial record Terminal(TextWriter Output, TextWriter Errors, bool OutputIsTerminal, bool ErrorsAreTerminal)
{
    private const int Width = 80;

    public static Terminal OfProcess() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    /// <summary>Writes what it is told to the errors, line by line.</summary>
    public IProgress<string> Progress => new Lines(Errors);

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

    // Cells are padded to their column's width.
    [GeneratedRegex(" +$", RegexOptions.Multiline)]
    private static partial Regex TrailingBlanks();

    private sealed class Lines(TextWriter writer) : IProgress<string>
    {
        public void Report(string value) => writer.WriteLine(value);
    }
}
