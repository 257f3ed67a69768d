using System.Diagnostics;

namespace Affekt.Tests;

/// <summary>Locks between processes.</summary>
public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.At("a.lock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_lock_is_waited_for_until_its_holder_lets_go()
    {
        FileStream held = await FileLock.HoldAsync(Path, TestContext.Current.CancellationToken);
        Task<FileStream> second = FileLock.HoldAsync(Path, TestContext.Current.CancellationToken);
        await Task.Delay(150, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        held.Dispose();
        (await second).Dispose();
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_canceled()
    {
        using FileStream held = await FileLock.HoldAsync(Path, TestContext.Current.CancellationToken);
        using CancellationTokenSource cancellation = new(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileLock.HoldAsync(Path, cancellation.Token));
    }

    [Fact]
    public async Task A_lock_on_a_read_only_disk_is_an_error_and_nothing_to_wait_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root may mount a read-only disk");
        await File.WriteAllTextAsync(Path, "", TestContext.Current.CancellationToken);
        Assert.SkipUnless(await Run("mount", "--bind", "-o", "ro", _folder.Path, _folder.Path), "mounting is not allowed here");
        try
        {
            using CancellationTokenSource cancellation = new(TimeSpan.FromSeconds(20));
            await Assert.ThrowsAsync<IOException>(() => FileLock.HoldAsync(Path, cancellation.Token));
        }
        finally
        {
            Assert.True(await Run("umount", _folder.Path));
        }
    }

    private static async Task<bool> Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments))!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }
}
