using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Affekt.Cli.Benchmarks.Video;

/// <summary>bench/peers/mc3_18.py: torchvision's network in eager PyTorch, in a process of its own that waits for its turns.</summary>
internal sealed class TorchvisionPeer : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Script = "bench/peers/mc3_18.py";

    private readonly Process _process;
    private readonly Task<string> _errors;

    private TorchvisionPeer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        Versions = Read(TorchvisionPeerJson.Default.PeerVersions);
    }

    /// <summary>What it stands on.</summary>
    public PeerVersions Versions { get; }

    /// <summary>Starts it; it writes its weights and pixels into the folder.</summary>
    /// <exception cref="CommandException">It is not there, or PyTorch is not.</exception>
    public static TorchvisionPeer Start(string folder, int frames, int side, int threads)
    {
        string script = ShippedFiles.Find(Script)
            ?? throw new CommandException($"{Script} is not there: the comparison needs the repository");
        string[] sizes = [.. ((int[])[frames, side, threads]).Select(size => size.ToString(CultureInfo.InvariantCulture))];
        try
        {
            return new TorchvisionPeer(Process.Start(new ProcessStartInfo(Python, [script, folder, .. sizes])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!);
        }
        catch (Win32Exception e)
        {
            throw new CommandException($"{Python}: {e.Message}");
        }
    }

    /// <summary>Runs once, and gives the time in ms.</summary>
    /// <param name="write">Whether to write the features into features.bin as well.</param>
    public double Run(bool write = false)
    {
        _process.StandardInput.WriteLine(write ? "write" : "run");
        _process.StandardInput.Flush();
        return Read(TorchvisionPeerJson.Default.PeerTime).Ms;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private T Read<T>(System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        _process.StandardOutput.ReadLine() is { } line
            ? JsonSerializer.Deserialize(line, type)!
            : throw new CommandException($"{Script} ended: {_errors.GetAwaiter().GetResult().Trim()}");
}

/// <summary>What the peer stands on.</summary>
internal sealed record PeerVersions(string Torch, string Torchvision, int Threads);

internal sealed record PeerTime(double Ms);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PeerVersions))]
[JsonSerializable(typeof(PeerTime))]
internal sealed partial class TorchvisionPeerJson : JsonSerializerContext;
