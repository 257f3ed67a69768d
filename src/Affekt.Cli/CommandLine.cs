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

        string[] wrong = parsed.Action is ParseErrorAction ? [.. Wrong(parsed)] : [.. NoOptions(parsed.CommandResult), .. EmptyNames(parsed.CommandResult)];
        if (wrong.Length > 0)
        {
            foreach (string message in wrong)
                terminal.Errors.WriteLine($"error: {message}");
            terminal.Errors.WriteLine($"see: {Name(parsed.CommandResult)} --help");
            return ExitCode.Unusable;
        }

        // A terminal that is closed, and Ctrl-\, interrupt a command as Ctrl-C does: what is temporary is taken away, what is done is kept.
        CancellationToken unread = (terminal.Output as OutputWriter)?.Unread ?? default;
        using CancellationTokenSource closed = CancellationTokenSource.CreateLinkedTokenSource(unread);
        using PosixSignalRegistration hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt), quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Interrupt);
        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = true;
            closed.Cancel();
        }

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
        catch (OperationCanceledException) when (unread.IsCancellationRequested)
        {
            // Whoever ended the reader knows.
            return ExitCode.Interrupted;
        }
        catch (Exception exception)
        {
            (int exitCode, string message) = Failure.Of(exception);
            terminal.Errors.WriteLine($"error: {message}");
            return exitCode;
        }
    }

    // The parser takes an option that there is not for an argument where any may stand.
    private static IEnumerable<string> NoOptions(CommandResult command) => command.Children.OfType<ArgumentResult>()
        .SelectMany(argument => argument.Tokens).Select(token => token.Value).Where(word => word is ['-', _, ..] && !word.AsSpan().ContainsAny('*', '?') && !Path.Exists(word))
        .Select(word => Terminal.Visible($"{word}: found no such option and no such file{NearestName.Asked(word, Options(command))}"));

    private static IEnumerable<string> Options(CommandResult command) => command.Command.Options.Select(option => option.Name);

    // What follows a command that there is not belongs to it, and is not told of.
    private static IEnumerable<string> Wrong(ParseResult parsed)
    {
        CommandResult at = parsed.CommandResult;
        if (NoOptions(at).ToArray() is { Length: > 0 } mistyped)
            return mistyped;
        if (parsed.UnmatchedTokens is [var word, ..] && (at.Command.Subcommands.Count > 0 || word.StartsWith('-')))
        {
            bool isOption = word.StartsWith('-');
            IEnumerable<string> names = isOption ? Options(at) : at.Command.Subcommands.Select(command => command.Name);
            return [Terminal.Visible($"{word}: found no such {(isOption ? "option" : "command")} of {Name(at)}{NearestName.Asked(word, names)}")];
        }

        return parsed.Errors.Select(error => Readable(error.Message));
    }

    // A variable of a script that is not set, mostly: the folder at hand is not meant by it. Words and a speaker's name may be none, and
    // one of several inputs is told of where the others are read.
    private static IEnumerable<string> EmptyNames(CommandResult command) => command.Children.Select(child => child switch
    {
        OptionResult { Option.Name: not ("--text" or "--speaker") } option when option.Tokens.Any(token => token.Value.Length == 0) => option.Option.Name,
        ArgumentResult { Argument.Arity.MaximumNumberOfValues: 1 } argument when argument.Tokens.Any(token => token.Value.Length == 0) => argument.Argument.Name,
        _ => null,
    }).OfType<string>().Select(name => $"{name}: found an empty value, expected one that is not");

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
