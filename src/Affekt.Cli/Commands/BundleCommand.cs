using System.CommandLine;
using System.Globalization;
using Affekt.Models;
using Affekt.Models.Bundles;
using Affekt.Models.Published;
using Affekt.Training.AudioText;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>affekt bundle: what bundles there are, and what is in one.</summary>
internal static class BundleCommand
{
    private const string Card = "card.md";

    public static Command Create(Terminal terminal)
    {
        Argument<string?> folder = new("DIR")
        {
            Description = "The bundle's folder; default: bundles/starter.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Command show = new("show", "Shows what is in a bundle, or in a published network's folder.") { folder };
        show.SetAction(parsed => Show(ShippedFiles.Bundle(parsed.GetValue(folder)), terminal));
        Command list = new("list", "Lists the bundles that come with the program.");
        list.SetAction(_ => List(terminal));
        Argument<string> run = new("RUN") { Description = "The folder of an audio-text or fusion run." };
        Option<string> target = new("--out") { Required = true, Description = "The bundle's folder.", HelpName = "DIR" };
        Command pack = new("pack", "Takes the bundle of a run's best seed, with a card.") { run, target };
        pack.SetAction(parsed =>
        {
            BundlePacker.Pack(parsed.GetRequiredValue(run), parsed.GetRequiredValue(target), DateOnly.FromDateTime(DateTime.UtcNow));
            terminal.Output.WriteLine(parsed.GetRequiredValue(target));
            return ExitCode.Done;
        });
        return new Command("bundle", "Lists, shows, makes, packs, exports and downloads bundles: folders with all that recognition needs.")
        {
            show, list, pack, BundleMakeCommand.Create(terminal), BundleExportCommand.Create(terminal), BundlePullCommand.Create(terminal),
        };
    }

    private static int Show(string folder, Terminal terminal)
    {
        if (PublishedConfig.IsPublished(folder))
            return PublishedShow.Classifier(folder, terminal);
        using Bundle bundle = Bundle.Open(folder, EncoderLocations.None);
        BundleConfig config = bundle.Config;
        terminal.Say($"{config.Name} {config.Version}");
        terminal.Say($"sha256 {bundle.Hash}");
        if (config.Published is not null)
            return PublishedShow.Experts(config, terminal);
        Table parts = new Table().NoBorder().AddColumns("part", "what", "parameters", "weights");
        parts.Columns[2].Alignment = Justify.Right;
        long trained = bundle.AudioText.ParameterCount;
        AddPart(parts, "text encoder", config.TextEncoder.Folder ?? config.TextEncoder.Repository!, bundle.TextEncoder.Network.ParameterCount, "in the bundle");
        AddPart(parts, "audio encoder", config.AudioEncoder.Kind, null, "fetched, frozen");
        AddPart(parts, "audio-text branch", config.AudioText.Weights, bundle.AudioText.ParameterCount, "in the bundle, trained");
        if (config is { VideoEncoder: { } frames, Video: { } video })
        {
            long ofEncoder = BundleEncoders.VideoFiles(folder, frames)
                .Where(name => frames.Kind != VideoEncoderPart.Vit || name.EndsWith(".safetensors", StringComparison.Ordinal))
                .Sum(name => Parameters.Count(Path.Combine(folder, name)));
            AddPart(parts, "video encoder", $"{frames.Kind}, {frames.Weights}", ofEncoder, frames.Trained ? "in the bundle, trained" : "in the bundle");
            AddPart(parts, "video branch", video.Weights, bundle.Video!.ParameterCount, "in the bundle, trained");
            trained += bundle.Video.ParameterCount + (frames.Trained ? ofEncoder : 0);
        }

        terminal.Draw(parts);
        terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{trained:N0} parameters trained"));
        WriteLayers("text", config.TextEncoder.LayerWeights);
        WriteLayers("audio", config.AudioEncoder.LayerWeights);
        BundleCalibration calibration = config.Calibration;
        terminal.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"temperatures: text {calibration.Text:0.###}, audio {calibration.Audio:0.###}, both {calibration.AudioText:0.###}"));
        if (config.Video is not null)
        {
            terminal.Say(string.Create(
                CultureInfo.InvariantCulture, $"temperatures: video {calibration.Video:0.###}, fused {calibration.Fused:0.###}"));
            terminal.Say($"fusion: {bundle.Fusion.Config}");
        }

        terminal.Say(string.Create(
            CultureInfo.InvariantCulture, $"answers below {calibration.AbstainBelow:0.###} are withheld"));
        if (LicenseNote(folder) is { } note)
            terminal.Say(note);
        return ExitCode.Done;

        void WriteLayers(string encoder, IReadOnlyList<double>? weights)
        {
            if (weights is not null)
                terminal.Output.WriteLine($"layers of the {encoder} encoder, from what enters the first: {string.Join(' ', weights.Select(weight => weight.ToString("0.###", CultureInfo.InvariantCulture)))}");
        }
    }

    private static void AddPart(Table table, string part, string what, long? parameters, string weights) => Terminal.AddRow(
        table, part, what, parameters?.ToString("N0", CultureInfo.InvariantCulture) ?? "", weights);

    private static string? LicenseNote(string folder)
    {
        string card = Path.Combine(folder, Card);
        return File.Exists(card)
            ? File.ReadLines(card).FirstOrDefault(line =>
                !line.StartsWith('#') && line.Contains("licen", StringComparison.OrdinalIgnoreCase))
            : null;
    }

    private static int List(Terminal terminal)
    {
        Table table = new Table().NoBorder().AddColumns("bundle", "version", "folder");
        int exitCode = ExitCode.Done;
        foreach (string folder in ShippedFiles.AllBundles())
        {
            try
            {
                BundleConfig config = BundleConfig.Load(Path.Combine(folder, BundleConfig.FileName));
                Terminal.AddRow(table, config.Name, config.Version, Path.GetRelativePath(".", folder));
            }
            catch (ModelException exception)
            {
                terminal.Errors.WriteLine($"error: {exception.Message}");
                exitCode = ExitCode.SomeFailed;
            }
        }

        if (table.Rows.Count > 0)
            terminal.Draw(table);
        else
            terminal.Errors.WriteLine("no bundle comes with this program");
        return exitCode;
    }
}
