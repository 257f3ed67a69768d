namespace Affekt.Training.Features;

/// <summary>A feature store's folder that cannot be read or written: where, what was found, what was expected.</summary>
public sealed class FeatureStoreException : Exception
{
    internal FeatureStoreException(string path, string found, string expected, Exception? cause = null)
        : base($"{path}: found {found}, expected {expected}", cause) => Path = path;

    /// <summary>The file or folder.</summary>
    public string Path { get; }
}
