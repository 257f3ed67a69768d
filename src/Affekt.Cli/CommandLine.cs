using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Affekt.Cli.Commands;

namespace Affekt.Cli;

/// <summary>The program: parses, runs a command, and is the one place where exceptions end.</summary>
internal static partial class CommandLine
{
    private static readonly TimeSpan _longestStep = TimeSpan.FromMinutes(1);

    public static async Task<int> RunAsync(string[] arguments, Terminal terminal)
    {
        RootCommand root = new("Recognizes the emotions that people express, from picture, sound and words.")
        {
            RecognizeCommand.Create(terminal),
            CorpusCommand.Create(terminal),
            PrepareCommand.Create(terminal),
            TrainCommand.Create(terminal),
            SweepCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            FeaturesCommand.Create(terminal),
            BundleCommand.Create(terminal),
            ServeCommand.Create(),
            BenchCommand.Create(terminal),
            DoctorCommand.Create(terminal),
        };

        if (arguments is [ServeCommand.Name, ..])
            return Serve(arguments[1..], terminal);

        // Words that begin with @ are words: no file of further arguments is read.
        ParseResult parsed;
        try
        {
            parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        }
        catch (InvalidOperationException exception)
        {
            // A check of an option that isn't what it should be: a number, say.
            terminal.Errors.WriteLine($"error: {Readable(exception.Message)}");
            return ExitCode.Unusable;
        }

        if (parsed.Action is ParseErrorAction)
        {
            foreach (ParseError error in parsed.Errors)
                terminal.Errors.WriteLine($"error: {Readable(error.Message)}");
            terminal.Errors.WriteLine($"see: {Name(parsed.CommandResult)} --help");
            return ExitCode.Unusable;
        }

        // A terminal that is closed interrupts a command as Ctrl-C does: what is temporary is taken away, what is done is kept.
        using CancellationTokenSource closed = new();
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            closed.Cancel();
        });
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,

                // To exit while another thread is within libtorch would be a crash: a command stops by itself, between two
                // steps.
                ProcessTerminationTimeout = _longestStep,
                Output = terminal.Output,
                Error = terminal.Errors,
            }, closed.Token);
        }
        catch (Exception exception)
        {
            (int exitCode, string message) = Failure.Of(exception);
            terminal.Errors.WriteLine($"error: {message}");
            return exitCode;
        }
    }

    // The parser names types of .NET.
    private static string Readable(string message) => NoNumber().Match(message) is { Success: true } found
        ? Terminal.Visible($"{found.Groups["option"].Value}: found {(found.Groups["value"].Length == 0 ? "nothing" : found.Groups["value"].Value)}, expected a {(found.Groups["whole"].Success ? "whole " : "")}number")
        : Terminal.Visible(message, keepLines: true);

    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']*)' as expected type '.*System\.((?<whole>U?Int)|Double|Single|Decimal).*'", RegexOptions.Singleline)]
    private static partial Regex NoNumber();

    private static int Serve(string[] arguments, Terminal terminal)
    {
        try
        {
            return ServeCommand.Run(arguments);
        }
        catch (CommandException exception)
        {
            terminal.Errors.WriteLine($"error: {Terminal.Visible(exception.Message)}");
            return exception.ExitCode;
        }
    }

    private static string Name(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Name(parent)} {command.Command.Name}" : "affekt";
}
