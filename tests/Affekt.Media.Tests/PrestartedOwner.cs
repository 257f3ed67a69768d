using System.Runtime.CompilerServices;
using Affekt.Media.Prestart;

namespace Affekt.Media.Tests;

/// <summary>This program as one that reads media and is killed: what it started must go with it.</summary>
internal static class PrestartedOwner
{
    /// <summary>Names the ffmpeg that it uses; set where this program is started for that.</summary>
    public const string Variable = "AFFEKT_TEST_OWNER_OF";

    /// <summary>Arguments of ffmpeg for a run that does not end.</summary>
    public static readonly string[] Endless = ["-v", "error", "-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"];

    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } program)
            return;

        // On this thread alone: others wait at this module's door until its initializer has ended, which it never does.
        MediaTool tool = new(program, null);
        PrestartServer server = PrestartedTool.WaitAsync(tool).GetAwaiter().GetResult()!;
        using ToolRun run = ToolRun.StartAsync(tool, Endless).GetAwaiter().GetResult();
        Console.WriteLine(server.ProcessId);
        Console.WriteLine(server.Folder);
        Thread.Sleep(Timeout.Infinite);
    }
}
