using Affekt.Torch;
using Affekt.Torch.Native;

namespace Affekt.Tests;

public sealed class NativeLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_named_file_is_the_only_candidate() =>
        Assert.Equal(["/elsewhere/native.so"], NativeLoader.Candidates("/elsewhere/native.so", AppContext.BaseDirectory));

    [Fact]
    public void A_named_folder_stands_for_the_library_in_it() =>
        Assert.Equal(
            [_folder.At("libaffekt_torch.so")],
            NativeLoader.Candidates(_folder.Path, AppContext.BaseDirectory));

    [Fact]
    public void Without_a_name_the_programs_folder_and_its_packages_are_searched_and_none_above_them() =>
        Assert.Equal(
            ["/program/bin/libaffekt_torch.so", "/packages/native/libaffekt_torch.so"],
            NativeLoader.Candidates(null, "/program/bin", "/program/bin:/packages/native:"));

    [Fact]
    public void What_was_tried_and_what_to_do_are_said_where_nothing_can_be_loaded()
    {
        string missing = _folder.At("missing.so"), text = _folder.At("text.so");
        File.WriteAllText(text, "no library");

        string message = Assert.Throws<TorchException>(() => NativeLoader.Load([missing, text])).Message;

        Assert.Contains($"{missing}: no such file", message);
        Assert.Contains($"{text}: ", message);
        Assert.Contains("cmake -S native -B build/native", message);
        Assert.Contains("AFFEKT_NATIVE", message);
    }

    [Fact]
    public void Another_library_is_told_from_the_native_part()
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string other = Path.Combine(runtime, "libSystem.Native.so");

        Assert.Contains(
            "not the native part of Affekt",
            Assert.Throws<TorchException>(() => NativeLoader.Load([other])).Message);
    }

    [Fact]
    public void Another_ABI_version_is_an_error_with_both_numbers()
    {
        string message = Assert.Throws<TorchException>(() => NativeLoader.CheckAbi("x.so", 99)).Message;

        Assert.Equal($"x.so: ABI version 99 found, {Interop.AbiVersion} expected; build the native part again", message);
    }

    [Theory]
    [InlineData("1.13.0", "1.13.1", true)]
    [InlineData("2.4.1", "2.4.1+cu121", true)]
    [InlineData("1.13.0", "2.1.0", false)]
    [InlineData("2.1.0", "2.10.0", false)]
    public void The_libtorch_that_is_loaded_must_be_the_one_that_was_built_for(string built, string running, bool fits)
    {
        Exception? e = Record.Exception(() => NativeLoader.CheckLibtorch("x.so", built, running));

        Assert.Equal(fits, e is null);
        if (e is not null)
            Assert.Contains($"for libtorch {built}, and libtorch {running}", Assert.IsType<TorchException>(e).Message);
    }

    // A class that cannot be initialized would show callers a TypeInitializationException instead.
    [Fact]
    public async Task A_program_sees_the_loaders_own_exception()
    {
        if (Environment.GetEnvironmentVariable(TestProgram.NativeVariable) is "/missing/native.so")
        {
            _ = TorchRuntime.Version;
            return;
        }

        (int exitCode, string output) = await TestProgram.RunAsync(
            "/missing/native.so", "--filter-method", $"*.{nameof(A_program_sees_the_loaders_own_exception)}");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Affekt.Torch.TorchException", output);
        Assert.Contains("/missing/native.so: no such file", output);
        Assert.DoesNotContain("TypeInitializationException", output);
    }
}
