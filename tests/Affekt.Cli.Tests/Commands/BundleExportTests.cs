using Affekt.Tests;

namespace Affekt.Cli.Tests;

public sealed class BundleExportTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task Export_writes_a_folder_once_and_refuses_it_the_second_time()
    {
        string bundle = _media.Bundle(), target = _media.At("onnx");

        CliOutcome first = await CliRun.HereAsync("bundle", "export", bundle, "--onnx", target);
        CliOutcome second = await CliRun.HereAsync("bundle", "export", bundle, "--onnx", target);

        Assert.Equal((0, target + "\n"), (first.ExitCode, first.Output));
        Assert.Equal(
            ["audio-encoder.onnx", "audio-text.onnx", "text-encoder.onnx"],
            Directory.GetFiles(target, "*.onnx").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.StartsWith("# test 1.2.3 as ONNX\n", File.ReadAllText(Path.Combine(target, "README.md")));
        Assert.Equal((2, ""), (second.ExitCode, second.Output));
        Assert.Contains("expected a folder that is empty or not there yet", second.Errors);
    }
}
