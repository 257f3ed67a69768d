using Affekt.Models.Hub;

namespace Affekt.Tests.Hub;

/// <summary>Hubs that refuse, fail or lie, and disks that do not take what comes.</summary>
public sealed class HubRefusalTests
{
    [Fact]
    public async Task A_range_that_begins_elsewhere_is_refused()
    {
        using FakeHub hub = new();
        Directory.CreateDirectory(hub.InRepository("blobs"));
        File.WriteAllBytes(hub.Partial, hub.Weights[..1000]);
        hub.AtStorage = _ => new HubReply(
            206, hub.Weights[999..], ("Content-Range", $"bytes 999-{hub.Weights.Length - 1}/{hub.Weights.Length}"));

        Assert.Equal(HubError.BadContent, (await hub.FailureAsync()).Kind);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    public async Task Other_bytes_than_announced_are_refused_and_not_kept(string name)
    {
        using FakeHub hub = new();
        hub.AtHub = request => name == "config.json" && request is { Path: FakeHub.ConfigPath, Method: "GET" }
            ? new HubReply(200, "[]"u8.ToArray())
            : null;
        hub.AtStorage = request => new HubReply(200, new byte[hub.Weights.Length]);

        HubException e = await hub.FailureAsync();

        Assert.Equal(HubError.BadContent, e.Kind);
        Assert.Contains($"owner/name/{name}", e.Message);
        Assert.False(File.Exists(hub.InRepository($"snapshots/{FakeHub.Commit}/model.safetensors")));
        Assert.False(File.Exists(hub.InRepository("refs/main")));
        Assert.Empty(Directory.GetFiles(hub.InRepository("blobs"), "*.incomplete"));
    }

    [Theory]
    [InlineData("299999")]
    [InlineData("300001")]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task A_size_that_is_not_the_files_is_refused(string size)
    {
        using FakeHub hub = new();
        hub.AtHub = request => request.Path == FakeHub.WeightsPath ? hub.Redirect(size) : null;

        HubException e = await hub.FailureAsync();

        Assert.Equal(HubError.BadContent, e.Kind);
        Assert.Contains(size, e.Message);
    }

    [Fact]
    public async Task More_bytes_than_announced_never_reach_the_disk()
    {
        using FakeHub hub = new();
        byte[] chunk = [.. "493E1\r\n"u8, .. hub.Weights, .. "!\r\n0\r\n\r\n"u8];
        hub.AtStorage = _ => new HubReply(200, chunk, ("Transfer-Encoding", "chunked"), ("Content-Length", $"{chunk.Length}"));

        Assert.Equal(HubError.BadContent, (await hub.FailureAsync()).Kind);
        Assert.Equal(0, new FileInfo(hub.Partial).Length);
    }

    [Theory]
    [InlineData(401, HubError.Unauthorized, "HF_TOKEN")]
    [InlineData(403, HubError.Forbidden, "HF_TOKEN")]
    [InlineData(404, HubError.NotFound, "owner/name@main")]
    [InlineData(418, HubError.BadContent, "HTTP 418")]
    public async Task A_refusal_names_the_repository_and_what_to_do(int status, HubError kind, string named)
    {
        using FakeHub hub = new();
        hub.AtHub = _ => new HubReply(status, [], ("X-Error-Code", "RepoNotFound"));

        HubException e = await hub.FailureAsync();

        Assert.Equal(kind, e.Kind);
        Assert.Contains(named, e.Message);
        Assert.Contains("owner/name", e.Message);
        Assert.Contains("RepoNotFound", e.Message);
        Assert.Single(hub.HubRequests);
    }

    [Fact]
    public async Task A_file_without_any_of_its_names_is_not_found_by_all_of_them()
    {
        using FakeHub hub = new();
        hub.AtHub = request => request.Path == FakeHub.WeightsPath ? new HubReply(404, []) : null;

        HubException e = await hub.FailureAsync();

        Assert.Equal(HubError.NotFound, e.Kind);
        Assert.Contains("owner/name/model.safetensors or pytorch_model.bin", e.Message);
    }

    [Fact]
    public async Task A_busy_hub_is_left_alone_for_as_long_as_it_asks()
    {
        using FakeHub hub = new();
        int times = 0;
        hub.AtHub = _ => times++ == 0 ? new HubReply(429, [], ("Retry-After", "7")) : null;

        await hub.PullAsync();

        Assert.Equal([TimeSpan.FromSeconds(7)], hub.Pauses);
    }

    [Fact]
    public async Task A_hub_that_asks_for_hours_is_given_up()
    {
        using FakeHub hub = new();
        hub.AtHub = _ => new HubReply(429, [], ("Retry-After", "7200"));

        HubException e = await hub.FailureAsync();

        Assert.Equal(HubError.TooManyRequests, e.Kind);
        Assert.Contains("7200 s", e.Message);
        Assert.Empty(hub.Pauses);
    }

    [Fact]
    public async Task A_failing_hub_is_tried_again_after_pauses_that_double_and_then_given_up()
    {
        using FakeHub hub = new();
        hub.AtHub = _ => new HubReply(500, []);

        HubException e = await hub.FailureAsync();

        Assert.Equal(HubError.Unreachable, e.Kind);
        Assert.Contains("HTTP 500", e.Message);
        Assert.Equal([1, 2, 4, 8], hub.Pauses.Select(pause => pause.TotalSeconds));
        Assert.Equal(5, hub.HubRequests.Length);
    }

    [Fact]
    public async Task A_hub_that_accepts_and_says_nothing_is_given_up()
    {
        using FakeHub hub = new() { IsSilent = true };

        HubException e = await hub.FailureAsync(hub.Options with { Silence = TimeSpan.FromMilliseconds(50), Attempts = 2 });

        Assert.Equal(HubError.Unreachable, e.Kind);
        Assert.Contains("silence", e.Message);
    }

    [Fact]
    public async Task A_hub_that_is_not_there_is_named()
    {
        using FakeHub hub = new();
        HubOptions gone;
        using (HubServer server = new(_ => null))
            gone = hub.Options with { Endpoint = server.Address };

        HubException e = await hub.FailureAsync(gone);

        Assert.Equal(HubError.Unreachable, e.Kind);
        Assert.Contains("HF_HUB_OFFLINE", e.Message);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        using FakeHub hub = new();
        hub.AtHub = request => new HubReply(307, [], ("Location", request.Path));

        Assert.Contains("redirects", (await hub.FailureAsync()).Message);
    }

    [Theory]
    [InlineData("<html>please log in</html>")]
    [InlineData("""{"sha": "../../../../escaped"}""")]
    [InlineData("""{"sha": 3}""")]
    [InlineData("[]")]
    public async Task An_answer_without_a_commit_is_refused(string answer)
    {
        using FakeHub hub = new();
        hub.AtHub = _ => new HubReply(200, System.Text.Encoding.UTF8.GetBytes(answer));

        Assert.Equal(HubError.BadContent, (await hub.FailureAsync()).Kind);
    }

    [Theory]
    [InlineData("\"../../escaped\"")]
    [InlineData("\"1234\"")]
    public async Task A_tag_that_is_no_digest_is_refused(string tag)
    {
        using FakeHub hub = new();
        hub.AtHub = request => request.Path == FakeHub.ConfigPath ? new HubReply(200, "{}"u8.ToArray(), ("ETag", tag)) : null;

        HubException e = await hub.FailureAsync();

        Assert.Equal(HubError.BadContent, e.Kind);
        Assert.Contains(tag, e.Message);
    }

    [Fact]
    public async Task A_disk_without_room_is_told_before_anything_is_written()
    {
        using FakeHub hub = new();

        HubException e = await hub.FailureAsync(hub.Options with { FreeBytes = _ => 1000 });

        Assert.Equal(HubError.Storage, e.Kind);
        Assert.Contains("MiB free", e.Message);
        Assert.Empty(hub.StorageRequests);
    }

    [Fact]
    public async Task A_disk_that_is_full_after_all_is_an_error_of_the_cache()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs a device that is always full");
        using FakeHub hub = new();
        Directory.CreateDirectory(hub.InRepository("blobs"));
        File.CreateSymbolicLink(hub.Partial, "/dev/full");

        Assert.Equal(HubError.Storage, (await hub.FailureAsync()).Kind);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_a_folder_is_named()
    {
        using FakeHub hub = new();
        File.WriteAllText(hub.At("cache"), "");

        HubException e = await hub.FailureAsync();

        Assert.Equal(HubError.Storage, e.Kind);
        Assert.Contains(hub.At("cache"), e.Message);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("../name")]
    [InlineData("owner/..")]
    [InlineData("owner/name/more")]
    [InlineData("owner/na me")]
    public void An_id_that_is_not_owner_and_name_is_no_repository(string id) =>
        Assert.Throws<ArgumentException>(() => new HubRepository(id, "main", []));
}
