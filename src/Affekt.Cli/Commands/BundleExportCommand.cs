using System.CommandLine;
using Affekt.Models.Bundles;

namespace Affekt.Cli.Commands;

/// <summary>affekt bundle export: a bundle's networks as plain ONNX files.</summary>
internal static class BundleExportCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> bundle = new("BUNDLE") { Description = "The bundle's folder." };
        Option<string> target = new("--onnx")
        {
            Required = true,
            Description = "The folder to write to; it must be empty or not exist.",
            HelpName = "DIR",
        };
        Command command = new("export", "Writes a bundle's networks as plain ONNX, with a readme of inputs, outputs and probabilities.") { bundle, target };
        command.SetAction(async (parsed, cancellation) =>
        {
            Progress<string> progress = new(terminal.Errors.WriteLine);
            await BundleExport.WriteAsync(parsed.GetRequiredValue(bundle), parsed.GetRequiredValue(target), progress, cancellation);
            terminal.Output.WriteLine(parsed.GetRequiredValue(target));
            return ExitCode.Done;
        });
        return command;
    }
}
