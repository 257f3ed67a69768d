using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Affekt.Cli.Benchmarks.Encoders;

/// <summary>
/// Another engine, as a program under bench/peers that stays alive between its turns: a line of JSON asks, a line answers.
/// </summary>
internal sealed class PeerEngine : IEncoderEngine
{
    private const int ErrorLines = 3;

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly string _folder;

    private PeerEngine(EngineName name, Process process, string folder)
    {
        Name = name;
        _process = process;
        _folder = folder;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public EngineName Name { get; }

    public string Version { get; private set; } = "";

    /// <summary>Starts the program and waits for its version.</summary>
    /// <param name="name">Its name in reports.</param>
    /// <param name="folder">The folder of weights and inputs.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="PeerException">It is not installed, or ends at once.</exception>
    public static async Task<PeerEngine> StartAsync(
        EngineName name, string folder, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        PeerEngine engine = new(name, Start(command), folder);
        try
        {
            engine.Version = (await engine.ReadAsync(PeerJson.Default.PeerGreeting, cancellation)).Version;
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and the last that it wrote to its errors.</returns>
    /// <exception cref="PeerException">It is not installed.</exception>
    public static async Task<(int ExitCode, string Errors)> RunAsync(IReadOnlyList<string> command, CancellationToken cancellation)
    {
        using Process process = Start(command);
        try
        {
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, LastLines(await errors));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    public async Task<float[]> FirstOutputAsync(EncoderWork work, CancellationToken cancellation)
    {
        string file = Path.Combine(_folder, $"output.{Environment.ProcessId}.f32");
        try
        {
            await AskAsync(new PeerRequest(work.Encoder, work.Name, 0, file), cancellation);
            return MemoryMarshal.Cast<byte, float>(await File.ReadAllBytesAsync(file, cancellation)).ToArray();
        }
        finally
        {
            File.Delete(file);
        }
    }

    public async Task<IReadOnlyList<double>> TimeAsync(EncoderWork work, int runs, CancellationToken cancellation) =>
        (await AskAsync(new PeerRequest(work.Encoder, work.Name, runs, null), cancellation)).Ms;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
    }

    private async Task<PeerAnswer> AskAsync(PeerRequest request, CancellationToken cancellation)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(request, PeerJson.Default.PeerRequest));
            await _process.StandardInput.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // It has ended; reading tells of what.
        }

        return await ReadAsync(PeerJson.Default.PeerAnswer, cancellation);
    }

    private async Task<T> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        if (await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            return JsonSerializer.Deserialize(line, type)!;
        throw new PeerException(LastLines(await _errors));
    }

    private static Process Start(IReadOnlyList<string> command)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception exception)
        {
            throw new PeerException($"{command[0]}: {exception.Message}");
        }
    }

    private static string LastLines(string errors) => string.Join(
        "; ", errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(ErrorLines));
}

/// <summary>A peer program is unavailable, or broke off.</summary>
internal sealed class PeerException(string message) : Exception(message);

internal sealed record PeerGreeting(string Version);

internal sealed record PeerRequest(string Encoder, string Work, int Runs, string? Output);

internal sealed record PeerAnswer(IReadOnlyList<double> Ms);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PeerGreeting))]
[JsonSerializable(typeof(PeerRequest))]
[JsonSerializable(typeof(PeerAnswer))]
internal sealed partial class PeerJson : JsonSerializerContext;
