using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Affekt.Onnx.Sessions;

/// <summary>Makes ONNX Runtime's options of ours.</summary>
internal static partial class SessionSettings
{
    /// <summary>The variable that keeps ONNX Runtime from reporting its use; it is read once, when the runtime starts.</summary>
    internal const string NoTelemetry = "ORT_DISABLE_TELEMETRY";

    /// <summary>
    /// ONNX Runtime reports to its maker unless it is told not to before it starts: from 1.29 on it keeps an identifier of the machine and a
    /// file of events, and sends them. Nothing of what happens here is anybody's business.
    /// </summary>
#pragma warning disable CA2255 // Whatever of this library is called first, this comes before it.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void ForbidTelemetry()
    {
        // .NET's own copy of the variables is not what native code reads, but on Windows.
        Environment.SetEnvironmentVariable(NoTelemetry, "1");
        if (!OperatingSystem.IsWindows())
            _ = SetVariable(NoTelemetry, "1", 1);
    }

    public static SessionOptions From(EngineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        OrtEnv.Instance().DisableTelemetryEvents();
        SessionOptions settings = new()
        {
            // Told a number, it binds no thread to a core.
            IntraOpNumThreads = options.Threads == 0 ? Environment.ProcessorCount : Math.Min(options.Threads, Environment.ProcessorCount),
            InterOpNumThreads = 1,
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", options.Spinning ? "1" : "0");

        // Without VNNI, products of u8 and s8 would saturate: then both are computed as u8.
        settings.AddSessionConfigEntry("session.x64quantprecision", "1");
        try
        {
            Append(settings, options);
            return settings;
        }
        catch
        {
            settings.Dispose();
            throw;
        }
    }

    private static void Append(SessionOptions settings, EngineOptions options)
    {
        if (options.Provider == ExecutionProvider.Cpu)
            return;
        (string name, string package) = options.Provider switch
        {
            ExecutionProvider.Cuda => ("CUDAExecutionProvider", "Microsoft.ML.OnnxRuntime.Gpu"),
            ExecutionProvider.DirectMl => ("DmlExecutionProvider", "Microsoft.ML.OnnxRuntime.DirectML, on Windows"),
            ExecutionProvider.CoreMl => ("CoreMLExecutionProvider", "Microsoft.ML.OnnxRuntime, on macOS"),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Provider, "no execution provider"),
        };
        string[] there = OrtEnv.Instance().GetAvailableProviders();
        if (!there.Contains(name))
            throw new EngineException($"provider {options.Provider}".ToLowerInvariant(), string.Join(", ", there), $"{name}, of the package {package}");
        try
        {
            switch (options.Provider)
            {
                case ExecutionProvider.Cuda:
                    settings.AppendExecutionProvider_CUDA(options.Device);
                    break;
                case ExecutionProvider.DirectMl:
                    settings.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
                    settings.AppendExecutionProvider_DML(options.Device);
                    break;
                default:
                    settings.AppendExecutionProvider("CoreML", new Dictionary<string, string> { ["ModelFormat"] = "MLProgram" });
                    break;
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw new EngineException($"provider {options.Provider}".ToLowerInvariant(), e.Message, "a device that it can use", e);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
