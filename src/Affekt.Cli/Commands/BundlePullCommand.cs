using System.CommandLine;
using Affekt.Models.Weights;

namespace Affekt.Cli.Commands;

/// <summary>affekt bundle pull: fetches the published encoders that a bundle stands on.</summary>
internal static class BundlePullCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> name = new("NAME") { Description = "What to fetch: base, for BERT and wav2vec2." };
        name.AcceptOnlyFromAmong("base");
        Option<string?> from = new("--from")
        {
            Description = "A folder that holds the repositories already; nothing is fetched.",
            HelpName = "DIR",
        };
        Command command = new("pull", "Fetches published encoders into Hugging Face's cache, and names their folders.") { name, from };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(from), terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? from, Terminal terminal, CancellationToken cancellation)
    {
        using HubClient client = new(HubOptions.FromEnvironment());
        HubProgressLines progress = new(terminal);
        foreach (HubRepository repository in HubRepositories.Base)
        {
            HubSnapshot snapshot = from is null
                ? await client.PullAsync(repository, progress, cancellation)
                : await client.ImportAsync(repository, from, cancellation);
            terminal.Errors.WriteLine($"{repository.Id}: {(snapshot.Commit is { } commit ? $"commit {commit}" : "no commit told")}");
            terminal.Output.WriteLine(snapshot.Folder);
        }

        return ExitCode.Done;
    }
}
