using System.CommandLine;
using System.Globalization;
using Affekt.Media;
using Affekt.Models;
using Affekt.Networks;
using Affekt.Onnx.Sessions;
using Affekt.Recognition;
using Affekt.Recognition.Library;
using Affekt.Torch;

namespace Affekt.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<string?> Bundle() => new("--bundle")
    {
        Description = "The bundle's folder; default: bundles/starter.",
        HelpName = "DIR",
    };

    public static Option<string?> Clip() => new("--input")
    {
        Description = "The recording; default: the sample clip.",
        HelpName = "FILE",
    };

    public static Option<string> Format(params string[] formats)
    {
        Option<string> option = new("--format")
        {
            Description = "The output format.",
            DefaultValueFactory = _ => formats[0],
        };
        option.AcceptOnlyFromAmong(formats);
        return option;
    }

    public static Option<string> Device(string description) => new("--device")
    {
        Description = description,
        DefaultValueFactory = _ => "cpu",
        HelpName = "cpu|cuda[:N]",
    };

    /// <summary>The device of that name.</summary>
    /// <exception cref="CommandException">It is none, or this libtorch does not see it.</exception>
    public static Device DeviceOf(string name)
    {
        Device device;
        try
        {
            device = Torch.Device.Parse(name);
        }
        catch (FormatException e)
        {
            throw new CommandException($"--{e.Message}", ExitCode.Unusable);
        }

        return !device.IsCuda || device.Index < TorchRuntime.CudaDevices
            ? device
            : throw new CommandException(
                $"--device: found {device}, expected cpu{(TorchRuntime.CudaDevices > 0 ? $" or one of {TorchRuntime.CudaDevices} CUDA devices" : ": this libtorch sees no CUDA device")}");
    }

    public static Option<string> Precision()
    {
        Option<string> option = new("--precision")
        {
            Description = "The precision of the encoders' large matrix products; auto chooses the fastest for this processor and reports it.",
            DefaultValueFactory = _ => "fp32",
        };
        option.AcceptOnlyFromAmong("fp32", "bf16", "int8", "auto");
        return option;
    }

    public static Option<string?> Prior(string otherwise) => new("--prior")
    {
        Description = "How often each emotion is expected: uniform, meld, or a JSON file with a number for each; " + otherwise + " where not given.",
        HelpName = "uniform|meld|FILE",
    };

    public static Option<int?> Threads() => Count("--threads", "Processor threads; as many as there are processors where not given.");

    /// <summary>A number as all countries' programs write it: a comma would be passed over, and 0,5 be 5.</summary>
    public static Option<double?> Number(string name, string description, string helpName, double least = double.MinValue, double most = double.MaxValue) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most)
                return number;
            string range = least > double.MinValue ? FormattableString.Invariant($" in [{least}, {most}]") : " such as 0.5";
            result.AddError($"{name}: found {(text.Length == 0 ? "nothing" : text)}, expected a number{range}");
            return null;
        },
    };

    /// <summary>A number of at least 1; null where it is not given.</summary>
    public static Option<int?> Count(string name, string description) => AtLeast1(new Option<int?>(name) { Description = description });

    /// <summary>A number of at least 1.</summary>
    public static Option<int> Count(string name, string description, int otherwise) =>
        AtLeast1(new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise });

    private static Option<T> AtLeast1<T>(Option<T> option)
    {
        option.HelpName = "N";
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out int value) && value < 1)
                result.AddError($"{option.Name}: found {value}, expected 1 or more");
        });
        return option;
    }

    /// <summary>The precision of that name; a choice of its own is told to stderr.</summary>
    /// <exception cref="CommandException">The device does not have it.</exception>
    public static Precision ChoosePrecision(string name, Terminal terminal, Device? device = null)
    {
        switch (name)
        {
            case "int8" when device?.IsCuda == true:
                throw new CommandException($"--precision: found int8, expected fp32, bf16 or auto on {device}", ExitCode.Unusable);
            case "bf16":
                return Affekt.Precision.BFloat16;
            case "int8":
                return Affekt.Precision.Int8;
            case "auto":
                PrecisionChoice choice = PrecisionChoice.On(device ?? Torch.Device.Cpu);
                terminal.Errors.WriteLine($"precision {NameOf(choice.Precision)}: {choice.Reason}");
                return choice.Precision;
            default:
                return Affekt.Precision.Float32;
        }
    }

    public static string NameOf(Precision precision) => precision switch
    {
        Affekt.Precision.BFloat16 => "bf16",
        Affekt.Precision.Int8 => "int8",
        _ => "fp32",
    };

    /// <summary>A recognizer of sound that is cut at pauses.</summary>
    /// <param name="bundle">The bundle that was asked for; null for the default one.</param>
    /// <param name="encoders">How its encoders are computed.</param>
    /// <param name="transcribe">Whether it finds words.</param>
    /// <param name="tools">What decodes.</param>
    /// <param name="terminal">Told of fetches.</param>
    /// <param name="cancellation">Ends a fetch.</param>
    public static Task<Recognizer> OpenForSoundAsync(
        string? bundle, EncoderOptions encoders, bool transcribe, MediaTools tools, Terminal terminal, CancellationToken cancellation) =>
        RecognizerFactory.OpenAsync(
            new AffektOptions
            {
                BundleFolder = ShippedFiles.Bundle(bundle),
                Precision = encoders.Precision,
                Accelerator = encoders.Accelerator,
                ReadPictures = false,
                Transcribe = transcribe,
            },
            terminal.Progress, tools, cancellation);

    public static void UseThreads(int? threads)
    {
        // More than there are processors wait for each other; thousands bring the machine to a stand.
        TorchRuntime.Threads = Math.Min(threads ?? int.MaxValue, Environment.ProcessorCount);
        EngineOptions.Default = EngineOptions.Default with { Threads = threads ?? 0 };
    }
}
