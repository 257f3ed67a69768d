namespace Affekt.Corpora.Published;

/// <summary>Reads the names that published tables and files give to splits.</summary>
internal static class PublishedSplits
{
    /// <summary>The split; null where the name is none's.</summary>
    public static Split? Parse(string name) => name.Trim().ToLowerInvariant() switch
    {
        "train" or "training" or "trn" or "0" => Split.Train,
        "dev" or "valid" or "val" or "validation" or "1" => Split.Dev,
        "test" or "testing" or "tst" or "2" => Split.Test,
        _ => null,
    };

    /// <summary>The split that a word of a file's name gives; null where none does.</summary>
    public static Split? OfFile(string path) => Path.GetFileNameWithoutExtension(path).ToLowerInvariant().Split('_', '-', '.', ' ')
        .Where(word => word.Length > 1).Select(Parse).FirstOrDefault(split => split is not null);
}
