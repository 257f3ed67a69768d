using System.CommandLine;
using Affekt.Cli.Features;
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
            Description = "Sound or video files, for an encoder that hears.",
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
            Description = "The encoder's folder in Hugging Face's layout.",
            HelpName = "DIR",
        };
        Option<string> level = new("--level")
        {
            Description = "What to write: token ids, states by token, one vector, or scores over symbols.",
            DefaultValueFactory = _ => FeatureLevel.Utterance,
        };
        level.AcceptOnlyFromAmong(FeatureLevel.Ids, FeatureLevel.Token, FeatureLevel.Utterance, FeatureLevel.Logits);
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
        CommonOptions.UseThreads(request.Threads);
        using IFeatureEncoder encoder = FeatureEncoders.Open(
            request.Encoder, CommonOptions.ChoosePrecision(request.Precision, terminal, device), device);
        if (!encoder.Levels.Contains(request.Level))
            throw Unusable($"found --level {request.Level}, expected {string.Join(" or ", encoder.Levels)}");
        if (!inputs.All(encoder.CanRead))
            throw Unusable($"found {inputs.First(input => !encoder.CanRead(input)).Name}, expected {encoder.Reads}");

        if (encoder.Unused.Count > 0)
            terminal.Errors.WriteLine($"note: the encoder has no place for these stored tensors: {string.Join(", ", encoder.Unused)}");
        List<TensorToWrite> tensors = [];
        foreach (FeatureInput input in inputs)
            tensors.Add(await encoder.EncodeAsync(input, request.Level, cancellation));
        SafetensorsWriter.Write(request.Target, tensors);
        terminal.Output.WriteLine(request.Target);
        return ExitCode.Done;

        CommandException Unusable(string what) => new($"{request.Encoder}: {what}", ExitCode.Unusable);
    }

    private sealed record Request(
        string[] Inputs, string? Texts, string Encoder, string Level, string Device, string Precision, int? Threads, string Target);
}
