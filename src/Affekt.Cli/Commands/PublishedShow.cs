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
        terminal.Say($"{config.Architecture ?? "no class stated"} ({config.Family})");
        terminal.Say($"reads {Input(config)}; scores are {config.Scores switch
        {
            PublishedScores.EachByItself => "sigmoids, each label by itself",
            PublishedScores.Measures => "measures, as they are",
            _ => "softmax over all labels",
        }}");
        terminal.Say($"files: {string.Join(", ", PublishedHub.FilesOf(folder))}");
        terminal.Say($"license: {PublishedHub.License(folder) ?? "not stated"}");
        Table labels = new Table().NoBorder().AddColumns("label", "emotion");
        foreach (string label in config.Labels)
            Terminal.AddRow(labels, label, config.Scores == PublishedScores.Measures ? "" : LabelMap.Named(label)?.Label() ?? "left out");
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
            terminal.Say($"{name}: {part.Source} in {found}, license {part.License ?? "not stated"}{counted}");
            terminal.Say($"  {(isExpert ? "labels" : "measures")}: {string.Join(", ", labels)}");
            if (part.LeftOut.Count > 0)
                terminal.Say($"  left out: {string.Join(", ", part.LeftOut)}");
        }

        terminal.Say(string.Create(CultureInfo.InvariantCulture, $"answers below {calibration.AbstainBelow:0.###} are withheld"));
        return ExitCode.Done;
    }

    private static string Input(PublishedConfig config) => config.Input switch
    {
        PublishedInput.Text => "text",
        PublishedInput.Sound => "sound",
        _ => "pictures",
    };
}
