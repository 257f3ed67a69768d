using System.CommandLine;
using Affekt.Cli.Benchmarks;

namespace Affekt.Cli.Commands;

/// <summary>affekt bench serve: a server with far too much to do.</summary>
internal static class BenchServeCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> url = new("--url")
        {
            Description = "The server's address; start the server with a --rate above the number of uploads.",
            HelpName = "URL",
            DefaultValueFactory = _ => "http://127.0.0.1:5280",
        };
        Option<string?> input = CommonOptions.Clip();
        Option<int> uploads = CommonOptions.Count("--uploads", "How many are sent at once.", 200);
        Option<int> rounds = CommonOptions.Count("--rounds", "How often.", 4);
        Option<int?> process = CommonOptions.Count("--pid", "The server's process, to watch its memory.");
        Command command = new(
            "serve", "Sends a running server many uploads at once; each must be answered rightly or told to come back. Measures times and memory.")
        {
            url, input, uploads, rounds, process,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string file = ShippedFiles.Clip(parsed.GetValue(input));
            if (!Uri.TryCreate(parsed.GetValue(url), UriKind.Absolute, out Uri? server))
                throw new CommandException($"--url: found {parsed.GetValue(url)}, expected an address such as http://127.0.0.1:5280");
            using ServeBenchmark benchmark = new(server, file, parsed.GetValue(process));
            ServeReport report = await benchmark.RunAsync(parsed.GetValue(uploads), parsed.GetValue(rounds), cancellation);
            terminal.WriteJson(report);
            return report.WithinBound ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
