using System.Diagnostics;
using Affekt.Training.Features;

namespace Affekt.Tests.Features;

public sealed class ProcessorTimeTests
{
    // As ffmpeg's copy that waits for work does it: it lives on, and what it starts ends.
    [Fact]
    public async Task The_work_of_a_childs_children_counts_while_it_lives()
    {
        using Process child = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "while :; do /bin/sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; done"]))!;
        try
        {
            TimeSpan before = ProcessorTime.Now(), own = Environment.CpuUsage.TotalTime;
            while (ProcessorTime.Now() - before - (Environment.CpuUsage.TotalTime - own) < TimeSpan.FromMilliseconds(500))
                await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        finally
        {
            child.Kill(entireProcessTree: true);
        }
    }
}
