using Affekt.Models;
using Affekt.Models.Bundles;

namespace Affekt.Training.AudioText;

/// <summary>Takes the bundle out of an audio-text run: the best seed's files, and a card that says what they are.</summary>
public static class BundlePacker
{
    private const string CardFile = "card.md";

    /// <summary>Copies the bundle of a run's best seed, or of one seed's folder, and writes its card.</summary>
    /// <param name="run">A run's folder with several seeds, or one seed's folder.</param>
    /// <param name="target">The bundle's folder; files of the same names in it are replaced.</param>
    /// <param name="date">The day that the card states.</param>
    /// <exception cref="ModelException">The folder holds no bundle.</exception>
    public static void Pack(string run, string target, DateOnly date)
    {
        string best = Path.Combine(run, AudioTextRun.BestFile);
        string source = File.Exists(best) ? Path.Combine(run, File.ReadAllText(best).Trim()) : run;
        using Bundle bundle = Bundle.Open(source, EncoderLocations.None);
        Directory.CreateDirectory(target);
        foreach (string name in bundle.FileNames)
            FileCopy.Whole(Path.Combine(source, name), Path.Combine(target, name));

        // Encoders that a bundle names by a path of this machine go along.
        if (Path.IsPathRooted(bundle.Config.TextEncoder.Folder ?? "") || Path.IsPathRooted(bundle.Config.AudioEncoder.Folder ?? ""))
            File.WriteAllText(Path.Combine(target, BundleConfig.FileName), FileCopy.Encoders(bundle.Config, source, target).ToJson());

        File.WriteAllText(Path.Combine(target, CardFile), BundleCard.Write(bundle, source, date));
    }
}
