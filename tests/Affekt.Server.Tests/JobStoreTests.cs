using System.Text;
using Affekt.AspNetCore;
using Affekt.AspNetCore.Jobs;
using Affekt.AspNetCore.Recognitions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Affekt.Tests;

public sealed class JobStoreTests : IDisposable
{
    private readonly TestMedia _folder = new();

    [Fact]
    public void What_a_job_was_given_is_gone_from_the_disk_once_it_is_over()
    {
        const string Words = "words-that-nobody-else-may-read";
        using DataFolder data = new(_folder.At("data"));
        using (JobStore store = new(data))
        {
            JobAnswer job = Queued("a");
            store.Add(job, Given(data, "a") with { Text = Words });
            Assert.Equal(Words, Assert.Single(store.Unfinished()).Upload!.Text);
            store.End(job with { State = JobState.Failed });
        }

        byte[] bytes = File.ReadAllBytes(Path.Combine(data.Root, "jobs.sqlite"));
        Assert.DoesNotContain(Words, Encoding.Latin1.GetString(bytes));
    }

    [Fact]
    public void Jobs_expire_when_they_are_over_and_not_before()
    {
        using DataFolder data = new(_folder.At("data"));
        using JobStore store = new(data);
        DateTimeOffset late = Queued("a").Expires.AddSeconds(1);
        store.Add(Queued("a"), Given(data, "a"));
        store.Add(Queued("b"), Given(data, "b"));
        store.End(Queued("b") with { State = JobState.Failed });

        Assert.NotNull(store.Find("a", late));
        Assert.Null(store.Find("b", late));
        Assert.NotNull(store.Find("b", Queued("b").Created));
        Assert.Equal(1, store.DeleteExpired(late));
        Assert.Null(store.Find("b", Queued("b").Created));
    }

    [Fact]
    public async Task What_twice_ended_a_server_and_what_lost_its_recording_fail_with_a_reason()
    {
        string folder = _folder.At("data");
        using (DataFolder data = new(folder))
        using (JobStore store = new(data))
        {
            MediaFolders folders = new(data, NullLogger<MediaFolders>.Instance);
            Upload twice = Given(data, "twice") with { Folder = folders.Create() };
            twice = twice with { Path = Path.Combine(twice.Folder, "media") };
            await File.WriteAllBytesAsync(twice.Path, [1], TestContext.Current.CancellationToken);
            store.Add(Queued("twice"), twice);
            store.Begin("twice");
            store.Begin("twice");
            store.Add(Queued("lost"), Given(data, "lost"));
            folders.Create();
        }

        await using TestServer server = await TestServer.StartAsync(
            options => options with { DataFolder = folder, ReadSound = false, BundleFolder = _folder.At("none") }, ready: false);

        foreach (string id in (string[])["twice", "lost"])
        {
            Answer job = await server.GetAsync($"/v1/recognitions/{id}");
            Assert.Equal("failed", job.Json.GetProperty("state").GetString());
            Assert.Equal("interrupted", job.Json.GetProperty("error").GetProperty("code").GetString());
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder, "media")));
    }

    [Fact]
    public void A_folder_has_one_server_and_is_closed_to_others()
    {
        using DataFolder data = new(_folder.At("data"));

        Assert.Contains("another server", Assert.Throws<IOException>(() => new DataFolder(_folder.At("data"))).Message);
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data.Root));
        Directory.CreateDirectory(_folder.At("open"), (UnixFileMode)0b111_111_101);
        Assert.Contains("chmod 700", Assert.Throws<OptionsValidationException>(() => new DataFolder(_folder.At("open"))).Message);
    }

    public void Dispose() => _folder.Dispose();

    private static JobAnswer Queued(string id) => new()
    {
        Id = id,
        State = JobState.Queued,
        Created = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000),
        Expires = DateTimeOffset.FromUnixTimeSeconds(1_800_000_060),
        File = "talk.mp4",
        Progress = new JobProgress(0, 0, null),
    };

    private static Upload Given(DataFolder data, string id) => new()
    {
        Folder = Path.Combine(data.Root, "media", id),
        Path = Path.Combine(data.Root, "media", id, "media"),
        File = "talk.mp4",
    };
}
