using System.CommandLine;
using Affekt.Cli.Features;
using Affekt.Cli.Recognitions;
using Affekt.Media;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;

namespace Affekt.Cli.Commands;

/// <summary>affekt features: what an encoder makes of its inputs, as tensors in a file.</summary>
internal static class FeaturesCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> inputs = new("INPUT")
        {
            Description = "Sound or video files for an audio encoder; pictures, used whole, for an image encoder.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> texts = new("--texts")
        {
            Description = "JSONL for an encoder that reads: a string, or {\"id\", \"text\"}, on each line.",
            HelpName = "FILE",
        };
        Option<string> encoder = new("--encoder")
        {
            Required = true,
            Description = "The encoder's or classifier's folder in Hugging Face's layout, or its repository on the hub.",
            HelpName = "DIR|OWNER/NAME",
        };
        Option<string> level = new("--level")
        {
            Description = "What to write: token ids, the network's input, the states after layer K, a weighted sum of the layers' states, a state for each token, one vector, or a classifier's outputs before or after softmax.",
            DefaultValueFactory = _ => FeatureLevel.Utterance,
            HelpName = FeatureLevel.All,
        };
        level.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !FeatureLevel.IsLevel(result.Tokens[0].Value))
                result.AddError($"--level: found {result.Tokens[0].Value}, expected {FeatureLevel.All}");
        });
        Option<string> target = new("--out") { Required = true, Description = "The safetensors file.", HelpName = "FILE" };
        Option<string> device = CommonOptions.Device("Where the encoder runs.");
        Option<string> precision = CommonOptions.Precision();
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("features", "Writes what an encoder makes of files or texts, a tensor for each.")
        {
            inputs, texts, encoder, level, target, device, precision, threads,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(texts) is null == result.GetValue(inputs) is not { Length: > 0 })
                result.AddError("give either INPUT or --texts");
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            new Request(
                parsed.GetValue(inputs) ?? [], parsed.GetValue(texts), parsed.GetRequiredValue(encoder),
                parsed.GetRequiredValue(level), parsed.GetRequiredValue(device), parsed.GetRequiredValue(precision), parsed.GetValue(threads),
                parsed.GetRequiredValue(target)),
            terminal,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Request request, Terminal terminal, CancellationToken cancellation)
    {
        Device device = CommonOptions.DeviceOf(request.Device);
        IReadOnlyList<FeatureInput> inputs = request.Texts is { } file
            ? FeatureInputs.Texts(file)
            : FeatureInputs.Media(request.Inputs);
        Writable.CheckFile("--out", request.Target, [.. request.Inputs, request.Texts]);
        CommonOptions.UseThreads(request.Threads);
        string folder = await PublishedFolders.FindAsync(request.Encoder, terminal, cancellation);
        using IFeatureEncoder encoder = FeatureEncoders.Open(
            folder, request.Level, CommonOptions.ChoosePrecision(request.Precision, terminal, device), device);
        string kind = FeatureLevel.StateOf(request.Level) is not null ? FeatureLevel.State + "0"
            : FeatureLevel.MixOf(request.Level) is not null ? FeatureLevel.Mix : request.Level;
        if (!encoder.Levels.Contains(kind))
            throw Unusable($"found --level {request.Level}, expected {string.Join(" or ", encoder.Levels)}");
        if (!inputs.All(encoder.CanRead))
            throw Unusable($"found {inputs.First(input => !encoder.CanRead(input)).Name}, expected {encoder.Reads}");

        if (encoder.Unused.Count > 0)
            terminal.Errors.WriteLine($"note: the encoder has no place for these stored tensors: {Listed(encoder.Unused)}");
        List<TensorToWrite> tensors = [];
        Exception? last = null;
        foreach (FeatureInput input in inputs)
        {
            try
            {
                tensors.Add(await encoder.EncodeAsync(input, request.Level, cancellation));
            }
            catch (Exception e) when (e is MediaException or CommandException && inputs.Count > 1)
            {
                last = e;
                terminal.Errors.WriteLine($"error: {e.Message}");
            }
        }

        if (last is not null && tensors.Count == 0)
            throw new CommandException($"none of {inputs.Count} inputs could be read", ExitCode.Unusable);
        SafetensorsWriter.Write(request.Target, tensors);
        terminal.Output.WriteLine(request.Target);
        return last is null ? ExitCode.Done : ExitCode.SomeFailed;

        CommandException Unusable(string what) => new($"{request.Encoder}: {what}", ExitCode.Unusable);
    }

    // A decoder has hundreds of tensors: of many only their places are told.
    private static string Listed(IReadOnlyList<string> names)
    {
        const int Most = 24;
        return names.Count <= Most
            ? string.Join(", ", names)
            : string.Join(", ", names.GroupBy(name => name.Split('.')[0]).Select(group => $"{group.Key} ({group.Count()})"));
    }

    private sealed record Request(
        string[] Inputs, string? Texts, string Encoder, string Level, string Device, string Precision, int? Threads, string Target);
}
