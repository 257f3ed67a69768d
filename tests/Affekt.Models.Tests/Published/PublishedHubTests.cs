using System.Text;
using Affekt.Models;
using Affekt.Models.Hub;
using Affekt.Models.Published;
using Affekt.Tests.Hub;

namespace Affekt.Tests.Published;

/// <summary>Published networks by their repository's name.</summary>
public sealed class PublishedHubTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repository_is_fetched_with_the_files_that_it_has_and_then_used_without_the_hub()
    {
        using FakeHub hub = new()
        {
            AtHub = request => request.Path == $"/api/models/{FakeHub.Id}/revision/main"
                ? new HubReply(200, Encoding.ASCII.GetBytes(
                    $$"""{"sha": "{{FakeHub.Commit}}", "siblings": [{"rfilename": "config.json"}, {"rfilename": "model.safetensors"}, {"rfilename": "../other"}]}"""))
                : null,
        };

        string folder = await PublishedHub.FindAsync(FakeHub.Id, hub.Options, null, Token);
        int asked = hub.HubRequests.Length;
        string again = await PublishedHub.FindAsync(FakeHub.Id, hub.Options, null, Token);

        Assert.Equal(hub.InRepository($"snapshots/{FakeHub.Commit}"), folder);
        Assert.Equal(["config.json", "model.safetensors"], PublishedHub.FilesOf(folder));
        Assert.Equal((folder, asked), (again, hub.HubRequests.Length));
    }

    [Fact]
    public async Task A_large_ONNX_file_comes_with_the_tensors_that_it_keeps_beside_itself()
    {
        string[] names = ["config.json", "onnx/model.onnx", "onnx/model.onnx_data", "onnx/model_quantized.onnx"];
        using FakeHub hub = new()
        {
            AtHub = request => request.Path == $"/api/models/{FakeHub.Id}/revision/main"
                ? new HubReply(200, Encoding.ASCII.GetBytes(
                    $$"""{"sha": "{{FakeHub.Commit}}", "siblings": [{{string.Join(", ", names.Select(name => $$"""{"rfilename": "{{name}}"}"""))}}]}"""))
                : names.Any(name => request.Path == $"/{FakeHub.Id}/resolve/{FakeHub.Commit}/{name}")
                    ? new HubReply(200, "{}"u8.ToArray(), ("ETag", $"W/\"{FakeHub.ConfigDigest}\""))
                    : null,
        };

        string folder = await PublishedHub.FindAsync(FakeHub.Id, hub.Options, null, Token);

        Assert.Equal(["config.json", "onnx/model.onnx_data", "onnx/model.onnx"], PublishedHub.FilesOf(folder));
        Assert.DoesNotContain(hub.HubRequests, request => request.Path.Contains("quantized", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repository_without_weights_is_an_error_that_names_what_was_looked_for()
    {
        using FakeHub hub = new()
        {
            AtHub = request => request.Path.StartsWith("/api/", StringComparison.Ordinal)
                ? new HubReply(200, Encoding.ASCII.GetBytes($$"""{"sha": "{{FakeHub.Commit}}", "siblings": [{"rfilename": "config.json"}]}"""))
                : null,
        };

        HubException e = await Assert.ThrowsAsync<HubException>(() => PublishedHub.FindAsync(FakeHub.Id, hub.Options, null, Token));

        Assert.Equal(HubError.NotFound, e.Kind);
        Assert.Contains("model.safetensors", e.Message);
    }

    [Fact]
    public async Task What_is_neither_a_folder_nor_a_repositorys_name_is_refused() =>
        await Assert.ThrowsAsync<ModelException>(() => PublishedHub.FindAsync("/no/such/folder", new HubOptions { CacheFolder = "none" }, null, Token));
}
