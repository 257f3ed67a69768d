using Microsoft.ML.OnnxRuntime;

namespace Affekt.Onnx.Sessions;

/// <summary>Makes ONNX Runtime's options of ours.</summary>
internal static class SessionSettings
{
    public static SessionOptions From(EngineOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        SessionOptions settings = new()
        {
            // Told a number, it binds no thread to a core.
            IntraOpNumThreads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads,
            InterOpNumThreads = 1,
            EnableMemoryPattern = false,
            EnableCpuMemArena = options.KeepsMemory,
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
}
