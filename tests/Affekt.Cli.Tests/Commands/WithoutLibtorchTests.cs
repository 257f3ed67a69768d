using Affekt.Models.Packages;
using Affekt.Recognition;
using Affekt.Tests;

namespace Affekt.Cli.Tests;

/// <summary>Recognition is ONNX Runtime's: libtorch is not even loaded.</summary>
public sealed class WithoutLibtorchTests : IDisposable
{
    private readonly TestMedia _media = new();

    public void Dispose() => _media.Dispose();

    [Fact]
    public async Task A_process_that_recognizes_never_has_libtorch_mapped_and_leaves_nothing_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the dynamic linker's log is Linux's");

        // The linker tells of every library that it maps, as long as the process lives.
        string home = Directory.CreateDirectory(_media.At("home")).FullName;
        Dictionary<string, string> variables = new()
        {
            ["LD_DEBUG"] = "files",
            ["LD_DEBUG_OUTPUT"] = _media.At("mapped"),

            // ONNX Runtime would keep an identifier of the machine and what it is going to report in these.
            ["HOME"] = home,
            ["TMPDIR"] = home,
            ["XDG_CACHE_HOME"] = home,
            ["AFFEKT_CACHE"] = PackageCacheOptions.FromEnvironment().Root,
        };
        int id = 0;
        CliOutcome outcome = await CliRun.ChildAsync(
            variables,
            child =>
            {
                id = child.Id;
                return Task.CompletedTask;
            },
            "recognize", TestPaths.InRepository("samples/sample.mp4"), "--bundle", TestPaths.InRepository("bundles/starter"), "--format", "json");

        Assert.Equal((0, 1), (outcome.ExitCode, RecognitionResult.FromJson(outcome.Output).Utterances.Count));
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));
        string mapped = File.ReadAllText(_media.At($"mapped.{id}"));
        Assert.Contains("libonnxruntime", mapped);
        Assert.DoesNotContain("torch", mapped, StringComparison.OrdinalIgnoreCase);
    }
}
