using Affekt.Cli.Commands;
using Affekt.Models.Hub;
using Affekt.Models.Published;

namespace Affekt.Cli.Features;

/// <summary>Finds published networks by their folder, or by their repository on the hub.</summary>
internal static class PublishedFolders
{
    /// <inheritdoc cref="PublishedHub.FindAsync"/>
    public static Task<string> FindAsync(string place, Terminal terminal, CancellationToken cancellation) =>
        PublishedHub.FindAsync(place, HubOptions.FromEnvironment(), new HubProgressLines(terminal), cancellation);
}
