using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Affekt.Cli.Commands;

namespace Affekt.Cli;

/// <summary>The program: parses, runs a command, and is the one place where exceptions end.</summary>
internal static class CommandLine
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
            EvaluateCommand.Create(),
            FeaturesCommand.Create(terminal),
            BundleCommand.Create(terminal),
            ServeCommand.Create(),
            BenchCommand.Create(terminal),
            DoctorCommand.Create(terminal),
        };

        if (arguments is [ServeCommand.Name, ..])
            return Serve(arguments[1..], terminal);

        // Words that begin with @ are words: no file of further arguments is read.
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            foreach (ParseError error in parsed.Errors)
                terminal.Errors.WriteLine($"error: {error.Message}");
            terminal.Errors.WriteLine($"see: {Name(parsed.CommandResult)} --help");
            return ExitCode.Unusable;
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
            });
        }
        catch (Exception exception)
        {
            (int exitCode, string message) = Failure.Of(exception);
            terminal.Errors.WriteLine($"error: {message}");
            return exitCode;
        }
    }

    private static int Serve(string[] arguments, Terminal terminal)
    {
        try
        {
            return ServeCommand.Run(arguments);
        }
        catch (CommandException exception)
        {
            terminal.Errors.WriteLine($"error: {exception.Message}");
            return exception.ExitCode;
        }
    }

    private static string Name(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Name(parent)} {command.Command.Name}" : "affekt";
}
