using System.Globalization;
using Affekt.Models.Bundles;
using Affekt.Models.Fusion;
using Affekt.Models.Published;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>What affekt bundle show tells of published networks: of a bundle made of them, and of one alone.</summary>
internal static class PublishedShow
{
    /// <summary>A published network alone.</summary>
    public static int Classifier(string folder, Terminal terminal)
    {
        PublishedConfig config = PublishedConfig.Load(folder);
        terminal.Output.WriteLine($"{config.Architecture ?? "no class stated"} ({config.Family})");
        terminal.Output.WriteLine($"reads {Input(config)}; scores are {config.Scores switch
        {
            PublishedScores.EachByItself => "sigmoids, each label by itself",
            PublishedScores.Measures => "measures, as they are",
            _ => "softmax over all labels",
        }}");
        terminal.Output.WriteLine($"files: {string.Join(", ", PublishedHub.FilesOf(folder))}");
        terminal.Output.WriteLine($"license: {PublishedHub.License(folder) ?? "not stated"}");
        Table labels = new Table().NoBorder().AddColumns("label", "emotion");
        foreach (string label in config.Labels)
            labels.AddRow(new Text(label), new Text(config.Scores == PublishedScores.Measures ? "" : LabelMap.Named(label)?.Label() ?? "left out"));
        terminal.Draw(labels);
        return ExitCode.Done;
    }

    /// <summary>A bundle of published classifiers, below its name and hash.</summary>
    public static int Experts(BundleConfig config, Terminal terminal)
    {
        ExpertsConfig experts = config.Fusion!.Experts!;
        BundleCalibration calibration = config.Calibration;
        foreach ((string name, PublishedClassifier part) in config.Published!.All)
        {
            (double weight, double temperature) = name switch
            {
                "text" => (experts.Text.Weight, calibration.Text),
                "audio" => (experts.Audio.Weight, calibration.Audio),
                _ => (experts.Video.Weight, calibration.Video),
            };
            bool isExpert = part != config.Published.Dimensions;
            string counted = isExpert ? string.Create(CultureInfo.InvariantCulture, $", weight {weight:0.###}, temperature {temperature:0.###}") : "";
            string found = part.Folder ?? $"{part.Repository}@{part.Revision ?? "newest"}";
            IEnumerable<string> labels = part.Labels.Select(pair => pair.Key == pair.Value ? pair.Key : $"{pair.Key} = {pair.Value}");
            terminal.Output.WriteLine($"{name}: {part.Source} in {found}, license {part.License ?? "not stated"}{counted}");
            terminal.Output.WriteLine($"  {(isExpert ? "labels" : "measures")}: {string.Join(", ", labels)}");
            if (part.LeftOut.Count > 0)
                terminal.Output.WriteLine($"  left out: {string.Join(", ", part.LeftOut)}");
        }

        terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"answers below {calibration.AbstainBelow:0.###} are withheld"));
        return ExitCode.Done;
    }

    private static string Input(PublishedConfig config) => config.Input switch
    {
        PublishedInput.Text => "text",
        PublishedInput.Sound => "sound",
        _ => "pictures",
    };
}
