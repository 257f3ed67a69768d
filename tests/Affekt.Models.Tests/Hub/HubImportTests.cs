using Affekt.Models.Hub;

namespace Affekt.Tests.Hub;

public sealed class HubImportTests
{
    [Theory]
    [InlineData("owner/name")]
    [InlineData("name")]
    public async Task A_folder_that_holds_the_files_fills_the_cache_without_the_hub(string path)
    {
        using FakeHub hub = new();
        Write(hub.At($"there/{path}"), hub.Weights);

        HubSnapshot snapshot = await ImportAsync(hub, "there");

        Assert.Null(snapshot.Commit);
        Assert.Equal(hub.Weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
        Assert.Equal("{}", File.ReadAllText(Path.Combine(snapshot.Folder, "config.json")));
        Assert.Empty(hub.HubRequests);

        // The blobs have the names that the hub would give them; the branch stays unknown.
        Assert.True(File.Exists(hub.InRepository($"blobs/{FakeHub.ConfigDigest}")));
        Assert.True(File.Exists(hub.InRepository($"blobs/{hub.WeightsDigest}")));
        Assert.False(File.Exists(hub.InRepository("refs/main")));
        Assert.Equal(snapshot, await FakeHub.PullAsync(hub.Options with { Offline = true }, FakeHub.Repository));
    }

    [Fact]
    public async Task What_was_copied_need_not_be_fetched()
    {
        using FakeHub hub = new();
        Write(hub.At("there/name"), hub.Weights);
        await ImportAsync(hub, "there");

        HubSnapshot snapshot = await hub.PullAsync();

        Assert.Equal(FakeHub.Commit, snapshot.Commit);
        Assert.Empty(hub.StorageRequests);
    }

    [Fact]
    public async Task Another_cache_tells_the_commit_too()
    {
        using FakeHub hub = new();
        await FakeHub.PullAsync(hub.Options with { CacheFolder = hub.At("other") }, FakeHub.Repository);

        HubSnapshot snapshot = await ImportAsync(hub, "other");

        Assert.Equal(FakeHub.Commit, snapshot.Commit);
        Assert.Equal(FakeHub.Commit, File.ReadAllText(hub.InRepository("refs/main")));
        Assert.Equal(hub.Weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
    }

    [Fact]
    public async Task A_damaged_file_of_another_cache_is_refused()
    {
        using FakeHub hub = new();
        HubSnapshot other = await FakeHub.PullAsync(hub.Options with { CacheFolder = hub.At("other") }, FakeHub.Repository);
        File.WriteAllBytes(Path.Combine(other.Folder, "model.safetensors"), new byte[hub.Weights.Length]);

        HubException e = await FailureAsync(hub, "other");

        Assert.Equal(HubError.BadContent, e.Kind);
        Assert.Contains(hub.WeightsDigest, e.Message);
    }

    [Fact]
    public async Task A_folder_that_lacks_a_file_is_told_which()
    {
        using FakeHub hub = new();
        Write(hub.At("there/name"), hub.Weights);
        File.Delete(hub.At("there/name/model.safetensors"));

        HubException e = await FailureAsync(hub, "there");

        Assert.Equal(HubError.NotFound, e.Kind);
        Assert.Contains("model.safetensors or pytorch_model.bin", e.Message);
    }

    [Fact]
    public async Task A_folder_without_the_repository_is_told_what_it_could_hold()
    {
        using FakeHub hub = new();

        HubException e = await FailureAsync(hub, "absent");

        Assert.Equal(HubError.NotFound, e.Kind);
        Assert.Contains("owner/name", e.Message);
    }

    private static void Write(string folder, byte[] weights)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), weights);
    }

    private static async Task<HubSnapshot> ImportAsync(FakeHub hub, string folder)
    {
        using HubClient client = new(hub.Options);
        return await client.ImportAsync(FakeHub.Repository, hub.At(folder), TestContext.Current.CancellationToken);
    }

    private static Task<HubException> FailureAsync(FakeHub hub, string folder) =>
        Assert.ThrowsAsync<HubException>(() => ImportAsync(hub, folder));
}
