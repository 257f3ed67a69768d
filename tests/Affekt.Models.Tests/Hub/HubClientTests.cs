using System.Collections.Concurrent;
using Affekt.Models.Hub;

namespace Affekt.Tests.Hub;

public sealed class HubClientTests
{
    [Fact]
    public async Task A_pull_fills_the_cache_as_Hugging_Faces_own_tools_lay_it_out()
    {
        using FakeHub hub = new();

        HubSnapshot snapshot = await hub.PullAsync();

        Assert.Equal((FakeHub.Commit, hub.InRepository($"snapshots/{FakeHub.Commit}")), (snapshot.Commit, snapshot.Folder));
        Assert.Equal(FakeHub.Commit, File.ReadAllText(hub.InRepository("refs/main")));
        Assert.Equal("{}", File.ReadAllText(hub.InRepository($"blobs/{FakeHub.ConfigDigest}")));
        Assert.Equal($"../../blobs/{FakeHub.ConfigDigest}", new FileInfo(Path.Combine(snapshot.Folder, "config.json")).LinkTarget);
        Assert.Equal($"../../blobs/{hub.WeightsDigest}", new FileInfo(Path.Combine(snapshot.Folder, "model.safetensors")).LinkTarget);
        Assert.Equal(hub.Weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
        Assert.Equal(2, Directory.GetFiles(hub.InRepository("blobs")).Length);
    }

    [Fact]
    public async Task A_second_pull_asks_for_the_commit_and_nothing_else()
    {
        using FakeHub hub = new();
        await hub.PullAsync();
        int asked = hub.HubRequests.Length;

        await hub.PullAsync();

        Assert.StartsWith("/api/", Assert.Single(hub.HubRequests[asked..]).Path);
        Assert.Single(hub.StorageRequests);
    }

    [Fact]
    public async Task A_pinned_commit_is_fetched_as_it_is_and_then_used_without_the_hub()
    {
        using FakeHub hub = new();
        HubRepository pinned = new(FakeHub.Id, FakeHub.Commit, FakeHub.Repository.Files);
        HubSnapshot first = await FakeHub.PullAsync(hub.Options, pinned);
        int asked = hub.HubRequests.Length;

        HubSnapshot second = await FakeHub.PullAsync(hub.Options, pinned);

        Assert.DoesNotContain(hub.HubRequests, request => request.Path.StartsWith("/api/", StringComparison.Ordinal));
        Assert.Equal(first, second);
        Assert.Equal(asked, hub.HubRequests.Length);
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_no_host_that_it_redirects_to()
    {
        using FakeHub hub = new();

        await hub.PullAsync();

        Assert.All(hub.HubRequests, request => Assert.Equal($"Bearer {FakeHub.Token}", request.Headers["authorization"]));
        Assert.DoesNotContain("authorization", Assert.Single(hub.StorageRequests).Headers.Keys);
    }

    [Fact]
    public async Task A_connection_that_is_cut_half_way_is_taken_up_where_it_ended()
    {
        using FakeHub hub = new();
        hub.AtStorage = request => request.Headers.ContainsKey("range") ? null : new HubReply(200, hub.Weights) { CutAfter = 100_000 };

        HubSnapshot snapshot = await hub.PullAsync();

        Assert.Equal(["bytes=100000-"], hub.StorageRequests[1..].Select(request => request.Headers["range"]));
        Assert.Equal(hub.Weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
    }

    [Fact]
    public async Task Cuts_that_bring_bytes_never_end_a_pull()
    {
        using FakeHub hub = new();
        hub.AtStorage = request => FakeHub.Ranged(request, hub.Weights) is { Body.Length: > 20_000 } reply
            ? reply with { CutAfter = 20_000 }
            : null;

        await hub.PullAsync();

        // 300,000 bytes in pieces of 20,000: far more attempts than may fail in a row.
        Assert.Equal(15, hub.StorageRequests.Length);
        Assert.All(hub.Pauses, pause => Assert.Equal(TimeSpan.FromSeconds(1), pause));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_ended_process_left_is_completed_and_what_it_left_of_something_else_is_not_trusted(bool isOfThisFile)
    {
        using FakeHub hub = new();
        Directory.CreateDirectory(hub.InRepository("blobs"));
        File.WriteAllBytes(hub.Partial, isOfThisFile ? hub.Weights[..1000] : new byte[1000]);

        HubSnapshot snapshot = await hub.PullAsync();

        Assert.Equal("bytes=1000-", hub.StorageRequests[0].Headers["range"]);
        Assert.Equal(isOfThisFile ? 1 : 2, hub.StorageRequests.Length);
        Assert.Equal(hub.Weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(416)]
    public async Task A_host_that_gives_no_ranges_is_asked_for_the_whole(int status)
    {
        using FakeHub hub = new();
        Directory.CreateDirectory(hub.InRepository("blobs"));
        File.WriteAllBytes(hub.Partial, hub.Weights[..1000]);
        hub.AtStorage = request => !request.Headers.ContainsKey("range") ? null
            : status == 200 ? new HubReply(200, hub.Weights) : new HubReply(416, []);

        HubSnapshot snapshot = await hub.PullAsync();

        Assert.Equal(hub.Weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
    }

    [Fact]
    public async Task A_file_that_is_absent_is_replaced_by_the_next_of_its_names()
    {
        using FakeHub hub = new();
        hub.AtHub = request => request.Path == FakeHub.WeightsPath ? new HubReply(404, [])
            : request.Path.EndsWith("pytorch_model.bin", StringComparison.Ordinal) ? hub.Redirect($"{hub.Weights.Length}")
            : null;

        HubSnapshot snapshot = await hub.PullAsync();

        Assert.Equal(
            ["config.json", "pytorch_model.bin"], Directory.GetFiles(snapshot.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Pulls_at_the_same_time_share_one_fetch()
    {
        using FakeHub hub = new();

        HubSnapshot[] snapshots = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => hub.PullAsync())));

        Assert.Single(snapshots.Select(snapshot => snapshot.Folder).Distinct());
        Assert.Single(hub.StorageRequests);
    }

    [Fact]
    public async Task What_was_fetched_is_used_offline_and_what_was_not_is_an_error()
    {
        using FakeHub hub = new();
        HubOptions offline = hub.Options with { Offline = true };

        Assert.Equal(HubError.Offline, (await hub.FailureAsync(offline)).Kind);
        HubSnapshot fetched = await hub.PullAsync();
        int asked = hub.HubRequests.Length;

        Assert.Equal(fetched, await FakeHub.PullAsync(offline, FakeHub.Repository));
        Assert.Equal(asked, hub.HubRequests.Length);
    }

    [Fact]
    public async Task A_blob_that_was_cut_off_is_fetched_again()
    {
        using FakeHub hub = new();
        HubSnapshot snapshot = await hub.PullAsync();
        File.WriteAllBytes(hub.InRepository($"blobs/{hub.WeightsDigest}"), hub.Weights[..10]);
        File.Delete(Path.Combine(snapshot.Folder, "model.safetensors"));

        await hub.PullAsync();

        Assert.Equal(hub.Weights, File.ReadAllBytes(Path.Combine(snapshot.Folder, "model.safetensors")));
    }

    [Fact]
    public async Task Progress_counts_up_to_the_whole_of_each_file()
    {
        using FakeHub hub = new();
        Reports reports = new();

        await hub.PullAsync(reports);

        HubProgress[] weights = [.. reports.All.Where(report => report.File == "model.safetensors")];
        Assert.Equal(weights.OrderBy(report => report.Done), weights);
        Assert.All(weights, report => Assert.Equal((FakeHub.Id, 300_000L), (report.Repository, report.Total)));
        Assert.Equal((300_000L, true), (weights[^1].Done, weights[^1].IsLast));
        Assert.Equal(2, reports.All.Count(report => report.IsLast));
    }

    private sealed class Reports : IProgress<HubProgress>
    {
        public ConcurrentQueue<HubProgress> All { get; } = new();

        public void Report(HubProgress value) => All.Enqueue(value);
    }
}
