using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Affekt.Corpora;
using Affekt.Training.Recipes;

namespace Affekt.Training.Fusion;

/// <summary>Names what branches' answers were computed from, so that kept ones are not taken for those of other data.</summary>
internal static class CorpusKey
{
    /// <summary>
    /// The name of a bundle's bytes, the recipe's pairing, and each corpus's utterances: their labels, words, speakers, splits and
    /// times, and of each media file its length and the moment it was last written.
    /// </summary>
    public static string Of(FusionRecipe recipe, string bundleHash, IEnumerable<Corpus> corpora)
    {
        using IncrementalHash all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add($"{bundleHash}\n{recipe.PairSeed}\n{recipe.Mismatch}\n");
        Dictionary<string, string> files = [];
        if (recipe.Votes is { } votes)
        {
            Add($"{File(recipe.Resolve(votes))}\n{(recipe.Ferplus is { } seen ? File(recipe.Resolve(seen)) : "")}\n{string.Join(' ', recipe.Voices)}\n{string.Join(' ', recipe.Faces)}\n{recipe.Draws}\n");
            Add($"{recipe.MeantVoices}\n{recipe.PlainWords}\n{recipe.OtherWords}\n{string.Join('\n', recipe.PlainTexts)}\n");
        }

        foreach (Corpus corpus in corpora)
        {
            Add($"{corpus.Name}\n");
            foreach (Utterance one in corpus.Utterances)
            {
                // Labels as numbers of emotions, as the keys of answers that are kept have them.
                Add($"{one.Id}\t{one.Dialogue}\t{one.Index}\t{(Emotion?)one.Label}\t{one.Split}\t{one.Speaker}\t{one.StartMs}\t{one.EndMs}\t{one.DurationMs}\t{one.Text}\t{string.Join(' ', one.Dimensions.Select(value => value?.ToString(CultureInfo.InvariantCulture)))}");
                Add($"{(one.Media is { } media ? File(media) : "")}\n");
            }
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());

        void Add(FormattableString text) => all.AppendData(Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture)));

        // Entries of an archive are named as if it were a folder: the archive stands for them.
        string File(string path)
        {
            if (files.TryGetValue(path, out string? known))
                return known;
            FileInfo file = new(path);
            string? folder = Path.GetDirectoryName(path);
            string state = file.Exists
                ? string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}")
                : folder is null || Directory.Exists(folder) ? "" : File(folder);
            return files[path] = state;
        }
    }
}
