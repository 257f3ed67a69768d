using System.ComponentModel;
using System.Diagnostics;
using Affekt.AspNetCore;

namespace Affekt.Server.Hosting;

/// <summary>Says when the server starts what this system cannot keep decoders from: an old kernel, or a strict container.</summary>
internal sealed class SandboxReport(ServerOptions options, ILogger<SandboxReport> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.SandboxProgram is not { } program)
        {
            ServerLog.WeakSandbox(logger, "anything: there is no affekt-sandbox");
            return;
        }

        try
        {
            using Process check = Process.Start(new ProcessStartInfo(program, ["--check"]) { RedirectStandardOutput = true })!;
            List<string> missing = [];
            while (await check.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
                missing.Add(line);
            await check.WaitForExitAsync(cancellationToken);
            if (check.ExitCode != 0)
                missing.Add($"anything: {program} --check ended with exit code {check.ExitCode}");
            if (options.RequireSandbox && missing.Count > 0)
                throw new ServerOptionsException($"--require-sandbox: found decoders that are not kept from {string.Join("; ", missing)}");
            foreach (string line in missing)
                ServerLog.WeakSandbox(logger, line);
        }
        catch (Win32Exception exception)
        {
            throw new ServerOptionsException($"{program}: found a program that does not start ({exception.Message})");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
