using System.IO.Pipes;

namespace Affekt.Cli.Tests;

public sealed class OutputWriterTests
{
    [Fact]
    public async Task What_is_written_after_the_reader_has_ended_ends_the_command()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "another system's pipes");
        using AnonymousPipeServerStream pipe = new(PipeDirection.Out);
        using StringWriter written = new();
        using OutputWriter output = new(written, (int)pipe.SafePipeHandle.DangerousGetHandle());

        output.WriteLine("read");
        Assert.False(output.Unread.IsCancellationRequested);
        pipe.DisposeLocalCopyOfClientHandle();
        output.WriteLine("not read");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.Infinite, output.Unread).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Equal("read\nnot read\n", written.ToString());
    }
}
