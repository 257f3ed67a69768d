using Affekt.Models.Bundles;
using Affekt.Networks;
using Affekt.Training.Recipes;

namespace Affekt.Training.AudioText;

/// <summary>Writes what an audio-text run has trained as a bundle into the run's folder.</summary>
internal static class BundleWriter
{
    private const string TextFolder = "text-encoder";
    private const string BranchFile = "audio-text.safetensors";

    public static void Write(
        RunFolder run, AudioTextRecipe recipe, AudioTextData data, TrainedTextEncoder encoder, AudioTextBranch branch)
    {
        string source = recipe.Resolve(recipe.TextEncoder);
        string folder = run.Folder(TextFolder);
        NetworkState.Save(encoder.Network, Path.Combine(folder, "model.safetensors"), matricesAsInt8: true);
        foreach (string file in (string[])["config.json", "vocab.txt"])
            File.Copy(Path.Combine(source, file), Path.Combine(folder, file), overwrite: true);
        NetworkState.Save(branch, run.File(BranchFile), halfPrecision: true);
        run.WriteAtomically(BundleConfig.FileName, new BundleConfig
        {
            Name = recipe.Name,
            Version = recipe.Version,
            TextEncoder = new TextEncoderPart { Folder = TextFolder, MaxTokens = recipe.MaxTokens },
            AudioEncoder = AudioEncoderPart.Moonshine,
            AudioText = new AudioTextPart(BranchFile, branch.Config),
            Speakers = data.Vocabulary.Speakers,
            TrainingSpeakers = data.Speakers,
            Calibration = BundleCalibration.None,
        }.ToJson());
    }
}
