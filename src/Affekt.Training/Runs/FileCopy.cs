using Affekt.Models.Bundles;

namespace Affekt.Training;

/// <summary>Copies files of models so that a crash leaves the old one whole.</summary>
internal static class FileCopy
{
    private const string TextFolder = "text-encoder";
    private const string AudioFolder = "audio-encoder";

    /// <summary>Replaces a file by a copy of another one.</summary>
    public static void Whole(string from, string to) => AtomicFile.Write(to, stream =>
    {
        using FileStream source = File.OpenRead(from);
        source.CopyTo(stream);
    });

    /// <summary>
    /// Copies encoders that lie in folders of their own into a bundle's folder, so that the bundle can be carried elsewhere. One on the
    /// hub is known by its name everywhere.
    /// </summary>
    /// <param name="config">The bundle's configuration; relative folders are relative to <paramref name="source"/>.</param>
    /// <param name="source">What relative folders are relative to.</param>
    /// <param name="target">The bundle's folder.</param>
    /// <returns>The configuration with the copies' places.</returns>
    public static BundleConfig Encoders(BundleConfig config, string source, string target)
    {
        if (config.TextEncoder.Folder is { } text)
            config = config with { TextEncoder = config.TextEncoder with { Folder = Copy(text, TextFolder, BundleEncoders.TextFiles) } };
        if (config.AudioEncoder.Folder is { } audio)
            config = config with { AudioEncoder = config.AudioEncoder with { Folder = Copy(audio, AudioFolder, BundleEncoders.AudioFiles) } };
        return config;

        string Copy(string folder, string name, Func<string, IReadOnlyList<string>> files)
        {
            string from = Path.GetFullPath(folder, Path.GetFullPath(source)), to = Path.Combine(target, name);
            Directory.CreateDirectory(to);
            foreach (string file in files(from))
                Whole(Path.Combine(from, file), Path.Combine(to, file));
            return name;
        }
    }
}
